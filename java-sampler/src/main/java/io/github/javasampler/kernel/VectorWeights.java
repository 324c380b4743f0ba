package io.github.javasampler.kernel;

import static io.github.javasampler.kernel.Kernels.BLOCK;
import static io.github.javasampler.kernel.Kernels.SUM_LANES;
import static io.github.javasampler.kernel.Vectors.INTS;
import static io.github.javasampler.kernel.Vectors.LANES;
import static io.github.javasampler.kernel.Vectors.SPECIES;
import static io.github.javasampler.kernel.Vectors.load;
import static io.github.javasampler.kernel.Weights.C1;
import static io.github.javasampler.kernel.Weights.C2;
import static io.github.javasampler.kernel.Weights.C3;
import static io.github.javasampler.kernel.Weights.C4;
import static io.github.javasampler.kernel.Weights.C5;
import static io.github.javasampler.kernel.Weights.C6;
import static io.github.javasampler.kernel.Weights.LOWEST_BITS;
import static io.github.javasampler.kernel.Weights.MANTISSA_BITS;
import static io.github.javasampler.kernel.Weights.ROUND_TO_INT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Weights of a row and their sums.
///
/// C2 boxes vectors where it gives up inlining in a large method. So none of the fat loops is unrolled by hand, each
/// stands in a method of its own, and those methods are longer than what C2 inlines anywhere (325 bytes of code,
/// `FreqInlineSize`): they are compiled alone. A test looks at their length. Their `slope` is `-factor`, negated by
/// the caller: C2 would do it again for each vector.
final class VectorWeights {
    // A weight is split into a high part, a multiple of 2^-19, and the rest in multiples of 2^-40. Adding 1.5 * 2^k
    // leaves the multiple in the low bits of the float, so whole numbers are summed without any conversion.
    private static final float HIGH_SHIFT = 0x1.8p4f;
    private static final float LOW_SHIFT = 0x1.8p-17f;
    private static final int HIGH_BIAS = Float.floatToRawIntBits(HIGH_SHIFT);
    private static final int LOW_BIAS = Float.floatToRawIntBits(LOW_SHIFT);
    private static final int HIGH_UNIT_BITS = 21;

    // 2^f on [-1/2, 1/2]: minimax by Remez, relative error 2.7e-6 as floats round.
    private static final float ROUGH_0 = 0x1.ffffe8p-1f;
    private static final float ROUGH_1 = 0x1.62e0dcp-1f;
    private static final float ROUGH_2 = 0x1.ec06dap-3f;
    private static final float ROUGH_3 = 0x1.ca1440p-5f;
    private static final float ROUGH_4 = 0x1.3997d6p-7f;
    /// What a rough power may be off by: 2.8e-6 for both polynomials, and 2.8e-6 for the roundings of both exponents
    /// `y`, which are `(3 |y| + 2) * 2^-24` together. That is for 22 bits below the best; farther ones weigh so little
    /// that it is less than a unit.
    private static final double POWER_ERROR = 0x1.8p-18;
    /// That, and half an ulp for each of the floats that are added up one by one: in a lane, then four and all lanes.
    static final double ESTIMATE_ERROR = POWER_ERROR + (BLOCK / (4 * LANES) + 2 + LANES) * 0x1p-24;
    /// Beyond it the whole numbers that exponents are counted from come to be too many for a float.
    private static final double GREATEST_EXPONENT = 0x1p23;

    private VectorWeights() {}

