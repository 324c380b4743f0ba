package io.github.javasampler.kernel;

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
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The kernels by the Vector API, at the width the CPU prefers. Only [KernelProvider] may touch this class: it does not
/// link without the module `jdk.incubator.vector`.
///
/// Maxima go by compare and blend: `FloatVector.max` keeps Java's rules for NaN and -0 and takes twice as long. Fat
/// loops are not unrolled by hand, and none calls a long method with vectors: where C2 gives up inlining it boxes every
/// vector. For the same reason a block is gone through in several lean loops, with floats in between in the cache.
final class VectorKernels implements Kernels {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);
    private static final VectorSpecies<Double> DOUBLES = SPECIES.withLanes(double.class);
    private static final int LANES = SPECIES.length();
    private static final int STRIP = GROUP * LANES;
    private static final long VECTOR_BYTES = SPECIES.vectorByteSize();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /// With so many lanes compressing a vector is one instruction; with fewer it may be a loop that allocates.
    static final int COMPRESSING_LANES = 16;

    // A weight is split into a high part, a multiple of 2^-19, and the rest in multiples of 2^-40. Adding 1.5 * 2^k
    // leaves the multiple in the low bits of the float, so whole numbers are summed without any conversion.
    private static final float HIGH_SHIFT = 0x1.8p4f;
    private static final float LOW_SHIFT = 0x1.8p-17f;
    private static final int HIGH_BIAS = Float.floatToRawIntBits(HIGH_SHIFT);
    private static final int LOW_BIAS = Float.floatToRawIntBits(LOW_SHIFT);
    private static final int HIGH_UNIT_BITS = 21;

    // 2^f on [-1/2, 1/2] to 1.1e-7.
    private static final float ROUGH_1 = 0x1.62e42ap-1f;
    private static final float ROUGH_2 = 0x1.ebf9bcp-3f;
    private static final float ROUGH_3 = 0x1.c6b752p-5f;
    private static final float ROUGH_4 = 0x1.3cea88p-7f;
    private static final float ROUGH_5 = 0x1.5bba14p-10f;
    /// Half an ulp for each of the floats that are added up one by one, in a lane, then two and all lanes, and what the
    /// polynomials and their rounding may differ by.
    private static final double ESTIMATE_ERROR = (BLOCK / (2 * LANES) + 1 + LANES) * 0x1p-24 + 0x1p-21;

    private static final int SIGN = Integer.SIZE - 1;
    private static final int MAGNITUDE = 0x7fffffff;

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
        FloatVector lowest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        FloatVector max = lowest;
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int s = 0; s < strips; s++) {
            long at = offsetBytes + ((long) s * STRIP << 2);
            FloatVector stripMax = lowest;
            for (int v = 0; v < GROUP; v += 4) {
                FloatVector a = load(row, at + v * VECTOR_BYTES);
                FloatVector b = load(row, at + v * VECTOR_BYTES + VECTOR_BYTES);
                FloatVector c = load(row, at + v * VECTOR_BYTES + 2 * VECTOR_BYTES);
                FloatVector d = load(row, at + v * VECTOR_BYTES + 3 * VECTOR_BYTES);
                stripMax = greater(stripMax, greater(greater(a, b), greater(c, d)));
                sum = sum.add(a.add(b).add(c.add(d)));
            }
            stripMax.intoArray(maxima, s * LANES);
            max = greater(max, stripMax);
        }
        // NaN and +inf make the sum NaN or +inf. Huge logits and -inf beside +inf can too, so it is only a suspicion.
        if (!(sum.reduceLanes(VectorOperators.ADD) < Float.POSITIVE_INFINITY)) {
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
                max = greater(max, FloatVector.fromArray(SPECIES, maxima, g * STRIP + v * LANES));
            }
            max.intoArray(folded, g * LANES);
        }
        return groups * LANES;
    }

    @Override
    public int collect(MemorySegment row, long offsetBytes, int n, float[] maxima, float threshold,
            float divisor, long[] keys) {
        int end = n - n % STRIP;
        int found = LANES == COMPRESSING_LANES && isDense(maxima, n / STRIP * LANES, threshold)
                ? collectDense(row, offsetBytes, end, threshold, divisor, keys)
                : collectSparse(row, offsetBytes, end, maxima, threshold, divisor, keys);
        return ScalarKernels.collectRange(row, offsetBytes, end, n, threshold, divisor, keys, found);
    }

    /// Whether so much is to be found that it is not worthwhile to look where, by a sample.
    private static boolean isDense(float[] maxima, int count, float threshold) {
        int hits = 0;
        for (int i = 0; i < count; i += GROUP * LANES) {
            hits += FloatVector.fromArray(SPECIES, maxima, i).compare(VectorOperators.GE, threshold).trueCount();
        }
        return hits > count / (4 * GROUP);
    }

    private static int collectSparse(MemorySegment row, long offsetBytes, int end, float[] maxima, float threshold,
            float divisor, long[] keys) {
        int found = 0;
        for (int first = 0; first < end; first += STRIP) {
            FloatVector stripMax = FloatVector.fromArray(SPECIES, maxima, first / GROUP);
            long hitLanes = stripMax.compare(VectorOperators.GE, threshold).toLong();
            if (hitLanes == 0) {
                continue;
            }
            if ((hitLanes & (hitLanes - 1)) == 0) {
                int lane = first + Long.numberOfTrailingZeros(hitLanes);
                found = collectLane(row, offsetBytes, lane, threshold, divisor, keys, found);
            } else {
                found = collectStrip(row, offsetBytes, first, threshold, divisor, keys, found);
            }
        }
        return found;
    }

    /// Looks only at the lane that starts at `first`, and branches only where something is found.
    private static int collectLane(MemorySegment row, long offsetBytes, int first, float threshold, float divisor,
            long[] keys, int found) {
        int hits = 0;
        for (int v = 0; v < GROUP; v++) {
            hits |= (Kernels.logit(row, offsetBytes, first + v * LANES) >= threshold ? 1 : 0) << v;
        }
        int count = found;
        for (; hits != 0; hits &= hits - 1) {
            int id = first + Integer.numberOfTrailingZeros(hits) * LANES;
            if (count < keys.length) {
                keys[count] = Keys.of(Kernels.logit(row, offsetBytes, id) / divisor, id);
            }
            count++;
        }
        return count;
    }

    /// All candidates, vector by vector; [Keys#of] likewise.
    private static int collectDense(MemorySegment row, long offsetBytes, int end, float threshold, float divisor,
            long[] keys) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector least = FloatVector.broadcast(SPECIES, threshold);
        IntVector ids = IntVector.zero(INTS).addIndex(1);
        int count = 0;
        for (int first = 0; first < end; first += LANES) {
            FloatVector x = load(row, offsetBytes + ((long) first << 2));
            VectorMask<Float> hits = x.compare(VectorOperators.GE, least);
            int hitCount = hits.trueCount();
            if (hitCount > 0) {
                if (count + LANES > keys.length) {
                    return ScalarKernels.collectRange(row, offsetBytes, first, end, threshold, divisor, keys, count);
                }
                FloatVector logit = x.compress(hits);
                logit = divisor == 1f ? logit.add(zero) : logit.div(divisor).add(zero);
                IntVector bits = logit.reinterpretAsInts();
                IntVector word = bits.lanewise(VectorOperators.ASHR, SIGN).and(MAGNITUDE)
                        .lanewise(VectorOperators.XOR, bits).not();
                IntVector id = ids.compress(hits.cast(INTS));
                ((LongVector) word.convert(VectorOperators.I2L, 0)).lanewise(VectorOperators.LSHL, Integer.SIZE)
                        .or((LongVector) id.convert(VectorOperators.I2L, 0)).intoArray(keys, count);
                ((LongVector) word.convert(VectorOperators.I2L, 1)).lanewise(VectorOperators.LSHL, Integer.SIZE)
                        .or((LongVector) id.convert(VectorOperators.I2L, 1)).intoArray(keys, count + LANES / 2);
                count += hitCount;
            }
            ids = ids.add(LANES);
        }
        return count;
    }

    private static int collectStrip(MemorySegment row, long offsetBytes, int from, float threshold, float divisor,
            long[] keys, int found) {
        int count = found;
        for (int first = from; first < from + STRIP; first += LANES) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, row, offsetBytes + ((long) first << 2), ORDER);
            for (long hits = x.compare(VectorOperators.GE, threshold).toLong(); hits != 0; hits &= hits - 1) {
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
    public long weigh(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] powers,
            long[] blocks) {
        long total = 0;
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            int end = Math.min((b + 1) * BLOCK, n);
            powers(row, offsetBytes, b * BLOCK, end, best, factor, powers);
            blocks[b] = sumInUnits(powers, end - b * BLOCK);
            total += blocks[b];
        }
        return total;
    }

    @Override
    public double estimate(MemorySegment row, long offsetBytes, int n, float best, float factor, double[] blocks) {
        double total = 0;
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            int start = b * BLOCK;
            int count = Math.min(n - start, BLOCK);
            int vectorEnd = count - count % (2 * LANES);
            long firstBytes = offsetBytes + ((long) start << 2);
            blocks[b] = estimateBlock(row, firstBytes, vectorEnd, best, factor) * Weights.UNITS_PER_ONE
                    + ScalarKernels.weighRange(row, firstBytes, vectorEnd, count, best, factor);
            total += blocks[b];
        }
        return total;
    }

    /// [#powers] by a polynomial of one degree less, added up as floats: in no certain order, so it only bounds. Two
    /// vectors at once make it too long for C2 to inline, as [#weighColumn] is.
    private static double estimateBlock(MemorySegment row, long firstBytes, int end, float best, float factor) {
        FloatVector bests = FloatVector.broadcast(SPECIES, best);
        FloatVector shift = FloatVector.broadcast(SPECIES, ROUND_TO_INT);
        FloatVector sum = FloatVector.zero(SPECIES);
        FloatVector otherSum = sum;
        for (int i = 0; i < end; i += 2 * LANES) {
            FloatVector y = bests.sub(load(row, firstBytes + ((long) i << 2))).mul(-factor).reinterpretAsInts()
                    .lanewise(VectorOperators.MIN, LOWEST_BITS).reinterpretAsFloats();
            FloatVector z = bests.sub(load(row, firstBytes + ((long) i << 2) + VECTOR_BYTES)).mul(-factor)
                    .reinterpretAsInts().lanewise(VectorOperators.MIN, LOWEST_BITS).reinterpretAsFloats();
            FloatVector whole = y.add(shift);
            FloatVector otherWhole = z.add(shift);
            FloatVector f = y.sub(whole.sub(shift));
            FloatVector g = z.sub(otherWhole.sub(shift));
            FloatVector p = FloatVector.broadcast(SPECIES, ROUGH_5)
                    .fma(f, FloatVector.broadcast(SPECIES, ROUGH_4))
                    .fma(f, FloatVector.broadcast(SPECIES, ROUGH_3))
                    .fma(f, FloatVector.broadcast(SPECIES, ROUGH_2))
                    .fma(f, FloatVector.broadcast(SPECIES, ROUGH_1))
                    .fma(f, FloatVector.broadcast(SPECIES, 1f));
            FloatVector q = FloatVector.broadcast(SPECIES, ROUGH_5)
                    .fma(g, FloatVector.broadcast(SPECIES, ROUGH_4))
                    .fma(g, FloatVector.broadcast(SPECIES, ROUGH_3))
                    .fma(g, FloatVector.broadcast(SPECIES, ROUGH_2))
                    .fma(g, FloatVector.broadcast(SPECIES, ROUGH_1))
                    .fma(g, FloatVector.broadcast(SPECIES, 1f));
            sum = sum.add(whole.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                    .add(p.reinterpretAsInts()).reinterpretAsFloats());
            otherSum = otherSum.add(otherWhole.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS)
                    .add(q.reinterpretAsInts()).reinterpretAsFloats());
        }
        return sum.add(otherSum).reduceLanes(VectorOperators.ADD);
    }

    @Override
    public double estimateError() {
        return ESTIMATE_ERROR;
    }

    @Override
    public void weighMoments(MemorySegment row, long offsetBytes, int n, float best, float factor, long[] blocks,
            Moments moments) {
        moments.clear();
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            int start = b * BLOCK;
            int count = Math.min(n - start, BLOCK);
            int vectorEnd = count - count % SUM_LANES;
            long firstBytes = offsetBytes + ((long) start << 2);
            long before = moments.total();
            for (int column = 0; column < SUM_LANES; column += LANES) {
                weighColumn(row, firstBytes, column, vectorEnd, best, factor, moments);
            }
            ScalarKernels.weighMoments(row, firstBytes, vectorEnd, count, best, factor, moments);
            moments.addLanes();
            blocks[b] = moments.total() - before;
        }
    }

    /// [#powers], [#sumInUnits] and the moments in one loop over the candidates `column, column + SUM_LANES ...`. It is
    /// too long for C2 to inline it anywhere, which is as well: in a large method some of its vectors would be boxed.
    private static void weighColumn(MemorySegment row, long firstBytes, int column, int end, float best, float factor,
            Moments moments) {
        FloatVector bests = FloatVector.broadcast(SPECIES, best);
        FloatVector shift = FloatVector.broadcast(SPECIES, ROUND_TO_INT);
        IntVector high = IntVector.zero(INTS);
        IntVector low = high;
        IntVector momentHigh = high;
        IntVector momentLow = high;
        FloatVector squares = FloatVector.zero(SPECIES);
        int count = 0;
        for (int i = column; i < end; i += SUM_LANES) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, row, firstBytes + ((long) i << 2), ORDER);
            FloatVector y = bests.sub(x).mul(-factor).reinterpretAsInts()
                    .lanewise(VectorOperators.MIN, LOWEST_BITS).reinterpretAsFloats();
            FloatVector shifted = y.add(shift);
            FloatVector f = y.sub(shifted.sub(shift));
            FloatVector p = FloatVector.broadcast(SPECIES, C6)
                    .fma(f, FloatVector.broadcast(SPECIES, C5))
                    .fma(f, FloatVector.broadcast(SPECIES, C4))
                    .fma(f, FloatVector.broadcast(SPECIES, C3))
                    .fma(f, FloatVector.broadcast(SPECIES, C2))
                    .fma(f, FloatVector.broadcast(SPECIES, C1))
                    .fma(f, FloatVector.broadcast(SPECIES, 1f));
            IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector power = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
            FloatVector coarse = power.add(HIGH_SHIFT);
            high = high.add(coarse.reinterpretAsInts());
            low = low.add(power.sub(coarse.sub(HIGH_SHIFT + LOW_SHIFT)).reinterpretAsInts());
            FloatVector moment = power.mul(y);
            FloatVector coarseMoment = moment.add(HIGH_SHIFT);
            momentHigh = momentHigh.add(coarseMoment.reinterpretAsInts());
            momentLow = momentLow.add(moment.sub(coarseMoment.sub(HIGH_SHIFT + LOW_SHIFT)).reinterpretAsInts());
            squares = moment.fma(y, squares);
            count += LANES;
        }
        squares.intoArray(moments.lanes(), column);
        moments.add(units(high.reduceLanes(VectorOperators.ADD), low.reduceLanes(VectorOperators.ADD), count),
                units(momentHigh.reduceLanes(VectorOperators.ADD), momentLow.reduceLanes(VectorOperators.ADD), count));
    }

    /// [Weights#exponent] and [Weights#power], operation by operation.
    @Override
    public void powers(MemorySegment row, long offsetBytes, int from, int to, float best, float factor,
            float[] powers) {
        int vectorEnd = (to - from) - (to - from) % LANES;
        // Counted from 0: C2 does not hoist the bounds check of an index that has an offset.
        long firstBytes = offsetBytes + ((long) from << 2);
        FloatVector bests = FloatVector.broadcast(SPECIES, best);
        FloatVector shift = FloatVector.broadcast(SPECIES, ROUND_TO_INT);
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        FloatVector c1 = FloatVector.broadcast(SPECIES, C1);
        FloatVector c2 = FloatVector.broadcast(SPECIES, C2);
        FloatVector c3 = FloatVector.broadcast(SPECIES, C3);
        FloatVector c4 = FloatVector.broadcast(SPECIES, C4);
        FloatVector c5 = FloatVector.broadcast(SPECIES, C5);
        FloatVector c6 = FloatVector.broadcast(SPECIES, C6);
        for (int i = 0; i < vectorEnd; i += LANES) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, row, firstBytes + ((long) i << 2), ORDER);
            FloatVector y = bests.sub(x).mul(-factor).reinterpretAsInts()
                    .lanewise(VectorOperators.MIN, LOWEST_BITS).reinterpretAsFloats();
            FloatVector shifted = y.add(shift);
            FloatVector f = y.sub(shifted.sub(shift));
            FloatVector p = c6.fma(f, c5).fma(f, c4).fma(f, c3).fma(f, c2).fma(f, c1).fma(f, one);
            IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            p.reinterpretAsInts().add(exponent).reinterpretAsFloats().intoArray(powers, i);
        }
        for (int i = vectorEnd; i < to - from; i++) {
            powers[i] = Weights.power(Weights.exponent(Kernels.logit(row, firstBytes, i), best, factor));
        }
    }

    /// The sum of `rint(value * 2^40)`.
    private static long sumInUnits(float[] values, int count) {
        int vectorEnd = count - count % LANES;
        IntVector high = IntVector.zero(INTS);
        IntVector low = high;
        for (int i = 0; i < vectorEnd; i += LANES) {
            FloatVector value = FloatVector.fromArray(SPECIES, values, i);
            FloatVector shifted = value.add(HIGH_SHIFT);
            high = high.add(shifted.reinterpretAsInts());
            // Taking the high part off and adding the other shift at once: the difference of the shifts is exact.
            low = low.add(value.sub(shifted.sub(HIGH_SHIFT + LOW_SHIFT)).reinterpretAsInts());
        }
        long sum = units(high.reduceLanes(VectorOperators.ADD), low.reduceLanes(VectorOperators.ADD), vectorEnd);
        for (int i = vectorEnd; i < count; i++) {
            sum += Weights.ofPower(values[i]);
        }
        return sum;
    }

    /// The lanes wrap round; taking all biases off again leaves the true sums, which fit: a block is that small.
    private static long units(int high, int low, int count) {
        return ((long) (high - count * HIGH_BIAS) << HIGH_UNIT_BITS) + (low - count * LOW_BIAS);
    }

    /// Each column of lanes has a loop of its own, so that sums run in [#SUM_LANES] lanes at every width.
    @Override
    public void spread(MemorySegment row, long offsetBytes, int n, float centre, double[] lanes, double[] sums) {
        int end = n - n % SUM_LANES;
        int count = end;
        for (int column = 0; column < SUM_LANES; column += LANES) {
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
        for (int i = column; i < end; i += SUM_LANES) {
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
        squaresLow.intoArray(lanes, SUM_LANES + column);
        squaresHigh.intoArray(lanes, SUM_LANES + column + LANES / 2);
        return infinite;
    }

    private static FloatVector greater(FloatVector a, FloatVector b) {
        return a.blend(b, b.compare(VectorOperators.GT, a));
    }

    private static FloatVector load(MemorySegment row, long atBytes) {
        return FloatVector.fromMemorySegment(SPECIES, row, atBytes, ORDER);
    }
}
