package io.github.javasampler.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.offset;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalibrationTest {
    /// A model that gives token 0 of two nine of ten, always.
    private static final MemorySegment SURE = MemorySegment.ofArray(new float[] {(float) StrictMath.log(9), 0});

    /// Right in `right` of `of` cases the best is `right / of`, so `logit / T = ln(right / wrong)`.
    @ParameterizedTest
    @CsvSource({"2, 3, 4", "1, 3, 4", "0.5, 7, 10", "3, 9, 10", "2, 2, 3"})
    void theTemperatureIsThatOfTheOdds(float logit, int right, int of) {
        TemperatureFit fit = new TemperatureFit(2);
        MemorySegment row = MemorySegment.ofArray(new float[] {logit, 0});
        for (int i = 0; i < of; i++) {
            fit.add(row, i < right ? 0 : 1);
        }
        double expected = logit / StrictMath.log((double) right / (of - right));
        assertThat(fit.best()).isCloseTo(expected, offset(0.005 * expected));
    }

    @Test
    void aTemperatureOutsideOfWhatIsTriedIsTheNextThatIs() {
        TemperatureFit always = new TemperatureFit(2);
        always.add(SURE, 0);
        assertThat(always.best()).isEqualTo(TemperatureFit.LEAST);
        TemperatureFit never = new TemperatureFit(2);
        never.add(SURE, 1);
        assertThat(never.best()).isCloseTo(TemperatureFit.GREATEST, offset(1e-9));
        assertThat(new TemperatureFit(2).best()).isEqualTo(1);
    }

    @Test
    void aModelThatIsTooSureIsHeatedToTheTruth() {
        // Right in three of four cases, with a confidence of nine of ten: T = ln 9 / ln 3 = 2.
        int[] tokens = new int[401];
        Arrays.setAll(tokens, i -> i % 4 == 0 ? 1 : 0);
        Calibration calibration = new Calibration(tokens, 2);
        for (int i = 0; i < calibration.predictions(); i++) {
            assertThat(calibration.done()).isEqualTo(i);
            calibration.add(SURE);
        }
        // The row after the last token is passed over.
        calibration.add(SURE);
        Calibration.Result result = calibration.result();
        assertThat(result.tokens()).isEqualTo(401);
        assertThat(result.fittedOn()).isEqualTo(200);
        assertThat(result.judgedOn()).isEqualTo(200);
        assertThat(result.temperature()).isCloseTo(2, offset(0.01));
        assertThat(result.before().accuracy()).isEqualTo(0.75);
        assertThat(result.after().accuracy()).isEqualTo(0.75);
        assertThat(result.before().ece()).isCloseTo(0.15, offset(1e-5));
        assertThat(result.after().ece()).isCloseTo(0, offset(1e-3));
        // -0.75 log2 0.9 - 0.25 log2 0.1, and the entropy of 3/4.
        assertThat(result.before().nllBits()).isCloseTo(0.944484, offset(1e-5));
        assertThat(result.after().nllBits()).isCloseTo(0.811278, offset(1e-5));
    }

    @Test
    void missingRowsAreAnError() {
        Calibration calibration = new Calibration(new int[] {0, 1, 0}, 2);
        calibration.add(SURE);
        assertThatIllegalStateException().isThrownBy(calibration::result).withMessageContaining("all 2 rows");
        assertThatIllegalArgumentException().isThrownBy(() -> new Calibration(new int[2], 2))
                .withMessageContaining("at least 3 tokens, got 2");
    }
}
