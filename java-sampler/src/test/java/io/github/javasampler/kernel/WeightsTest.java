package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class WeightsTest {
    @Test
    void theBestCandidateWeighsExactlyOne() {
        assertThat(Weights.power(0f)).isEqualTo(1f);
        assertThat(Weights.power(-0f)).isEqualTo(1f);
        assertThat(Weights.power(1f)).isEqualTo(1f);
        assertThat(Weights.of(0f)).isEqualTo(1L << 35);
    }

    @Test
    void whatCannotBeChosenWeighsNothing() {
        assertThat(Weights.of(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(Weights.of(-Float.MAX_VALUE)).isZero();
        assertThat(Weights.of(-36.1f)).isZero();
        assertThat(Weights.of(-35f)).isEqualTo(1);
    }

    @Test
    void thePowerIsCorrectToOneUlpAndFallsWithItsArgument() {
        float previous = 1f;
        double worst = 0;
        // Every 61st float of [-40, 0): 17 million of them, in descending order of the argument.
        int lowest = Float.floatToRawIntBits(-40f);
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
        for (float y = 0; y > -41; y -= 0.0137f) {
            double power = StrictMath.pow(2, y);
            assertThat((double) Weights.of(y)).isCloseTo(power * 0x1p35, Offset.offset(0.5 + power * 0x1p35 * 0x1p-23));
        }
    }

    @Test
    void theExponentOfTheGreatestLogitIsNeverAboveZeroAndNearIt() {
        for (float temperature : new float[] {1f, 0.1f, 0.8f, 1.5f, 40f}) {
            float factor = Weights.factor(temperature);
            for (float max = -100; max < 100; max += 0.37f) {
                float y = Math.fma(max, factor, Weights.offset(max, factor));
                assertThat(y).isLessThanOrEqualTo(0f).isGreaterThan(-Math.ulp(max * factor));
            }
        }
    }
}