    static long weigh(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] block,
            long[] blocks) {
        long total = 0;
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            blocks[b] = weighBlock(row, offsetBytes, b * BLOCK, Math.min((b + 1) * BLOCK, n), best, -factor, block);
            total += blocks[b];
        }
        return total;
    }

    private static long weighBlock(MemorySegment row, long offsetBytes, int from, int to, float best, float slope,
            float[] block) {
        powers(row, offsetBytes, from, to, best, slope, block);
        return weighPowers(block, 0, to - from);
    }

    /// Exponents are counted from a whole number above the best's, not from the best: so one fma makes each, exactly
    /// but for its own rounding. The sums make up for it.
    static double estimate(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] block,
            double[] blocks) {
        double exponentOfBest = (double) best * factor;
        double zero = Math.ceil(exponentOfBest) + 1;
        double scale = Weights.UNITS_PER_ONE * Math.pow(2, zero - exponentOfBest);
        double total = 0;
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            int end = Math.min((b + 1) * BLOCK, n);
            blocks[b] = Math.abs(zero) > GREATEST_EXPONENT
                    ? weighBlock(row, offsetBytes, b * BLOCK, end, best, -factor, block)
                    : estimateBlock(row, offsetBytes, b * BLOCK, end, best, factor, (float) -zero, scale, block);
            total += blocks[b];
        }
        return total;
    }

    /// The sum of `scale * 2^(logit * factor + offset)`, by a polynomial of two degrees less than that of [#powers],
    /// added up as floats in no certain order.
    ///
    /// @param offset makes all exponents negative
    private static double estimateBlock(MemorySegment row, long offsetBytes, int from, int to, float best,
            float factor, float offset, double scale, float[] block) {
        int vectorEnd = (to - from) - (to - from) % LANES;
        long firstBytes = offsetBytes + ((long) from << 2);
        FloatVector factors = FloatVector.broadcast(SPECIES, factor);
        FloatVector offsets = FloatVector.broadcast(SPECIES, offset);
        IntVector lowest = IntVector.broadcast(INTS, LOWEST_BITS);
        FloatVector shift = FloatVector.broadcast(SPECIES, ROUND_TO_INT);
        FloatVector c0 = FloatVector.broadcast(SPECIES, ROUGH_0);
        FloatVector c1 = FloatVector.broadcast(SPECIES, ROUGH_1);
        FloatVector c2 = FloatVector.broadcast(SPECIES, ROUGH_2);
        FloatVector c3 = FloatVector.broadcast(SPECIES, ROUGH_3);
        FloatVector c4 = FloatVector.broadcast(SPECIES, ROUGH_4);
        // Four sums in turn: each of a quarter of the floats errs a quarter as much.
        FloatVector first = FloatVector.zero(SPECIES);
        FloatVector second = FloatVector.zero(SPECIES);
        FloatVector third = FloatVector.zero(SPECIES);
        FloatVector fourth = FloatVector.zero(SPECIES);
        for (int i = 0; i < vectorEnd; i += LANES) {
            FloatVector x = load(row, firstBytes + ((long) i << 2));
            FloatVector y = x.fma(factors, offsets).reinterpretAsInts()
                    .lanewise(VectorOperators.MIN, lowest).reinterpretAsFloats();
            FloatVector shifted = y.add(shift);
            FloatVector f = y.sub(shifted.sub(shift));
            FloatVector p = c4.fma(f, c3).fma(f, c2).fma(f, c1).fma(f, c0);
            IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector next = first.add(p.reinterpretAsInts().add(exponent).reinterpretAsFloats());
            first = second;
            second = third;
            third = fourth;
            fourth = next;
        }
        return scale * first.add(second).add(third.add(fourth)).reduceLanes(VectorOperators.ADD)
                + ScalarKernels.weighRange(row, firstBytes, vectorEnd, to - from, best, factor, block);
    }

    static void weighMoments(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] block,
            long[] blocks, Moments moments) {
        moments.clear();
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            int count = Math.min(n - b * BLOCK, BLOCK);
            long firstBytes = offsetBytes + ((long) b * BLOCK << 2);
            long before = moments.total();
            powers(row, firstBytes, 0, count, best, -factor, block);
            addBlock(row, firstBytes, count, best, -factor, block, moments);
            moments.endBlock();
            blocks[b] = moments.total() - before;
        }
    }

    /// A block of `count` candidates, by columns: `c, c + SUM_LANES ...`. In a loop of its own: with that of the powers
    /// there would be more constants and sums than AVX2 has registers, and C2 would spill them all.
    private static void addBlock(MemorySegment row, long firstBytes, int count, float best, float slope,
            float[] powers, Moments moments) {
        int end = count - count % SUM_LANES;
        FloatVector bests = FloatVector.broadcast(SPECIES, best);
        FloatVector slopes = FloatVector.broadcast(SPECIES, slope);
        FloatVector highShift = FloatVector.broadcast(SPECIES, HIGH_SHIFT);
        FloatVector bothShifts = FloatVector.broadcast(SPECIES, HIGH_SHIFT + LOW_SHIFT);
        IntVector high = IntVector.zero(INTS);
        IntVector low = high;
        IntVector momentHigh = high;
        IntVector momentLow = high;
        for (int column = 0; column < SUM_LANES; column += LANES) {
            FloatVector squares = FloatVector.zero(SPECIES);
            for (int i = column; i < end; i += SUM_LANES) {
                FloatVector y = bests.sub(load(row, firstBytes + ((long) i << 2))).mul(slopes).reinterpretAsInts()
                        .lanewise(VectorOperators.MIN, LOWEST_BITS).reinterpretAsFloats();
                FloatVector power = FloatVector.fromArray(SPECIES, powers, i);
                FloatVector coarse = power.add(highShift);
                high = high.add(coarse.reinterpretAsInts());
                low = low.add(power.sub(coarse.sub(bothShifts)).reinterpretAsInts());
                FloatVector moment = power.mul(y);
                FloatVector coarseMoment = moment.add(highShift);
                momentHigh = momentHigh.add(coarseMoment.reinterpretAsInts());
                momentLow = momentLow.add(moment.sub(coarseMoment.sub(bothShifts)).reinterpretAsInts());
                squares = squares.add(moment.mul(y));
            }
            squares.intoArray(moments.lanes(), column);
        }
        moments.add(units(high.reduceLanes(VectorOperators.ADD), low.reduceLanes(VectorOperators.ADD), end),
                units(momentHigh.reduceLanes(VectorOperators.ADD), momentLow.reduceLanes(VectorOperators.ADD), end));
        ScalarKernels.addMoments(row, firstBytes, end, count, best, -slope, powers, moments);
    }

    /// [Weights#exponent] and [Weights#power], operation by operation.
    static void powers(MemorySegment row, long offsetBytes, int from, int to, float best, float slope,
            float[] powers) {
        int vectorEnd = (to - from) - (to - from) % LANES;
        // Counted from 0: C2 does not hoist the bounds check of an index that has an offset.
        long firstBytes = offsetBytes + ((long) from << 2);
        FloatVector bests = FloatVector.broadcast(SPECIES, best);
        FloatVector slopes = FloatVector.broadcast(SPECIES, slope);
        FloatVector shift = FloatVector.broadcast(SPECIES, ROUND_TO_INT);
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        FloatVector c1 = FloatVector.broadcast(SPECIES, C1);
        FloatVector c2 = FloatVector.broadcast(SPECIES, C2);
        FloatVector c3 = FloatVector.broadcast(SPECIES, C3);
        FloatVector c4 = FloatVector.broadcast(SPECIES, C4);
        FloatVector c5 = FloatVector.broadcast(SPECIES, C5);
        FloatVector c6 = FloatVector.broadcast(SPECIES, C6);
        for (int i = 0; i < vectorEnd; i += LANES) {
            FloatVector x = load(row, firstBytes + ((long) i << 2));
            FloatVector y = bests.sub(x).mul(slopes).reinterpretAsInts()
                    .lanewise(VectorOperators.MIN, LOWEST_BITS).reinterpretAsFloats();
            FloatVector shifted = y.add(shift);
            FloatVector f = y.sub(shifted.sub(shift));
            FloatVector p = c6.fma(f, c5).fma(f, c4).fma(f, c3).fma(f, c2).fma(f, c1).fma(f, one);
            IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            p.reinterpretAsInts().add(exponent).reinterpretAsFloats().intoArray(powers, i);
        }
        for (int i = vectorEnd; i < to - from; i++) {
            powers[i] = Weights.power(Weights.exponent(Kernels.logit(row, firstBytes, i), best, -slope));
        }
    }

    /// The sum of `rint(power * 2^40)`.
    static long weighPowers(float[] powers, int from, int to) {
        int vectorEnd = to - (to - from) % LANES;
        IntVector high = IntVector.zero(INTS);
        IntVector low = high;
        for (int i = from; i < vectorEnd; i += LANES) {
            FloatVector power = FloatVector.fromArray(SPECIES, powers, i);
            FloatVector shifted = power.add(HIGH_SHIFT);
            high = high.add(shifted.reinterpretAsInts());
            // Taking the high part off and adding the other shift at once: the difference of the shifts is exact.
            low = low.add(power.sub(shifted.sub(HIGH_SHIFT + LOW_SHIFT)).reinterpretAsInts());
        }
        return units(high.reduceLanes(VectorOperators.ADD), low.reduceLanes(VectorOperators.ADD), vectorEnd - from)
                + ScalarKernels.sum(powers, vectorEnd, to);
    }

    /// The lanes wrap round; taking all biases off again leaves the true sums, which fit: a block is that small.
    private static long units(int high, int low, int count) {
        return ((long) (high - count * HIGH_BIAS) << HIGH_UNIT_BITS) + (low - count * LOW_BIAS);
    }
}
