package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SeededTest;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SeededTest
class MassSelectTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 24, 25, 26, 100, 1_000, 20_000})
    void itFindsWhatASortAndARunningSumFind(int size, RandomGenerator random) {
        for (int round = 0; round < 60; round++) {
            long[] keys = new long[size];
            long[] weights = new long[size];
            long total = 0;
            boolean ascending = round % 3 == 1;
            for (int i = 0; i < size; i++) {
                keys[i] = round % 3 == 0 ? (random.nextLong() & ~0x7FFFFL) + i : ascending ? i : size - i;
                weights[i] = weightOf(keys[i]);
                total += weights[i];
            }
            double target = round < 3 ? round * total / 2.0 : round == 3 ? 2.0 * total + 1
                    : random.nextDouble() * total;
            long[] sorted = keys.clone();
            Arrays.sort(sorted);
            int expected = 0;
            for (double sum = 0; expected < size && (expected == 0 || sum < target);) {
                sum += weightOf(sorted[expected++]);
            }
            long sum = Arrays.stream(sorted, 0, expected).map(MassSelectTest::weightOf).sum();
            long[] keysBefore = keys.clone();
            for (KeyKernels kernels : new KeyKernels[] {new ScalarKeys(), KernelProvider.fastestKeys()}) {
                MassSelect select = new MassSelect();
                assertThat(select.find(kernels, keys, weights, size, target)).as("target %s of %d", target, total)
                        .isEqualTo(sorted[expected - 1]);
                assertThat(select.sum()).isEqualTo(sum);
                assertThat(keys).isEqualTo(keysBefore);
                for (int i = 0; i < size; i++) {
                    assertThat(weights[i]).isEqualTo(weightOf(keys[i]));
                }
            }
        }
    }

    private static long weightOf(long key) {
        long mixed = key * 0x9E3779B97F4A7C15L;
        return (mixed >>> 60) == 0 ? 0 : mixed >>> 40;
    }
}
