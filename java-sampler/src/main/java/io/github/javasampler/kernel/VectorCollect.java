package io.github.javasampler.kernel;

import static io.github.javasampler.kernel.Kernels.GROUP;
import static io.github.javasampler.kernel.Vectors.INTS;
import static io.github.javasampler.kernel.Vectors.LANES;
import static io.github.javasampler.kernel.Vectors.SPECIES;
import static io.github.javasampler.kernel.Vectors.STRIP;
import static io.github.javasampler.kernel.Vectors.load;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Candidates above a bound, as keys.
final class VectorCollect {
    /// With so many lanes C2 compresses a vector by a few instructions (one with AVX-512, a table of permutations with
    /// AVX2); with fewer it may be a loop that allocates.
    static final int COMPRESSING_LANES = 8;

    /// Candidates of a strip that have a bit in one word.
    private static final int WORD = Math.min(STRIP, Long.SIZE);
    private static final int SIGN = Integer.SIZE - 1;
    private static final int MAGNITUDE = 0x7fffffff;

    private VectorCollect() {}

    static int collect(MemorySegment row, long offsetBytes, int n, float[] maxima, float threshold,
            float divisor, float[] block, long[] keys) {
        int end = n - n % STRIP;
        int found = LANES >= COMPRESSING_LANES && isDense(maxima, n / STRIP * LANES, threshold)
                ? collectDense(row, offsetBytes, end, threshold, divisor, block, keys)
                : collectSparse(row, offsetBytes, end, maxima, threshold, divisor, keys);
        return ScalarKernels.collectRange(row, offsetBytes, end, n, threshold, divisor, block, keys, found);
    }

    /// Whether so much is to be found that it is not worthwhile to look where, by a sample.
    private static boolean isDense(float[] maxima, int count, float threshold) {
        int hits = 0;
        for (int i = 0; i < count; i += GROUP * LANES) {
            hits += FloatVector.fromArray(SPECIES, maxima, i).compare(VectorOperators.GE, threshold).trueCount();
        }
        return hits > count / (8 * GROUP);
    }

    private static int collectSparse(MemorySegment row, long offsetBytes, int end, float[] maxima, float threshold,
            float divisor, long[] keys) {
        int found = 0;
        for (int first = 0; first < end; first += STRIP) {
            FloatVector stripMax = FloatVector.fromArray(SPECIES, maxima, first / GROUP);
            if (stripMax.compare(VectorOperators.GE, threshold).anyTrue()) {
                found = collectStrip(row, offsetBytes, first, threshold, divisor, keys, found);
            }
        }
        return found;
    }

    /// The strip that starts at `from`: a bit for each candidate, so that it branches only where something is found.
    private static int collectStrip(MemorySegment row, long offsetBytes, int from, float threshold, float divisor,
            long[] keys, int found) {
        int count = found;
        for (int first = from; first < from + STRIP; first += WORD) {
            long hits = 0;
            for (int i = 0; i < WORD; i += LANES) {
                FloatVector x = load(row, offsetBytes + ((long) (first + i) << 2));
                hits |= x.compare(VectorOperators.GE, threshold).toLong() << i;
            }
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

    /// All candidates, vector by vector; [Keys#of] likewise.
    private static int collectDense(MemorySegment row, long offsetBytes, int end, float threshold, float divisor,
            float[] block, long[] keys) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector least = FloatVector.broadcast(SPECIES, threshold);
        FloatVector divisors = FloatVector.broadcast(SPECIES, divisor);
        IntVector magnitude = IntVector.broadcast(INTS, MAGNITUDE);
        IntVector ids = IntVector.zero(INTS).addIndex(1);
        int count = 0;
        for (int first = 0; first < end; first += LANES) {
            FloatVector x = load(row, offsetBytes + ((long) first << 2));
            VectorMask<Float> hits = x.compare(VectorOperators.GE, least);
            int hitCount = hits.trueCount();
            if (hitCount > 0) {
                if (count + LANES > keys.length) {
                    return ScalarKernels.collectRange(row, offsetBytes, first, end, threshold, divisor, block, keys,
                            count);
                }
                FloatVector logit = x.compress(hits);
                logit = divisor == 1f ? logit.add(zero) : logit.div(divisors).add(zero);
                IntVector bits = logit.reinterpretAsInts();
                IntVector word = bits.lanewise(VectorOperators.ASHR, SIGN).and(magnitude)
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
}
