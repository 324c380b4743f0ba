package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class WeightsTest {
    @Test
    void theBestCandidateWeighsExactlyOne() {
        assertThat(Weights.power(Weights.exponent(3f, 3f, 1.7f))).isEqualTo(1f);
        assertThat(Weights.power(-0f)).isEqualTo(1f);
        assertThat(Weights.of(-0f)).isEqualTo(1L << 40);
    }

    @Test
    void whatCannotBeChosenWeighsNothing() {
        assertThat(Weights.of(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(Weights.of(-Float.MAX_VALUE)).isZero();
        assertThat(Weights.of(Float.MIN_VALUE)).isZero();
        assertThat(Weights.of(Float.NaN)).isZero();
        assertThat(Weights.of(-41.1f)).isZero();
        assertThat(Weights.of(-40f)).isEqualTo(1);
    }

    @Test
    void thePowerIsCorrectToOneUlpAndFallsWithItsArgument() {
        float previous = 1f;
        double worst = 0;
        // Every 61st float of [-44, 0): 17 million of them, in descending order of the argument.
        int lowest = Float.floatToRawIntBits(-44f);
        for (int bits = Float.floatToRawIntBits(-0x1p-30f); bits < lowest; bits += 61) {
            float y = Float.intBitsToFloat(bits);
            float power = Weights.power(y);
            if (power > previous) {
                throw new AssertionError("2^" + y + " = " + power + " is above that of a float nearer to 0");
            }
            worst = Math.max(worst, Math.abs(power / StrictMath.exp(y * StrictMath.log(2)) - 1));
            previous = power;
        }
        assertThat(worst).isLessThanOrEqualTo(0x1p-23);
    }

    @Test
    void aWeightIsThePowerInWholeUnits() {
        for (float y = -0f; y > -45; y -= 0.0137f) {
            double power = StrictMath.pow(2, y);
            assertThat((double) Weights.of(y)).isCloseTo(power * 0x1p40, Offset.offset(0.5 + power * 0x1p40 * 0x1p-23));
        }
    }
}
