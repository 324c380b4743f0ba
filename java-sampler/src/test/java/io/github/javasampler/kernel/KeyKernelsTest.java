package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.Rows;
import io.github.javasampler.SeededTest;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// On a CPU with vectors of 128 bits both are the scalar loops.
@SeededTest
class KeyKernelsTest {
    private static final KeyKernels SCALAR = new ScalarKeys();
    private static final KeyKernels VECTOR = KernelProvider.fastestKeys();

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 100, 1_001})
    void bothWeighEveryKeyAlike(int size, RandomGenerator random) {
        for (float[] logits : new float[][] {Rows.modelLike(random, size), Rows.tied(random, size)}) {
            logits[random.nextInt(size)] = Float.NEGATIVE_INFINITY;
            logits[random.nextInt(size)] = -0f;
            long[] keys = keys(logits);
            float factor = Weights.factor(0.3f + random.nextFloat());
            float best = Keys.logit(Arrays.stream(keys).min().orElseThrow()) - random.nextInt(2);
            long[] expected = new long[size];
            long[] actual = new long[size];
            long sum = SCALAR.weigh(keys, size, best, factor, expected);
            assertThat(VECTOR.weigh(keys, size, best, factor, actual)).isEqualTo(sum);
            assertThat(actual).isEqualTo(expected);
            assertThat(Arrays.stream(expected).sum()).isEqualTo(sum);
            for (int i = 0; i < size; i++) {
                assertThat(expected[i]).isEqualTo(Weights.of(Weights.exponent(logits[i], best, factor)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 100, 1_001})
    void bothSelectWhatLiesWithinTheBoundsInOrder(int size, RandomGenerator random) {
        long[] keys = keys(Rows.modelLike(random, size));
        long[] weights = random.longs(size).toArray();
        for (int round = 0; round < 20; round++) {
            long a = keys[random.nextInt(size)];
            long b = keys[random.nextInt(size)];
            long from = round == 0 ? Long.MIN_VALUE : Math.min(a, b);
            long to = Math.max(a, b);
            int[] in = IntStream.range(0, size).filter(i -> keys[i] >= from && keys[i] <= to).toArray();
            for (KeyKernels kernels : new KeyKernels[] {SCALAR, VECTOR}) {
                long[] outKeys = new long[size];
                long[] outWeights = new long[size];
                assertThat(kernels.select(keys, weights, size, from, to, outKeys, outWeights)).isEqualTo(in.length);
                assertSelected(in, keys, weights, outKeys, outWeights);
                long[] keysInPlace = keys.clone();
                long[] weightsInPlace = weights.clone();
                kernels.select(keysInPlace, weightsInPlace, size, from, to, keysInPlace, weightsInPlace);
                assertSelected(in, keys, weights, keysInPlace, weightsInPlace);
            }
        }
    }

    private static void assertSelected(int[] in, long[] keys, long[] weights, long[] outKeys, long[] outWeights) {
        for (int i = 0; i < in.length; i++) {
            assertThat(outKeys[i]).isEqualTo(keys[in[i]]);
            assertThat(outWeights[i]).isEqualTo(weights[in[i]]);
        }
    }

    private static long[] keys(float[] logits) {
        return IntStream.range(0, logits.length).mapToLong(i -> Keys.of(logits[i], i)).toArray();
    }
}
