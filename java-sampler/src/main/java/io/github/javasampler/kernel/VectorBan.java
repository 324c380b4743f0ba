package io.github.javasampler.kernel;

import static io.github.javasampler.kernel.Kernels.BLOCK;
import static io.github.javasampler.kernel.Vectors.INTS;
import static io.github.javasampler.kernel.Vectors.LANES;
import static io.github.javasampler.kernel.Vectors.ORDER;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Copies a row without what is not allowed.
///
/// By whole numbers: the bits of a word become lanes by one bit to a lane, which is sooner than `VectorMask.fromLong`.
/// And by blocks on the heap, copied at once: between stores into a segment C2 looks whether it is still alive.
final class VectorBan {
    private static final int[] LANE_BITS = laneBits();

    private VectorBan() {}

    private static int[] laneBits() {
        int[] bits = new int[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            bits[lane] = 1 << lane;
        }
        return bits;
    }

    static void mask(MemorySegment row, long offsetBytes, int n, long[] allowed, float[] block, MemorySegment masked) {
        for (int from = 0; from < n; from += BLOCK) {
            int count = Math.min(n - from, BLOCK);
            maskBlock(row, offsetBytes, from, count, allowed, block);
            MemorySegment.copy(block, 0, masked, Kernels.FLOAT, (long) from << 2, count);
        }
    }

    private static void maskBlock(MemorySegment row, long offsetBytes, int from, int count, long[] allowed,
            float[] block) {
        IntVector laneBits = IntVector.fromArray(INTS, LANE_BITS, 0);
        IntVector banned = IntVector.broadcast(INTS, Float.floatToRawIntBits(Float.NEGATIVE_INFINITY));
        int end = count - count % LANES;
        for (int i = 0; i < end; i += LANES) {
            int id = from + i;
            VectorMask<Integer> isAllowed = laneBits.and((int) (allowed[id >> 6] >>> id))
                    .compare(VectorOperators.NE, 0);
            banned.blend(IntVector.fromMemorySegment(INTS, row, offsetBytes + ((long) id << 2), ORDER), isAllowed)
                    .reinterpretAsFloats().intoArray(block, i);
        }
        for (int i = end; i < count; i++) {
            int id = from + i;
            boolean isAllowed = (allowed[id >> 6] >>> id & 1) != 0;
            block[i] = isAllowed ? Kernels.logit(row, offsetBytes, id) : Float.NEGATIVE_INFINITY;
        }
    }
}
