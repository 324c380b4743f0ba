package io.github.javasampler;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.kernel.KernelProvider;
import io.github.javasampler.kernel.Kernels;
import io.github.javasampler.kernel.Keys;
import io.github.javasampler.kernel.ScalarKernels;
import io.github.javasampler.kernel.Weights;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sums are estimated first. What comes out must be what true sums give, above all where a step is near.
@SeededTest
class EstimateTest {
    private static final Kernels SCALAR = new ScalarKernels();

    @ParameterizedTest
    @ValueSource(ints = {1, 31, 1_023, 1_024, 5_000, 49_152})
    void everyRunOfBlocksIsWithinTheBoundOfItsTrueSum(int n, RandomGenerator random) {
        Kernels kernels = KernelProvider.kernels();
        for (float[] logits : rows(random, n)) {
            MemorySegment row = Rows.offHeap(logits);
            float best = max(logits);
            float factor = Weights.factor(0.5f + random.nextFloat());
            long[] blocks = new long[Kernels.blockCount(n)];
            double[] estimates = new double[blocks.length];
            SCALAR.weigh(row, 0, n, best, factor, new float[Kernels.BLOCK], blocks);
            double total = kernels.estimate(row, 0, n, best, factor, new float[Kernels.BLOCK], estimates);
            assertWithin(kernels, Arrays.stream(blocks).sum(), total, n);
            for (int from = 0; from < blocks.length; from++) {
                double estimate = 0;
                long sum = 0;
                for (int b = from; b < blocks.length; b++) {
                    estimate += estimates[b];
                    sum += blocks[b];
                    assertWithin(kernels, sum, estimate, n);
                }
            }
        }
    }

    private static void assertWithin(Kernels kernels, long sum, double estimate, int n) {
        assertThat(Math.abs(estimate - sum))
                .isLessThanOrEqualTo(kernels.estimateError() * estimate + Kernels.ESTIMATE_UNITS * n);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 100, 3_000, 20_000})
    void drawsBesideAStepAreThoseOfTrueSums(int n, RandomGenerator random) {
        for (float[] logits : rows(random, n)) {
            MemorySegment row = Rows.offHeap(logits);
            for (boolean descending : new boolean[] {false, true}) {
                List<Integer> order = IntStream.range(0, n).boxed().sorted(descending
                        ? (a, b) -> Long.compare(Keys.of(logits[a], a), Keys.of(logits[b], b))
                        : Integer::compare).toList();
                long[] sums = sums(logits, order);
                PortableCandidates candidates = new PortableCandidates(n, Numerics.PORTABLE.math());
                for (int i = 0; i < 60; i++) {
                    double u = beside(sums, random);
                    candidates.begin(row, 0);
                    if (descending) {
                        candidates.sort();
                    }
                    double target = Math.max(u * sums[n - 1], 1);
                    int expected = IntStream.range(0, n).filter(k -> sums[k] >= target).findFirst().orElseThrow();
                    assertThat(candidates.draw(u)).as("u %s", u).isEqualTo(order.get(expected));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 100, 3_000, 20_000})
    void cutsByMassBesideAStepAreThoseOfTrueSums(int n, RandomGenerator random) {
        for (float[] logits : rows(random, n)) {
            MemorySegment row = Rows.offHeap(logits);
            List<Integer> order = IntStream.range(0, n).boxed()
                    .sorted((a, b) -> Long.compare(Keys.of(logits[a], a), Keys.of(logits[b], b))).toList();
            long[] sums = sums(logits, order);
            PortableCandidates candidates = new PortableCandidates(n, Numerics.PORTABLE.math());
            for (int i = 0; i < 60; i++) {
                float mass = (float) beside(sums, random);
                candidates.begin(row, 0);
                candidates.keepMass(mass, 1);
                double target = (double) mass * sums[n - 1];
                int expected = IntStream.range(0, n).filter(k -> sums[k] >= target).findFirst().orElse(n - 1) + 1;
                assertThat(candidates.size()).as("mass %s", mass).isEqualTo(expected);
                assertThat(candidates.id(expected - 1)).isEqualTo(order.get(expected - 1));
            }
        }
    }

    /// As when the vector kernels have just been compiled.
    @ParameterizedTest
    @ValueSource(ints = {10, 1_000, 20_000})
    void otherKernelsForTheNextRowGiveTheSameTokens(int n, RandomGenerator random) {
        boolean[] scalar = {false};
        PortableCandidates changing = new PortableCandidates(n, Numerics.PORTABLE.math(),
                () -> (scalar[0] = !scalar[0]) ? SCALAR : KernelProvider.kernels());
        PortableCandidates same = new PortableCandidates(n, Numerics.PORTABLE.math());
        for (float[] logits : rows(random, n)) {
            for (int i = 0; i < 4; i++) {
                double u = random.nextDouble();
                int k = 1 + random.nextInt(n);
                int[] tokens = new int[2];
                for (PortableCandidates candidates : new PortableCandidates[] {changing, same}) {
                    candidates.begin(Rows.offHeap(logits), 0);
                    candidates.add(0, 0.5f);
                    candidates.keepTop(k);
                    candidates.scale(0.7f);
                    tokens[candidates == same ? 1 : 0] = candidates.draw(u);
                }
                assertThat(tokens[0]).isEqualTo(tokens[1]);
            }
        }
    }

    /// A share of the total that lies at the end of some candidate's weight, or a little off.
    private static double beside(long[] sums, RandomGenerator random) {
        long total = sums[sums.length - 1];
        double u = (sums[random.nextInt(sums.length)] + 3e6 * random.nextInt(-2, 3)) / total;
        return Math.clamp(u, 0, Math.nextDown(1.0));
    }

    private static long[] sums(float[] logits, List<Integer> order) {
        float best = max(logits);
        long[] sums = new long[logits.length];
        long sum = 0;
        for (int i = 0; i < sums.length; i++) {
            sum += Weights.of(Weights.exponent(logits[order.get(i)], best, Weights.factor(1f)));
            sums[i] = sum;
        }
        return sums;
    }

    private static float max(float[] logits) {
        float max = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        return max;
    }

    private static List<float[]> rows(RandomGenerator random, int n) {
        float[] holes = Rows.gaussian(random, n, 2f);
        for (int i = 1; i < n; i += 3) {
            holes[i] = Float.NEGATIVE_INFINITY;
        }
        return List.of(Rows.modelLike(random, n), Rows.gaussian(random, n, 1f), Rows.gaussian(random, n, 6f), holes,
                Rows.tied(random, n), new float[n], far(random, n, -3e3f), far(random, n, 5e6f), far(random, n, 1e7f));
    }

    /// Logits so far from 0 that few of their bits tell one from the next, on both sides of where estimates end.
    private static float[] far(RandomGenerator random, int n, float centre) {
        float[] logits = Rows.gaussian(random, n, 6f);
        for (int i = 0; i < n; i++) {
            logits[i] += centre;
        }
        return logits;
    }
}
