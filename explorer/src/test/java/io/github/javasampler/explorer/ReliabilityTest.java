package io.github.javasampler.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReliabilityTest {
    @Test
    void fourPredictionsComeOutAsComputedByHand() {
        Reliability reliability = Reliability.of(new double[] {0.95, 0.88, 0.82, 0.15},
                new boolean[] {true, true, false, false}, 10);
        assertThat(reliability.accuracy()).isEqualTo(0.5);
        // |1 - 0.95| / 4 + 2 |0.5 - 0.85| / 4 + |0 - 0.15| / 4
        assertThat(reliability.ece()).isCloseTo(0.225, offset(1e-12));
        assertThat(reliability.bins()).hasSize(10);
        Reliability.Bin bin = reliability.bins().get(8);
        assertThat(bin.from()).isEqualTo(0.8);
        assertThat(bin.to()).isEqualTo(0.9);
        assertThat(bin.count()).isEqualTo(2);
        assertThat(bin.confidence()).isCloseTo(0.85, offset(1e-12));
        assertThat(bin.accuracy()).isEqualTo(0.5);
        assertThat(reliability.bins().get(5)).isEqualTo(new Reliability.Bin(0.5, 0.6, 0, 0, 0));
    }

    @Test
    void whoIsRightAsOftenAsHeSaysHasNoError() {
        Reliability reliability = Reliability.of(new double[] {0.75, 0.75, 0.75, 0.75},
                new boolean[] {true, true, false, true}, 10);
        assertThat(reliability.ece()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0.1, 0", "0.1000001, 1", "0.5, 4", "0.9999, 9", "1, 9"})
    void aBinHasItsUpperBound(double confidence, int bin) {
        Reliability reliability = Reliability.of(new double[] {confidence}, new boolean[] {true}, 10);
        assertThat(reliability.bins().get(bin).count()).isEqualTo(1);
    }

    @Test
    void whatIsNoConfidenceIsAnError() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Reliability.of(new double[] {1.5}, new boolean[] {true}, 10))
                .withMessageContaining("in [0, 1], got 1.5");
        assertThatIllegalArgumentException().isThrownBy(() -> Reliability.of(new double[0], new boolean[0], 10))
                .withMessageContaining("at least one");
    }
}
