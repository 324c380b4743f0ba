package io.github.javasampler.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import io.github.javasampler.Golden;
import io.github.javasampler.Rows;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SoftmaxTest {
    static Stream<Golden.Case> softmaxCases() {
        return Golden.cases("softmax");
    }

    static Stream<Golden.Case> topProbabilityCases() {
        return Golden.cases("top-probability");
    }

    @ParameterizedTest
    @MethodSource("softmaxCases")
    void aWorkedExampleComesOutAsPublished(Golden.Case example) {
        double[] logits = example.doubles("logits");
        double temperature = example.number("temperature");
        assertThat(Softmax.probabilities(logits, temperature))
                .containsExactly(example.doubles("probs"), offset(Golden.TOLERANCE));
        double[] scaled = Softmax.atTemperature(logits, temperature);
        assertThat(Softmax.entropyBits(scaled)).isCloseTo(example.number("entropy_bits"), offset(Golden.TOLERANCE));
        assertThat(Softmax.entropyRatio(scaled)).isCloseTo(example.number("entropy_ratio"), offset(Golden.TOLERANCE));
        assertThat(Softmax.argmax(logits)).isEqualTo((int) example.number("argmax"));
    }

    @ParameterizedTest
    @MethodSource("topProbabilityCases")
    void oneHighLogitAmongManyHasThePublishedShare(Golden.Case example) {
        double[] logits = new double[(int) example.number("vocabulary")];
        Arrays.fill(logits, example.number("other_logits"));
        logits[1] = example.number("top_logit");
        assertThat(Softmax.probabilities(logits)[1])
                .isCloseTo(example.number("top_probability"), offset(Golden.TOLERANCE));
    }

    @Test
    void everyKindOfWorkedExampleIsTested() {
        assertThat(Golden.cases("softmax").count() + Golden.cases("top-probability").count()
                + Golden.cases("chain").count()).isEqualTo(Golden.all().count()).isEqualTo(37);
    }

    @Test
    void theVarentropyIsThatOfTheSurprises() {
        // Of p and q = 1 - p it is p q (log2(p / q))^2; of equals, and of one alone, nothing.
        double ninth = StrictMath.log(8);
        assertThat(Softmax.varentropyBits(new double[] {ninth, 0})).isCloseTo(8.0 / 81 * 9, offset(1e-14));
        assertThat(Softmax.varentropyBits(new double[] {ninth, 0, Double.NEGATIVE_INFINITY}))
                .isCloseTo(8.0 / 81 * 9, offset(1e-14));
        assertThat(Softmax.varentropyBits(new double[] {4, 4, 4, 4})).isCloseTo(0, offset(1e-28));
        assertThat(Softmax.varentropyBits(new double[] {-3})).isZero();
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1e6, -100, -0.25, 7, 1e6})
    void addingOneNumberToAllLogitsChangesNothing(double shift) {
        double[] logits = {5, 2, 1};
        double[] shifted = Arrays.stream(logits).map(l -> l + shift).toArray();
        assertThat(Softmax.probabilities(shifted)).containsExactly(Softmax.probabilities(logits), offset(1e-12));
        assertThat(Softmax.entropyBits(shifted)).isCloseTo(Softmax.entropyBits(logits), offset(1e-9));
        assertThat(Softmax.logSumExp(shifted)).isCloseTo(Softmax.logSumExp(logits) + shift, offset(1e-9));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1000, 842.3, -1000, Double.MAX_VALUE / 4})
    void noLogitIsTooLarge(double logit) {
        double[] probabilities = Softmax.probabilities(new double[] {logit, logit, -logit});
        assertThat(Arrays.stream(probabilities).sum()).isCloseTo(1, offset(1e-12));
        assertThat(Softmax.logSumExp(new double[] {logit})).isEqualTo(logit);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 49_152, 128_000})
    void equalLogitsAreUniform(int n) {
        double[] logits = new double[n];
        Arrays.fill(logits, 3.25);
        assertThat(Softmax.probabilities(logits)).containsOnly(1.0 / n);
        assertThat(Softmax.entropyBits(logits)).isCloseTo(StrictMath.log(n) / StrictMath.log(2), offset(1e-9));
        assertThat(Softmax.entropyRatio(logits)).isCloseTo(n == 1 ? 0 : 1, offset(1e-9));
        assertThat(Softmax.crossEntropy(logits, n - 1)).isCloseTo(StrictMath.log(n), offset(1e-9));
    }

    @Test
    void logProbabilitiesAreTheLogarithmsOfTheProbabilities() {
        double[] logits = {2, 1, -1, 3, -0.5};
        double[] logs = Softmax.logProbabilities(logits);
        double[] probabilities = Softmax.probabilities(logits);
        for (int i = 0; i < logits.length; i++) {
            assertThat(StrictMath.exp(logs[i])).isCloseTo(probabilities[i], offset(1e-12));
            assertThat(Softmax.crossEntropy(logits, i)).isCloseTo(-logs[i], offset(1e-12));
        }
    }

    @Test
    void bannedLogitsHaveNoProbabilityAndNoEntropy() {
        double[] logits = {1, Double.NEGATIVE_INFINITY, 1};
        assertThat(Softmax.probabilities(logits)).containsExactly(0.5, 0, 0.5);
        assertThat(Softmax.entropyBits(logits)).isCloseTo(1, offset(1e-12));
    }

    @Test
    void temperatureZeroIsGreedy() {
        assertThat(Softmax.probabilities(new double[] {1, 3, 3, 2}, 0)).containsExactly(0, 1, 0, 0);
        assertThat(Softmax.probabilities(new double[] {1, 3, 2}, Double.MIN_VALUE)).containsExactly(0, 1, 0);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY})
    void anImpossibleTemperatureIsAnError(double temperature) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Softmax.probabilities(new double[] {1, 2}, temperature))
                .withMessage("temperature must be a number >= 0, got " + temperature
                        + "; 1.0 turns it off, 0.0 is greedy");
    }

    @Test
    void logitsThatAreNoneAreErrors() {
        assertThatIllegalArgumentException().isThrownBy(() -> Softmax.probabilities(new double[] {1, Double.NaN}))
                .withMessage("logits must be numbers or -Infinity, got NaN at index 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Softmax.logSumExp(new double[] {Double.NEGATIVE_INFINITY}))
                .withMessage("at least one of the 1 logits must be a number, got none");
        assertThatIllegalArgumentException().isThrownBy(() -> Softmax.entropyBits(new double[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> Softmax.crossEntropy(new double[] {1}, 1))
                .withMessage("target must be in [0, 0], got 1");
    }

    @Test
    void aRowIsWidened() {
        assertThat(Softmax.logitsOf(Rows.offHeap(1.5f, Float.NEGATIVE_INFINITY)))
                .containsExactly(1.5, Double.NEGATIVE_INFINITY);
        assertThatIllegalArgumentException().isThrownBy(() -> Softmax.logitsOf(Rows.offHeap(1f, 2f).asSlice(1)))
                .withMessage("a row must hold whole floats of 4 bytes, got 7 bytes");
    }
}
