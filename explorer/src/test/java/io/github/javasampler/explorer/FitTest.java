package io.github.javasampler.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FitTest {
    /// The candidates of logits, none of them cut.
    private static Observer observed(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(probabilities[i]);
        }
        Observer observer = new Observer();
        Chain.parse("").with(observer).newSession(logits.length).draw(MemorySegment.ofArray(logits), 0);
        return observer;
    }

    @Test
    void theStatisticIsPearsons() {
        Fit fit = Fit.of(observed(0.5, 0.3, 0.2), Map.of(0, 60, 1, 20, 2, 20));

        // (60 - 50)^2 / 50 + (20 - 30)^2 / 30 + 0
        assertThat(fit.chiSquare()).isCloseTo(2 + 10 / 3.0, within(1e-4));
        assertThat(fit.degrees()).isEqualTo(2);
        assertThat(fit.bins()).isEqualTo(3);
        assertThat(fit.pValue()).isCloseTo(Math.exp(-fit.chiSquare() / 2), within(1e-9));
    }

    @Test
    void tokensOfWhichFewAreExpectedShareABin() {
        Fit fit = Fit.of(observed(0.5, 0.41, 0.03, 0.03, 0.03), Map.of(0, 50, 1, 41, 2, 9));

        assertThat(fit.bins()).isEqualTo(3);
        assertThat(fit.chiSquare()).isCloseTo(0, within(1e-4));
    }

    @Test
    void aRestThatIsTooSmallJoinsTheLeastBin() {
        Fit fit = Fit.of(observed(0.5, 0.48, 0.02), Map.of(0, 50, 1, 48, 2, 2));

        assertThat(fit.bins()).isEqualTo(2);
        assertThat(fit.degrees()).isEqualTo(1);
    }

    @Test
    void oneTokenAlwaysFits() {
        assertThat(Fit.of(observed(1), Map.of(0, 100))).isEqualTo(new Fit(0, 0, 1, 1));
    }

    @Test
    void whatCannotBeDrawnAndWasDoesNotFit() {
        assertThat(Fit.of(observed(0.5, 0.5), Map.of(0, 90, 1, 10)).pValue()).isLessThan(1e-12);
    }
}
