package io.github.javasampler.kernel;

import static io.github.javasampler.kernel.Kernels.GROUP;
import static io.github.javasampler.kernel.Vectors.INTS;
import static io.github.javasampler.kernel.Vectors.LANES;
import static io.github.javasampler.kernel.Vectors.SPECIES;
import static io.github.javasampler.kernel.Vectors.STRIP;
import static io.github.javasampler.kernel.Vectors.VECTOR_BYTES;
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

    private static final int HALF_BLOCK = Kernels.BLOCK / 2;
    /// Odd, so that all lanes are in a sample.
    private static final int SAMPLE_STRIDE = 193;
    private static final int SIGN = Integer.SIZE - 1;
    private static final int MAGNITUDE = 0x7fffffff;

    private VectorCollect() {}

    static int collect(MemorySegment row, long offsetBytes, int n, float[] maxima, float threshold,
            float divisor, float[] block, long[] keys) {
        return LANES >= COMPRESSING_LANES && isDense(maxima, n / STRIP * LANES, threshold)
                ? collectDense(row, offsetBytes, n, threshold, divisor, block, keys)
                : collectSparse(row, offsetBytes, n, maxima, threshold, divisor, block, keys);
    }

    /// Whether so much is to be found that it is not worthwhile to look where, by a sample. Without a vector, which C2
    /// may box where it inlines this into a large method.
    private static boolean isDense(float[] maxima, int count, float threshold) {
        int samples = 0;
        int hits = 0;
        for (int i = 0; i < count; i += SAMPLE_STRIDE) {
            samples++;
            hits += maxima[i] >= threshold ? 1 : 0;
        }
        return hits > samples / 8;
    }

    /// By a bit for each candidate of a strip that has some, so that it branches only where one is found. Too long to
    /// be inlined, as [VectorWeights] explains.
    private static int collectSparse(MemorySegment row, long offsetBytes, int n, float[] maxima, float threshold,
            float divisor, float[] block, long[] keys) {
        FloatVector least = FloatVector.broadcast(SPECIES, threshold);
        int end = n - n % STRIP;
        int count = 0;
        for (int strip = 0; strip < end; strip += STRIP) {
            FloatVector stripMax = FloatVector.fromArray(SPECIES, maxima, strip / GROUP);
            VectorMask<Float> hitLanes = stripMax.compare(VectorOperators.GE, least);
            if (!hitLanes.anyTrue()) {
                continue;
            }
            for (int first = strip; first < strip + STRIP; first += 4 * LANES) {
                long at = offsetBytes + ((long) first << 2);
                long a = load(row, at).compare(VectorOperators.GE, least).toLong();
                long b = load(row, at + VECTOR_BYTES).compare(VectorOperators.GE, least).toLong();
                long c = load(row, at + 2 * VECTOR_BYTES).compare(VectorOperators.GE, least).toLong();
                long d = load(row, at + 3 * VECTOR_BYTES).compare(VectorOperators.GE, least).toLong();
                long low = a | b << LANES;
                long high = c | d << LANES;
                long hits = low | high << 2 * LANES;
                for (; hits != 0; hits &= hits - 1) {
                    int id = first + Long.numberOfTrailingZeros(hits);
                    if (count < keys.length) {
                        float x = Kernels.logit(row, offsetBytes, id);
                        keys[count] = Keys.of(x / divisor, id);
                    }
                    count++;
                }
            }
        }
        return ScalarKernels.collectRange(row, offsetBytes, end, n, threshold, divisor, block, keys, count);
    }

    /// All candidates, without a branch for any: half a block at a time is compressed, logits into one half of `block`
    /// and ids, as the bits of floats, into the other; then [Keys#of] for those alone.
    private static int collectDense(MemorySegment row, long offsetBytes, int n, float threshold, float divisor,
            float[] block, long[] keys) {
        int end = n - n % LANES;
        FloatVector least = FloatVector.broadcast(SPECIES, threshold);
        IntVector lanes = IntVector.zero(INTS).addIndex(1);
        int count = 0;
        for (int from = 0; from < end; from += HALF_BLOCK) {
            int length = Math.min(end - from, HALF_BLOCK);
            if (count + length > keys.length) {
                return ScalarKernels.collectRange(row, offsetBytes, from, n, threshold, divisor, block, keys, count);
            }
            long firstBytes = offsetBytes + ((long) from << 2);
            IntVector ids = lanes.add(from);
            int hitCount = 0;
            for (int i = 0; i < length; i += LANES) {
                FloatVector x = load(row, firstBytes + ((long) i << 2));
                VectorMask<Float> hits = x.compare(VectorOperators.GE, least);
                x.compress(hits).intoArray(block, hitCount);
                ids.reinterpretAsFloats().compress(hits).intoArray(block, HALF_BLOCK + hitCount);
                hitCount += hits.trueCount();
                ids = ids.add(LANES);
            }
            // The last vector may hold what is left from before; the next half block writes over it.
            for (int i = 0; i < hitCount; i += LANES) {
                FloatVector x = FloatVector.fromArray(SPECIES, block, i);
                IntVector bits = (divisor == 1f ? x : x.div(divisor)).add(0f).reinterpretAsInts();
                IntVector word = bits.lanewise(VectorOperators.ASHR, SIGN).and(MAGNITUDE)
                        .lanewise(VectorOperators.XOR, bits).not();
                IntVector id = FloatVector.fromArray(SPECIES, block, HALF_BLOCK + i).reinterpretAsInts();
                ((LongVector) word.convert(VectorOperators.I2L, 0)).lanewise(VectorOperators.LSHL, Integer.SIZE)
                        .or(id.convert(VectorOperators.I2L, 0)).intoArray(keys, count + i);
                ((LongVector) word.convert(VectorOperators.I2L, 1)).lanewise(VectorOperators.LSHL, Integer.SIZE)
                        .or(id.convert(VectorOperators.I2L, 1)).intoArray(keys, count + i + LANES / 2);
            }
            count += hitCount;
        }
        return ScalarKernels.collectRange(row, offsetBytes, end, n, threshold, divisor, block, keys, count);
    }
}
