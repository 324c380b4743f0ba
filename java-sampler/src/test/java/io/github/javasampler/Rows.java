package io.github.javasampler;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;

/// Rows of logits for tests.
public final class Rows {
    private Rows() {}

    /// The logits, off the heap, at an address that is 4 bytes past a cache line: unaligned for every vector.
    public static MemorySegment offHeap(float... logits) {
        MemorySegment room = Arena.ofAuto().allocate(4L * logits.length + 4, 64);
        MemorySegment.copy(logits, 0, room, ValueLayout.JAVA_FLOAT_UNALIGNED, 4, logits.length);
        return room.asSlice(4).asReadOnly();
    }

    /// Gaussian logits with a few peaks, much like a language model's.
    public static float[] modelLike(RandomGenerator random, int n) {
        float[] logits = gaussian(random, n, 2.5f);
        for (int i = 0; i < Math.min(20, n / 4); i++) {
            logits[random.nextInt(n)] = 8 + 8 * random.nextFloat();
        }
        return logits;
    }

    /// Gaussian logits.
    public static float[] gaussian(RandomGenerator random, int n, float deviation) {
        float[] logits = new float[n];
        for (int i = 0; i < n; i++) {
            logits[i] = (float) random.nextGaussian(-2, deviation);
        }
        return logits;
    }

    /// Logits with many ties, some of them negative infinity.
    public static float[] tied(RandomGenerator random, int n) {
        float[] logits = new float[n];
        for (int i = 0; i < n; i++) {
            int level = random.nextInt(12);
            logits[i] = level == 0 ? Float.NEGATIVE_INFINITY : level / 2f;
        }
        logits[random.nextInt(n)] = 3f;
        return logits;
    }
}
