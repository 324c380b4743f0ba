package io.github.javasampler.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import org.junit.jupiter.api.Test;

class DivergenceTest {
    @Test
    void twoCoinsDifferAsComputedByHand() {
        Divergence divergence = Divergence.of(logs(0.5, 0.5), logs(0.25, 0.75));
        assertThat(divergence.totalVariation()).isCloseTo(0.25, offset(1e-12));
        assertThat(divergence.overlap()).isCloseTo(0.75, offset(1e-12));
        // 0.5 log2(0.5 / 0.25) + 0.5 log2(0.5 / 0.75) = 0.5 - 0.5 * 0.5849625
        assertThat(divergence.klBitsAToB()).isCloseTo(0.2075187496, offset(1e-9));
        // 0.25 log2(0.25 / 0.5) + 0.75 log2(0.75 / 0.5) = -0.25 + 0.75 * 0.5849625
        assertThat(divergence.klBitsBToA()).isCloseTo(0.1887218755, offset(1e-9));
        assertThat(divergence.keptA()).isEqualTo(2);
        assertThat(divergence.keptB()).isEqualTo(2);
        assertThat(divergence.both()).isEqualTo(2);
    }

    @Test
    void equalDistributionsDoNotDiffer() {
        double[] logs = logs(0.7, 0.2, 0.1, 0);
        Divergence divergence = Divergence.of(logs, logs);
        assertThat(divergence).isEqualTo(new Divergence(0, 0, 0, 3, 3, 3));
        assertThat(divergence.overlap()).isEqualTo(1);
    }

    @Test
    void aCutTokenMakesOneDirectionInfinite() {
        Divergence divergence = Divergence.of(logs(0.5, 0.5), logs(1, 0));
        assertThat(divergence.klBitsAToB()).isInfinite();
        assertThat(divergence.klBitsBToA()).isCloseTo(1, offset(1e-12));
        assertThat(divergence.totalVariation()).isCloseTo(0.5, offset(1e-12));
        assertThat(divergence.keptA()).isEqualTo(2);
        assertThat(divergence.keptB()).isEqualTo(1);
        assertThat(divergence.both()).isEqualTo(1);
    }

    @Test
    void whatHasNothingInCommonIsAsFarApartAsCanBe() {
        Divergence divergence = Divergence.of(logs(1, 0), logs(0, 1));
        assertThat(divergence)
                .isEqualTo(new Divergence(1, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 1, 1, 0));
    }

    @Test
    void aTokenTooImprobableForADoubleIsStillKept() {
        Divergence divergence = Divergence.of(new double[] {0, -800}, new double[] {0, -900});
        assertThat(divergence).isEqualTo(new Divergence(0, 0, 0, 2, 2, 2));
    }

    @Test
    void differentNumbersOfTokensAreAnError() {
        assertThatIllegalArgumentException().isThrownBy(() -> Divergence.of(logs(1), logs(0.5, 0.5)))
                .withMessageContaining("got 1 and 2");
    }

    private static double[] logs(double... probabilities) {
        double[] logs = new double[probabilities.length];
        for (int i = 0; i < logs.length; i++) {
            logs[i] = StrictMath.log(probabilities[i]);
        }
        return logs;
    }
}
