package io.github.javasampler.kernel;

import static io.github.javasampler.kernel.Vectors.INTS;
import static io.github.javasampler.kernel.Vectors.LANES;
import static io.github.javasampler.kernel.Vectors.ORDER;
import static io.github.javasampler.kernel.Vectors.SPECIES;
import static io.github.javasampler.kernel.Vectors.VECTOR_BYTES;
import static io.github.javasampler.kernel.Vectors.load;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Copies a row without what is not allowed.
///
/// Bits become lanes by whole numbers, one bit to a lane: `VectorMask.fromLong` needs more of a CPU.
final class VectorBan {
    private static final IntVector LANE_BITS = laneBits();

    private VectorBan() {}

    private static IntVector laneBits() {
        int[] bits = new int[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            bits[lane] = 1 << lane;
        }
        return IntVector.fromArray(INTS, bits, 0);
    }

    static void mask(MemorySegment row, long offsetBytes, int n, long[] allowed, MemorySegment masked) {
        int end = n - n % Long.SIZE;
        for (int id = 0; id < end; id += Long.SIZE) {
            long word = allowed[id >> 6];
            long at = (long) id << 2;
            for (int v = 0; v < Long.SIZE / LANES; v++) {
                VectorMask<Float> banned = IntVector.broadcast(INTS, (int) (word >>> v * LANES)).and(LANE_BITS)
                        .compare(VectorOperators.EQ, 0).cast(SPECIES);
                load(row, offsetBytes + at + v * VECTOR_BYTES).blend(Float.NEGATIVE_INFINITY, banned)
                        .intoMemorySegment(masked, at + v * VECTOR_BYTES, ORDER);
            }
        }
        ScalarKernels.maskRange(row, offsetBytes, end, n, allowed, masked);
    }
}
