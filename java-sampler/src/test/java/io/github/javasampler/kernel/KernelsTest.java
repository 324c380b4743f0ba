package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.Rows;
import io.github.javasampler.SeededTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The vector kernels give what the scalar ones give, to the bit, and those give what the definitions say.
@SeededTest
class KernelsTest {
    private static final Kernels SCALAR = new ScalarKernels();
    private static final Kernels VECTOR = KernelProvider.fastest();

    static IntStream sizes() {
        return IntStream.concat(IntStream.rangeClosed(1, 300),
                IntStream.of(511, 512, 513, 1023, 1024, 1025, 2048, 4097, 32_000, 49_152, 128_256, 262_144));
    }

    @Test
    void theTestsRunWithTheVectorKernels() {
        assertThat(VECTOR).isInstanceOf(VectorKernels.class);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void bothKernelsFindTheMaximumOfAnyRow(int n, RandomGenerator random) {
        for (float[] logits : rows(random, n)) {
            float max = Float.NEGATIVE_INFINITY;
            for (float logit : logits) {
                max = Math.max(max, logit);
            }
            assertThat(scan(SCALAR, Rows.offHeap(logits), n)).isEqualTo(max + 0f);
            assertThat(scan(VECTOR, Rows.offHeap(logits), n)).isEqualTo(max + 0f);
            assertThat(scan(VECTOR, MemorySegment.ofArray(logits), n)).isEqualTo(max + 0f);
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void bothKernelsCountWhatReachesAThreshold(int n, RandomGenerator random) {
        for (float[] values : rows(random, n)) {
            float threshold = values[random.nextInt(n)];
            int count = random.nextInt(n + 1);
            int expected = (int) IntStream.range(0, count).filter(i -> values[i] >= threshold).count();
            assertThat(SCALAR.countAtLeast(values, count, threshold)).isEqualTo(expected);
            assertThat(VECTOR.countAtLeast(values, count, threshold)).isEqualTo(expected);
            assertThat(SCALAR.countAtLeast(values, n, Float.NaN)).isZero();
            assertThat(VECTOR.countAtLeast(values, n, Float.NaN)).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void bothKernelsFindTheSameCandidatesInOrderOfId(int n, RandomGenerator random) {
        for (float[] logits : rows(random, n)) {
            float threshold = logits[random.nextInt(n)];
            float temperature = random.nextBoolean() ? 1f : 0.3f + random.nextFloat();
            long[] expected = IntStream.range(0, n).filter(i -> logits[i] >= threshold)
                    .mapToLong(i -> Keys.of(logits[i] / temperature, i)).toArray();
            assertThat(collect(SCALAR, Rows.offHeap(logits), n, threshold, temperature)).isEqualTo(expected);
            assertThat(collect(VECTOR, Rows.offHeap(logits), n, threshold, temperature)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void bothKernelsWeighEveryBlockAlike(int n, RandomGenerator random) {
        for (float[] logits : rows(random, n)) {
            MemorySegment row = Rows.offHeap(logits);
            float factor = Weights.factor(random.nextBoolean() ? 1f : 0.3f + random.nextFloat());
            // The best of some rows counts as banned, and its weight as one.
            float best = scan(SCALAR, row, n) - random.nextInt(2);
            long[] expected = new long[Kernels.blockCount(n)];
            long[] actual = new long[Kernels.blockCount(n)];
            Moments expectedMoments = new Moments();
            Moments moments = new Moments();
            float[] powers = new float[Kernels.BLOCK];
            long total = SCALAR.weigh(row, 0, n, best, factor, powers, expected);
            assertThat(VECTOR.weigh(row, 0, n, best, factor, powers, actual)).isEqualTo(total);
            assertThat(actual).isEqualTo(expected);
            assertThat(Arrays.stream(expected).sum()).isEqualTo(total);
            SCALAR.weighMoments(row, 0, n, best, factor, powers, actual, expectedMoments);
            assertThat(actual).isEqualTo(expected);
            VECTOR.weighMoments(row, 0, n, best, factor, powers, actual, moments);
            assertThat(actual).isEqualTo(expected);
            assertThat(expectedMoments.total()).isEqualTo(total);
            assertThat(moments.total()).isEqualTo(total);
            assertThat(moments.first()).isEqualTo(expectedMoments.first());
            assertThat(moments.second()).isEqualTo(expectedMoments.second());
            long first = 0;
            long second = 0;
            for (float logit : logits) {
                first += Weights.moment(Weights.exponent(logit, best, factor));
                second += Weights.square(Weights.exponent(logit, best, factor));
            }
            assertThat(moments.first()).isEqualTo(first);
            // Sixty-four floats are added up in a lane.
            assertThat(moments.second() * 0x1p40).isCloseTo((double) second, Offset.offset(second * 0x1p-18 + n));
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void bothKernelsRaiseToTheSamePowers(int n, RandomGenerator random) {
        for (float[] logits : rows(random, n)) {
            MemorySegment row = Rows.offHeap(logits);
            int from = random.nextInt(n);
            float[] expected = new float[n];
            float[] actual = new float[n];
            SCALAR.powers(row, 0, from, n, 20f, 1.3f, expected);
            VECTOR.powers(row, 0, from, n, 20f, 1.3f, actual);
            assertThat(actual).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16, 100, Kernels.BLOCK})
    void bothKernelsWeighTheSamePowers(int n, RandomGenerator random) {
        for (float[] logits : rows(random, n)) {
            float[] powers = new float[n];
            SCALAR.powers(Rows.offHeap(logits), 0, 0, n, scan(SCALAR, Rows.offHeap(logits), n), 1.3f, powers);
            int from = random.nextInt(n);
            int to = random.nextInt(from, n + 1);
            long weight = 0;
            for (int i = from; i < to; i++) {
                weight += Weights.ofPower(powers[i]);
            }
            assertThat(SCALAR.weighPowers(powers, from, to)).isEqualTo(weight);
            assertThat(VECTOR.weighPowers(powers, from, to)).isEqualTo(weight);
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void bothKernelsMeasureTheSpreadAlike(int n, RandomGenerator random) {
        for (float[] logits : rows(random, n)) {
            MemorySegment row = Rows.offHeap(logits);
            double[] expected = new double[3];
            double[] actual = new double[3];
            SCALAR.spread(row, 0, n, 1.5f, new float[Kernels.BLOCK], new double[2 * Kernels.SUM_LANES], expected);
            VECTOR.spread(row, 0, n, 1.5f, new float[Kernels.BLOCK], new double[2 * Kernels.SUM_LANES], actual);
            assertThat(actual).isEqualTo(expected);
            double sum = 0;
            double squares = 0;
            int count = 0;
            for (float logit : logits) {
                if (logit > Float.NEGATIVE_INFINITY) {
                    count++;
                    sum += logit - 1.5;
                    squares += (logit - 1.5) * (logit - 1.5);
                }
            }
            assertThat(actual[0]).isEqualTo(count);
            assertThat(actual[1]).isCloseTo(sum, Offset.offset(1e-9 * n));
            assertThat(actual[2]).isCloseTo(squares, Offset.offset(1e-8 * n));
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void bothKernelsMaskTheSameCandidates(int n, RandomGenerator random) {
        for (float[] logits : rows(random, n)) {
            long[] allowed = random.longs((n + Long.SIZE - 1) / Long.SIZE).toArray();
            float[] expected = logits.clone();
            for (int i = 0; i < n; i++) {
                expected[i] = (allowed[i / Long.SIZE] >>> i & 1) != 0 ? logits[i] : Float.NEGATIVE_INFINITY;
            }
            for (Kernels kernels : new Kernels[] {SCALAR, VECTOR}) {
                float[] block = new float[Kernels.BLOCK];
                MemorySegment masked = MemorySegment.ofArray(new float[n]);
                kernels.mask(Rows.offHeap(logits), 0, n, allowed, block, masked);
                assertThat(masked.toArray(Kernels.FLOAT)).isEqualTo(expected);
                MemorySegment row = MemorySegment.ofArray(logits.clone());
                kernels.mask(row, 0, n, allowed, block, row);
                assertThat(row.toArray(Kernels.FLOAT)).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void foldedMaximaStandForDisjointGroups(int n, RandomGenerator random) {
        float[] maxima = Rows.gaussian(random, n, 1f);
        for (Kernels kernels : new Kernels[] {SCALAR, VECTOR}) {
            float[] folded = new float[n / Kernels.GROUP];
            int count = kernels.fold(maxima, n, folded);
            assertThat(count).isLessThanOrEqualTo(n / Kernels.GROUP).isGreaterThan(n / Kernels.GROUP - kernels.lanes());
            float[] sorted = maxima.clone();
            Arrays.sort(sorted);
            float[] sortedFolded = Arrays.copyOf(folded, count);
            Arrays.sort(sortedFolded);
            for (int k = 1; k <= count; k++) {
                assertThat(sortedFolded[count - k]).isLessThanOrEqualTo(sorted[n - k]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void oneNaNOrPositiveInfinityAnywhereIsFound(int n, RandomGenerator random) {
        float[] logits = Rows.gaussian(random, n, 3f);
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.intBitsToFloat(0xffc00000)}) {
            for (int at : new int[] {0, n / 2, n - 1, random.nextInt(n)}) {
                float[] broken = logits.clone();
                broken[at] = bad;
                broken[(at + 1) % n] = n > 1 ? Float.NEGATIVE_INFINITY : bad;
                assertThat(scan(SCALAR, Rows.offHeap(broken), n)).isNaN();
                assertThat(scan(VECTOR, Rows.offHeap(broken), n)).isNaN();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void bothKernelsTakeTheLogitsOutOfRecordsAndFindEveryIdThatIsOutOfPlace(int n, RandomGenerator random) {
        float[] logits = Rows.gaussian(random, n, 3f);
        int offsetBytes = random.nextInt(16);
        // Ends with the last record, so that a read beyond is an exception.
        MemorySegment records = Arena.ofAuto().allocate(offsetBytes + 12L * n);
        for (int i = 0; i < n; i++) {
            records.set(ValueLayout.JAVA_INT_UNALIGNED, offsetBytes + 12L * i, i);
            records.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offsetBytes + 12L * i + 4, logits[i]);
            records.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offsetBytes + 12L * i + 8, random.nextFloat());
        }
        for (Kernels kernels : new Kernels[] {SCALAR, VECTOR}) {
            float[] taken = new float[n];
            assertThat(kernels.takeLogits(records, offsetBytes, n, taken)).isTrue();
            assertThat(taken).isEqualTo(logits);
            for (int place : n <= 40 ? IntStream.range(0, n).toArray() : new int[] {0, n / 2, n - 1}) {
                int wrong = random.nextBoolean() ? random.nextInt() : place ^ 1 << random.nextInt(32);
                records.set(ValueLayout.JAVA_INT_UNALIGNED, offsetBytes + 12L * place, wrong);
                assertThat(kernels.takeLogits(records, offsetBytes, n, taken)).isEqualTo(wrong == place);
                assertThat(taken).isEqualTo(logits);
                records.set(ValueLayout.JAVA_INT_UNALIGNED, offsetBytes + 12L * place, place);
            }
        }
    }

    @Test
    void hugeButFiniteLogitsAreValid() {
        float[] logits = new float[1_000];
        Arrays.fill(logits, Float.MAX_VALUE);
        logits[3] = -Float.MAX_VALUE;
        logits[4] = Float.NEGATIVE_INFINITY;
        assertThat(scan(SCALAR, Rows.offHeap(logits), 1_000)).isEqualTo(Float.MAX_VALUE);
        assertThat(scan(VECTOR, Rows.offHeap(logits), 1_000)).isEqualTo(Float.MAX_VALUE);
    }

    @Test
    void moreCandidatesThanThereIsRoomForAreCounted() {
        float[] logits = new float[5_000];
        long[] keys = new long[100];
        for (Kernels kernels : new Kernels[] {SCALAR, VECTOR}) {
            float[] maxima = new float[kernels.maximaCount(5_000)];
            MemorySegment row = Rows.offHeap(logits);
            kernels.scan(row, 0, 5_000, new float[Kernels.BLOCK], maxima);
            assertThat(kernels.collect(row, 0, 5_000, maxima, 0f, 1f, new float[Kernels.BLOCK], keys)).isEqualTo(5_000);
            assertThat(Keys.id(keys[99])).isEqualTo(99);
        }
    }

    private static float[][] rows(RandomGenerator random, int n) {
        float[] zeros = new float[n];
        zeros[random.nextInt(n)] = -0f;
        return new float[][] {Rows.modelLike(random, n), Rows.tied(random, n), zeros};
    }

    private static float scan(Kernels kernels, MemorySegment row, int n) {
        float[] maxima = new float[kernels.maximaCount(n)];
        float max = kernels.scan(row, 0, n, new float[Kernels.BLOCK], maxima);
        for (float m : maxima) {
            assertThat(m <= max || max != max).isTrue();
        }
        return max + 0f;
    }

    private static long[] collect(Kernels kernels, MemorySegment row, int n, float threshold, float temperature) {
        float[] maxima = new float[kernels.maximaCount(n)];
        long[] keys = new long[n];
        kernels.scan(row, 0, n, new float[Kernels.BLOCK], maxima);
        return Arrays.copyOf(keys, kernels.collect(row, 0, n, maxima, threshold, temperature,
                new float[Kernels.BLOCK], keys));
    }
}
