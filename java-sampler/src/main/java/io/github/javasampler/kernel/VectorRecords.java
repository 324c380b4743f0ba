package io.github.javasampler.kernel;

import static io.github.javasampler.kernel.Kernels.RECORD_BYTES;
import static io.github.javasampler.kernel.Vectors.INTS;
import static io.github.javasampler.kernel.Vectors.LANES;
import static io.github.javasampler.kernel.Vectors.VECTOR_BYTES;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/// Takes records of three numbers apart: as many records as a vector has lanes are three vectors. The logit of record
/// `r` is number `3 r + 1` of them. No lane of the three has the same place as another logit's, so one shuffle puts
/// those of each vector where they belong, and two blends put them together. Ids are not moved: each is compared where
/// it lies.
final class VectorRecords {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorShuffle<Integer> LOGITS = VectorShuffle.fromOp(INTS, r -> (3 * r + 1) % LANES);
    private static final VectorMask<Integer> FROM_SECOND = logitsFrom(1);
    private static final VectorMask<Integer> FROM_THIRD = logitsFrom(2);
    private static final IntVector FIRST_IDS = ids(0);
    private static final IntVector SECOND_IDS = ids(1);
    private static final IntVector THIRD_IDS = ids(2);
    private static final VectorMask<Integer> IN_FIRST = idsIn(0);
    private static final VectorMask<Integer> IN_SECOND = idsIn(1);
    private static final VectorMask<Integer> IN_THIRD = idsIn(2);

    private VectorRecords() {}

    static boolean takeLogits(MemorySegment records, long offsetBytes, int n, float[] logits) {
        IntVector base = IntVector.zero(INTS);
        IntVector first = base;
        IntVector second = base;
        IntVector third = base;
        int whole = INTS.loopBound(n);
        for (int i = 0; i < whole; i += LANES) {
            long at = offsetBytes + (long) i * RECORD_BYTES;
            IntVector a = load(records, at);
            IntVector b = load(records, at + VECTOR_BYTES);
            IntVector c = load(records, at + 2 * VECTOR_BYTES);
            a.rearrange(LOGITS).blend(b.rearrange(LOGITS), FROM_SECOND).blend(c.rearrange(LOGITS), FROM_THIRD)
                    .reinterpretAsFloats().intoArray(logits, i);
            first = first.or(a.sub(base).lanewise(VectorOperators.XOR, FIRST_IDS));
            second = second.or(b.sub(base).lanewise(VectorOperators.XOR, SECOND_IDS));
            third = third.or(c.sub(base).lanewise(VectorOperators.XOR, THIRD_IDS));
            base = base.add(LANES);
        }
        boolean areInPlace = areZero(first, IN_FIRST) && areZero(second, IN_SECOND) && areZero(third, IN_THIRD);
        return ScalarKernels.takeLogits(records, offsetBytes, whole, n, logits) && areInPlace;
    }

    private static boolean areZero(IntVector differences, VectorMask<Integer> lanes) {
        return !differences.compare(VectorOperators.NE, 0).and(lanes).anyTrue();
    }

    private static IntVector load(MemorySegment records, long atBytes) {
        return IntVector.fromMemorySegment(INTS, records, atBytes, ORDER);
    }

    /// The lanes whose logit comes from one of the three vectors.
    private static VectorMask<Integer> logitsFrom(int vector) {
        boolean[] lanes = new boolean[LANES];
        for (int record = 0; record < LANES; record++) {
            lanes[record] = (3 * record + 1) / LANES == vector;
        }
        return VectorMask.fromArray(INTS, lanes, 0);
    }

    /// The lanes of one of the three vectors that hold ids.
    private static VectorMask<Integer> idsIn(int vector) {
        boolean[] lanes = new boolean[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            lanes[lane] = (vector * LANES + lane) % 3 == 0;
        }
        return VectorMask.fromArray(INTS, lanes, 0);
    }

    /// The ids that the first records of all must have, in those lanes.
    private static IntVector ids(int vector) {
        int[] lanes = new int[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            lanes[lane] = (vector * LANES + lane) / 3;
        }
        return IntVector.fromArray(INTS, lanes, 0);
    }
}
