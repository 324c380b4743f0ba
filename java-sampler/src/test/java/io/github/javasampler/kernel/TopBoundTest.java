package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.Rows;
import io.github.javasampler.SeededTest;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SeededTest
class TopBoundTest {
    private static final Kernels KERNELS = KernelProvider.fastest();
    private static final int SIZE = 768;

    private final TopBound topBound = new TopBound();

    @ParameterizedTest
    @ValueSource(floats = {1e-30f, 1e-4f, 1, 1e4f, 1e37f})
    void atLeastAsManyReachTheBoundAsAreAskedFor(float scale, RandomGenerator random) {
        for (int row = 0; row < 500; row++) {
            float[] values = row % 3 == 0 ? Rows.tied(random, SIZE) : Rows.modelLike(random, SIZE);
            for (int i = 0; i < SIZE; i++) {
                values[i] = row % 5 == 0 && random.nextInt(10) > 0 ? Float.NEGATIVE_INFINITY : values[i] * scale;
            }
            int k = random.nextInt(1, SIZE + 1);
            float bound = find(values, k);
            if (bound > Float.NEGATIVE_INFINITY) {
                assertThat(reached(values, bound)).as("row %d, k %d", row, k).isGreaterThanOrEqualTo(k);
            }
        }
    }

    @Test
    void notManyMoreReachItInRowsLikeThoseOfAModel(RandomGenerator random) {
        for (int row = 0; row < 500; row++) {
            float[] values = Rows.modelLike(random, SIZE);
            assertThat(reached(values, find(values, 40))).as("row %d", row).isBetween(40, 40 + 40 / 8 + 4);
        }
    }

    @Test
    void itIsGivenUpWhereTooFewAreAboveNegativeInfinityAndFoundAgainInTheNextRow(RandomGenerator random) {
        float[] few = new float[SIZE];
        Arrays.fill(few, Float.NEGATIVE_INFINITY);
        Arrays.fill(few, 0, 39, 1);
        assertThat(find(few, 40)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(find(Rows.modelLike(random, SIZE), 40)).isGreaterThan(Float.NEGATIVE_INFINITY);
    }

    @Test
    void itIsGivenUpWhereNobodyKnowsTheGreatest(RandomGenerator random) {
        assertThat(topBound.of(KERNELS, Rows.modelLike(random, SIZE), SIZE, 40, Float.NaN))
                .isEqualTo(Float.NEGATIVE_INFINITY);
    }

    @Test
    void aRowOfTiesIsForgottenAfterTheNextRow(RandomGenerator random) {
        float[] ties = new float[SIZE];
        find(ties, 40);
        find(Rows.modelLike(random, SIZE), 40);
        float[] values = Rows.modelLike(random, SIZE);
        assertThat(reached(values, find(values, 40))).isBetween(40, 49);
    }

    private float find(float[] values, int k) {
        float greatest = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            greatest = Math.max(greatest, value);
        }
        return topBound.of(KERNELS, values, SIZE, k, greatest);
    }

    private static int reached(float[] values, float bound) {
        int reached = 0;
        for (float value : values) {
            reached += value >= bound ? 1 : 0;
        }
        return reached;
    }
}
