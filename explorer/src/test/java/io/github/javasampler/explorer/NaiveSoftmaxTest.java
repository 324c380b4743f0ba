package io.github.javasampler.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import org.junit.jupiter.api.Test;

class NaiveSoftmaxTest {
    @Test
    void smallLogitsComeOutRight() {
        NaiveSoftmax naive = NaiveSoftmax.of(new float[] {0, (float) StrictMath.log(3)});
        assertThat(naive.sum()).isCloseTo(4, offset(1e-5f));
        assertThat(naive.probabilities()).containsExactly(new float[] {0.25f, 0.75f}, offset(1e-6f));
    }

    @Test
    void theGreatestLogitTurnsIntoNaNAbove88() {
        float below = (float) NaiveSoftmax.overflowLogit() - 1e-5f;
        float above = below + 1e-4f;
        assertThat(NaiveSoftmax.overflowLogit()).isCloseTo(88.722839, offset(1e-6));
        assertThat(NaiveSoftmax.of(new float[] {below, 0}).probabilities())
                .containsExactly(new float[] {1, 0}, offset(1e-30f));
        NaiveSoftmax naive = NaiveSoftmax.of(new float[] {above, 0});
        assertThat(naive.sum()).isInfinite();
        assertThat(naive.probabilities()).containsExactly(Float.NaN, 0);
    }

    @Test
    void aSumThatOverflowsFirstLeavesNothing() {
        NaiveSoftmax naive = NaiveSoftmax.of(new float[] {88.5f, 88.5f});
        assertThat(naive.sum()).isInfinite();
        assertThat(naive.probabilities()).containsExactly(0, 0);
    }

    @Test
    void nothingDividedByNothingIsNoNumber() {
        NaiveSoftmax naive = NaiveSoftmax.of(new float[] {-200, -201});
        assertThat(naive.sum()).isZero();
        assertThat(naive.probabilities()).containsExactly(Float.NaN, Float.NaN);
    }
}
