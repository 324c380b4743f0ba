package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WeightsTest {
    @Test
    void theBestCandidateWeighsExactlyOne() {
        assertThat(Weights.exp(0f)).isEqualTo(1f);
        assertThat(Weights.exp(-0f)).isEqualTo(1f);
        assertThat(Weights.of(0f)).isEqualTo(1L << 35);
    }

    @Test
    void whatCannotBeChosenWeighsNothing() {
        assertThat(Weights.of(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(Weights.of(-Float.MAX_VALUE)).isZero();
        assertThat(Weights.of(-25.1f)).isZero();
        assertThat(Weights.of(-24f)).isPositive();
    }

    @Test
    void theExponentialIsCorrectToOneUlpAndFallsWithItsArgument() {
        float previous = 1f;
        double worstUlps = 0;
        // Every 61st float of [-30, 0): 17 million of them, in descending order of the argument.
        int lowest = Float.floatToRawIntBits(-30f);
        for (int bits = Float.floatToRawIntBits(-0x1p-30f); bits < lowest; bits += 61) {
            float d = Float.intBitsToFloat(bits);
            float e = Weights.exp(d);
            assertThat(e <= previous).as("exp(%s) <= exp of the float before", d).isTrue();
            worstUlps = Math.max(worstUlps, Math.abs(e - StrictMath.exp(d)) / Math.ulp((float) StrictMath.exp(d)));
            previous = e;
        }
        assertThat(worstUlps).isLessThanOrEqualTo(1.0);
    }

    @Test
    void aWeightIsTheExponentialInWholeUnits() {
        for (float d = 0; d > -31; d -= 0.0137f) {
            assertThat((double) Weights.of(d)).isCloseTo(StrictMath.exp(d) * 0x1p35,
                    org.assertj.core.data.Offset.offset(0.5 + StrictMath.exp(d) * 0x1p35 * 0x1p-23));
        }
    }
}
