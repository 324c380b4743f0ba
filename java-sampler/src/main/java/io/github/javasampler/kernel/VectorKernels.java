package io.github.javasampler.kernel;

import static io.github.javasampler.kernel.Weights.C2;
import static io.github.javasampler.kernel.Weights.C3;
import static io.github.javasampler.kernel.Weights.C4;
import static io.github.javasampler.kernel.Weights.C5;
import static io.github.javasampler.kernel.Weights.C6;
import static io.github.javasampler.kernel.Weights.LN2_HIGH;
import static io.github.javasampler.kernel.Weights.LN2_LOW;
import static io.github.javasampler.kernel.Weights.LOG2_E;
import static io.github.javasampler.kernel.Weights.LOWEST;
import static io.github.javasampler.kernel.Weights.MANTISSA_BITS;
import static io.github.javasampler.kernel.Weights.ROUND_TO_INT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The kernels by the Vector API, at the width the CPU prefers. Only [KernelProvider] may touch this class: it does not
/// link without the module `jdk.incubator.vector`.
///
/// Maxima go by compare and blend: `FloatVector.max` keeps Java's rules for NaN and -0 and takes twice as long. Loops
/// hold one exponential each: unrolled by hand, C2 gives up inlining and boxes every vector.
final class VectorKernels implements Kernels {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);
    private static final int LANES = SPECIES.length();
    private static final int STRIP = GROUP * LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    // A weight is split into a high part, a multiple of 2^-17, and the rest in multiples of 2^-35. Adding 1.5 * 2^k
    // leaves the multiple in the low bits of the float, so whole numbers are summed without any conversion.
    private static final float HIGH_SHIFT = 0x1.8p6f;
    private static final float LOW_SHIFT = 0x1.8p-12f;
    private static final int HIGH_BIAS = Float.floatToRawIntBits(HIGH_SHIFT);
    private static final int LOW_BIAS = Float.floatToRawIntBits(LOW_SHIFT);
    private static final int HIGH_UNIT_BITS = 18;

    @Override
    public String describe() {
        return "vector kernels: " + SPECIES.vectorBitSize() + " bits";
    }

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public float scan(MemorySegment row, long offsetBytes, int n, float[] maxima) {
        int strips = n / STRIP;
        FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        VectorMask<Float> suspect = SPECIES.maskAll(false);
        for (int s = 0; s < strips; s++) {
            long at = offsetBytes + ((long) s * STRIP << 2);
            FloatVector stripMax = load(row, at);
            FloatVector sum = stripMax;
            for (int v = 1; v < GROUP; v++) {
                FloatVector x = load(row, at + ((long) v * LANES << 2));
                stripMax = stripMax.blend(x, x.compare(VectorOperators.GT, stripMax));
                sum = sum.add(x);
            }
            // NaN and +inf make the sum NaN or +inf: one compare for eight vectors. Huge logits can too, so it is only
            // a suspicion.
            suspect = suspect.or(sum.compare(VectorOperators.LT, Float.POSITIVE_INFINITY).not());
            stripMax.intoArray(maxima, s * LANES);
            max = max.blend(stripMax, stripMax.compare(VectorOperators.GT, max));
        }
        if (suspect.anyTrue()) {
            return ScalarKernels.maxOf(row, offsetBytes, 0, n);
        }
        float tailMax = ScalarKernels.maxOf(row, offsetBytes, strips * STRIP, n);
        return Math.max(max.reduceLanes(VectorOperators.MAX), tailMax);
    }

    @Override
    public int collect(MemorySegment row, long offsetBytes, int n, float[] maxima, float threshold,
            float temperature, long[] keys) {
        int strips = n / STRIP;
        int found = 0;
        for (int s = 0; s < strips; s++) {
            FloatVector stripMax = FloatVector.fromArray(SPECIES, maxima, s * LANES);
            if (stripMax.compare(VectorOperators.GE, threshold).anyTrue()) {
                found = ScalarKernels.collectRange(row, offsetBytes, s * STRIP, (s + 1) * STRIP, threshold,
                        temperature, keys, found);
            }
        }
        return ScalarKernels.collectRange(row, offsetBytes, strips * STRIP, n, threshold, temperature, keys, found);
    }

    @Override
    public long weigh(MemorySegment row, long offsetBytes, int n, float temperature, float max, long[] blocks) {
        long total = 0;
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            int end = Math.min((b + 1) * BLOCK, n);
            int vectorEnd = end - (end - b * BLOCK) % LANES;
            blocks[b] = weighVectors(row, offsetBytes, b * BLOCK, vectorEnd, temperature, max)
                    + ScalarKernels.weighRange(row, offsetBytes, vectorEnd, end, temperature, max);
            total += blocks[b];
        }
        return total;
    }

    private static long weighVectors(MemorySegment row, long offsetBytes, int from, int to, float temperature,
            float max) {
        IntVector high = IntVector.zero(INTS);
        IntVector low = high;
        for (int i = from; i < to; i += LANES) {
            FloatVector x = load(row, offsetBytes + ((long) i << 2));
            FloatVector weight = exp(x.div(temperature).sub(max));
            FloatVector shifted = weight.add(HIGH_SHIFT);
            FloatVector rest = weight.sub(shifted.sub(HIGH_SHIFT));
            high = high.add(shifted.reinterpretAsInts());
            low = low.add(rest.add(LOW_SHIFT).reinterpretAsInts());
        }
        // The lanes wrap round; taking all biases off again leaves the true sums, which fit: a block is that small.
        int count = to - from;
        int highUnits = high.reduceLanes(VectorOperators.ADD) - count * HIGH_BIAS;
        int lowUnits = low.reduceLanes(VectorOperators.ADD) - count * LOW_BIAS;
        return ((long) highUnits << HIGH_UNIT_BITS) + lowUnits;
    }

    /// [Weights#exp], operation by operation.
    private static FloatVector exp(FloatVector d) {
        FloatVector lowest = FloatVector.broadcast(SPECIES, LOWEST);
        FloatVector x = lowest.blend(d, d.compare(VectorOperators.GT, LOWEST));
        x = FloatVector.zero(SPECIES).blend(x, x.compare(VectorOperators.LT, 0f));
        FloatVector shift = FloatVector.broadcast(SPECIES, ROUND_TO_INT);
        FloatVector shifted = x.fma(FloatVector.broadcast(SPECIES, LOG2_E), shift);
        FloatVector n = shifted.sub(shift);
        FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -LN2_LOW),
                n.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), x));
        FloatVector q = FloatVector.broadcast(SPECIES, C6)
                .fma(r, FloatVector.broadcast(SPECIES, C5))
                .fma(r, FloatVector.broadcast(SPECIES, C4))
                .fma(r, FloatVector.broadcast(SPECIES, C3))
                .fma(r, FloatVector.broadcast(SPECIES, C2));
        FloatVector p = q.fma(r.mul(r), r).add(1f);
        return p.reinterpretAsInts().add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS))
                .reinterpretAsFloats();
    }

    private static FloatVector load(MemorySegment row, long atBytes) {
        return FloatVector.fromMemorySegment(SPECIES, row, atBytes, ORDER);
    }
}
