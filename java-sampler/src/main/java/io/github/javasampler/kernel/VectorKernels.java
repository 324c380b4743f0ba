package io.github.javasampler.kernel;

import static io.github.javasampler.kernel.Weights.C1;
import static io.github.javasampler.kernel.Weights.C2;
import static io.github.javasampler.kernel.Weights.C3;
import static io.github.javasampler.kernel.Weights.C4;
import static io.github.javasampler.kernel.Weights.C5;
import static io.github.javasampler.kernel.Weights.C6;
import static io.github.javasampler.kernel.Weights.LOWEST;
import static io.github.javasampler.kernel.Weights.MANTISSA_BITS;
import static io.github.javasampler.kernel.Weights.ROUND_TO_INT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The kernels by the Vector API, at the width the CPU prefers. Only [KernelProvider] may touch this class: it does not
/// link without the module `jdk.incubator.vector`.
///
/// Maxima go by compare and blend: `FloatVector.max` keeps Java's rules for NaN and -0 and takes twice as long. Loops
/// hold one power each: unrolled by hand, C2 gives up inlining and boxes every vector.
final class VectorKernels implements Kernels {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);
    private static final VectorSpecies<Double> DOUBLES = SPECIES.withLanes(double.class);
    private static final int LANES = SPECIES.length();
    private static final int STRIP = GROUP * LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int LOWEST_BITS = Float.floatToRawIntBits(LOWEST);

    // A weight is split into a high part, a multiple of 2^-19, and the rest in multiples of 2^-40. Adding 1.5 * 2^k
    // leaves the multiple in the low bits of the float, so whole numbers are summed without any conversion.
    private static final float HIGH_SHIFT = 0x1.8p4f;
    private static final float LOW_SHIFT = 0x1.8p-17f;
    private static final int HIGH_BIAS = Float.floatToRawIntBits(HIGH_SHIFT);
    private static final int LOW_BIAS = Float.floatToRawIntBits(LOW_SHIFT);
    private static final int HIGH_UNIT_BITS = 21;

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
    public int fold(float[] maxima, int count, float[] folded) {
        int groups = count / STRIP;
        for (int g = 0; g < groups; g++) {
            FloatVector max = FloatVector.fromArray(SPECIES, maxima, g * STRIP);
            for (int v = 1; v < GROUP; v++) {
                FloatVector x = FloatVector.fromArray(SPECIES, maxima, g * STRIP + v * LANES);
                max = max.blend(x, x.compare(VectorOperators.GT, max));
            }
            max.intoArray(folded, g * LANES);
        }
        return groups * LANES;
    }

    @Override
    public int collect(MemorySegment row, long offsetBytes, int n, float[] maxima, float threshold,
            float divisor, long[] keys) {
        int strips = n / STRIP;
        int found = 0;
        for (int s = 0; s < strips; s++) {
            FloatVector stripMax = FloatVector.fromArray(SPECIES, maxima, s * LANES);
            if (stripMax.compare(VectorOperators.GE, threshold).anyTrue()) {
                found = collectStrip(row, offsetBytes, s * STRIP, threshold, divisor, keys, found);
            }
        }
        return ScalarKernels.collectRange(row, offsetBytes, strips * STRIP, n, threshold, divisor, keys, found);
    }

    private static int collectStrip(MemorySegment row, long offsetBytes, int from, float threshold, float divisor,
            long[] keys, int found) {
        int count = found;
        for (int first = from; first < from + STRIP; first += LANES) {
            FloatVector x = load(row, offsetBytes + ((long) first << 2));
            long hits = x.compare(VectorOperators.GE, threshold).toLong();
            for (; hits != 0; hits &= hits - 1) {
                int id = first + Long.numberOfTrailingZeros(hits);
                if (count < keys.length) {
                    keys[count] = Keys.of(Kernels.logit(row, offsetBytes, id) / divisor, id);
                }
                count++;
            }
        }
        return count;
    }

    @Override
    public long weigh(MemorySegment row, long offsetBytes, int n, float best, float factor, long[] blocks) {
        long total = 0;
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            int end = Math.min((b + 1) * BLOCK, n);
            int vectorEnd = end - (end - b * BLOCK) % LANES;
            blocks[b] = weighVectors(row, offsetBytes, b * BLOCK, vectorEnd, best, factor)
                    + ScalarKernels.weighRange(row, offsetBytes, vectorEnd, end, best, factor);
            total += blocks[b];
        }
        return total;
    }

    private static long weighVectors(MemorySegment row, long offsetBytes, int from, int to, float best,
            float factor) {
        FloatVector factors = FloatVector.broadcast(SPECIES, factor);
        FloatVector bests = FloatVector.broadcast(SPECIES, best);
        IntVector high = IntVector.zero(INTS);
        IntVector low = high;
        for (int i = from; i < to; i += LANES) {
            FloatVector weight = power(clamp(load(row, offsetBytes + ((long) i << 2)).sub(bests).mul(factors)));
            FloatVector shifted = weight.add(HIGH_SHIFT);
            FloatVector rest = weight.sub(shifted.sub(HIGH_SHIFT));
            high = high.add(shifted.reinterpretAsInts());
            low = low.add(rest.add(LOW_SHIFT).reinterpretAsInts());
        }
        return sum(high, low, to - from);
    }

    @Override
    public long weighMoments(MemorySegment row, long offsetBytes, int n, float best, float factor, long[] blocks,
            long[] moments) {
        long total = 0;
        moments[0] = 0;
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            int end = Math.min((b + 1) * BLOCK, n);
            int vectorEnd = end - (end - b * BLOCK) % LANES;
            long blockMoments = weighMomentVectors(row, offsetBytes, b, vectorEnd, best, factor, blocks);
            moments[0] += blockMoments
                    + ScalarKernels.momentsOf(row, offsetBytes, vectorEnd, end, best, factor);
            blocks[b] += ScalarKernels.weighRange(row, offsetBytes, vectorEnd, end, best, factor);
            total += blocks[b];
        }
        return total;
    }

    /// Stores the sum of a block's weights and returns that of its moments.
    private static long weighMomentVectors(MemorySegment row, long offsetBytes, int block, int to, float best,
            float factor, long[] blocks) {
        int from = block * BLOCK;
        FloatVector factors = FloatVector.broadcast(SPECIES, factor);
        FloatVector bests = FloatVector.broadcast(SPECIES, best);
        IntVector high = IntVector.zero(INTS);
        IntVector low = high;
        IntVector momentsHigh = high;
        IntVector momentsLow = high;
        for (int i = from; i < to; i += LANES) {
            FloatVector y = clamp(load(row, offsetBytes + ((long) i << 2)).sub(bests).mul(factors));
            FloatVector weight = power(y);
            FloatVector shifted = weight.add(HIGH_SHIFT);
            high = high.add(shifted.reinterpretAsInts());
            low = low.add(weight.sub(shifted.sub(HIGH_SHIFT)).add(LOW_SHIFT).reinterpretAsInts());
            FloatVector moment = weight.mul(y);
            FloatVector momentShifted = moment.add(HIGH_SHIFT);
            momentsHigh = momentsHigh.add(momentShifted.reinterpretAsInts());
            momentsLow = momentsLow.add(
                    moment.sub(momentShifted.sub(HIGH_SHIFT)).add(LOW_SHIFT).reinterpretAsInts());
        }
        blocks[block] = sum(high, low, to - from);
        return sum(momentsHigh, momentsLow, to - from);
    }

    /// The lanes wrap round; taking all biases off again leaves the true sums, which fit: a block is that small.
    private static long sum(IntVector high, IntVector low, int count) {
        int highUnits = high.reduceLanes(VectorOperators.ADD) - count * HIGH_BIAS;
        int lowUnits = low.reduceLanes(VectorOperators.ADD) - count * LOW_BIAS;
        return ((long) highUnits << HIGH_UNIT_BITS) + lowUnits;
    }

    @Override
    public void powers(MemorySegment row, long offsetBytes, int from, int to, float best, float factor,
            float[] powers) {
        int vectorEnd = to - (to - from) % LANES;
        FloatVector factors = FloatVector.broadcast(SPECIES, factor);
        FloatVector bests = FloatVector.broadcast(SPECIES, best);
        for (int i = from; i < vectorEnd; i += LANES) {
            FloatVector y = load(row, offsetBytes + ((long) i << 2)).sub(bests).mul(factors);
            power(clamp(y)).intoArray(powers, i - from);
        }
        for (int i = vectorEnd; i < to; i++) {
            powers[i - from] = Weights.power(Weights.exponent(Kernels.logit(row, offsetBytes, i), best, factor));
        }
    }

    /// Each column of lanes has a loop of its own, so that sums run in [#SPREAD_LANES] lanes at every width.
    @Override
    public void spread(MemorySegment row, long offsetBytes, int n, float centre, double[] lanes, double[] sums) {
        int end = n - n % SPREAD_LANES;
        int count = end;
        for (int column = 0; column < SPREAD_LANES; column += LANES) {
            count -= spreadColumn(row, offsetBytes, column, end, centre, lanes);
        }
        ScalarKernels.finishSpread(row, offsetBytes, end, n, centre, lanes, count, sums);
    }

    /// Returns how many logits are negative infinity.
    private static int spreadColumn(MemorySegment row, long offsetBytes, int column, int end, float centre,
            double[] lanes) {
        DoubleVector sumLow = DoubleVector.zero(DOUBLES);
        DoubleVector sumHigh = sumLow;
        DoubleVector squaresLow = sumLow;
        DoubleVector squaresHigh = sumLow;
        int infinite = 0;
        for (int i = column; i < end; i += SPREAD_LANES) {
            FloatVector x = load(row, offsetBytes + ((long) i << 2));
            VectorMask<Float> banned = x.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY);
            if (banned.anyTrue()) {
                infinite += banned.trueCount();
                x = x.blend(centre, banned);
            }
            DoubleVector low = ((DoubleVector) x.convert(VectorOperators.F2D, 0)).sub(centre);
            DoubleVector high = ((DoubleVector) x.convert(VectorOperators.F2D, 1)).sub(centre);
            sumLow = sumLow.add(low);
            sumHigh = sumHigh.add(high);
            squaresLow = low.fma(low, squaresLow);
            squaresHigh = high.fma(high, squaresHigh);
        }
        sumLow.intoArray(lanes, column);
        sumHigh.intoArray(lanes, column + LANES / 2);
        squaresLow.intoArray(lanes, SPREAD_LANES + column);
        squaresHigh.intoArray(lanes, SPREAD_LANES + column + LANES / 2);
        return infinite;
    }

    /// Into [LOWEST, 0], by whole-number operations on the bits, which leave the floating-point units free: what is
    /// positive becomes 0; of negative floats the greater bits, as unsigned numbers, are those farther from 0.
    private static FloatVector clamp(FloatVector y) {
        IntVector bits = y.reinterpretAsInts();
        return bits.and(bits.lanewise(VectorOperators.ASHR, Integer.SIZE - 1))
                .lanewise(VectorOperators.UMIN, LOWEST_BITS).reinterpretAsFloats();
    }

    /// [Weights#power], operation by operation.
    private static FloatVector power(FloatVector x) {
        FloatVector shift = FloatVector.broadcast(SPECIES, ROUND_TO_INT);
        FloatVector shifted = x.add(shift);
        FloatVector f = x.sub(shifted.sub(shift));
        FloatVector p = FloatVector.broadcast(SPECIES, C6)
                .fma(f, FloatVector.broadcast(SPECIES, C5))
                .fma(f, FloatVector.broadcast(SPECIES, C4))
                .fma(f, FloatVector.broadcast(SPECIES, C3))
                .fma(f, FloatVector.broadcast(SPECIES, C2))
                .fma(f, FloatVector.broadcast(SPECIES, C1))
                .fma(f, FloatVector.broadcast(SPECIES, 1f));
        return p.reinterpretAsInts().add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS))
                .reinterpretAsFloats();
    }

    private static FloatVector load(MemorySegment row, long atBytes) {
        return FloatVector.fromMemorySegment(SPECIES, row, atBytes, ORDER);
    }
}
