package io.github.javasampler.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/// Rows of 262,144 logits, much like a language model's: Gaussian, with a few peaks. The same in every run.
final class MadeUpRows {
    static final int VOCABULARY_SIZE = 262_144;

    private MadeUpRows() {}

    /// Rows one after another, off the heap.
    static MemorySegment of(int count) {
        SplittableRandom random = new SplittableRandom(1);
        MemorySegment rows = Arena.ofAuto().allocate((long) count * VOCABULARY_SIZE * Float.BYTES, 64);
        for (long row = 0; row < count; row++) {
            for (int id = 0; id < VOCABULARY_SIZE; id++) {
                rows.setAtIndex(ValueLayout.JAVA_FLOAT, row * VOCABULARY_SIZE + id,
                        (float) random.nextGaussian(-2, 2.5));
            }
            for (int peak = 0; peak < 20; peak++) {
                rows.setAtIndex(ValueLayout.JAVA_FLOAT, row * VOCABULARY_SIZE + random.nextInt(VOCABULARY_SIZE),
                        8 + 8 * (float) random.nextDouble());
            }
        }
        return rows;
    }
}
