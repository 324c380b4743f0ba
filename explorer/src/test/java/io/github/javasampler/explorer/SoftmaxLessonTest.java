package io.github.javasampler.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoftmaxLessonTest {
    private static final double[] LOGITS = {3, 2, 1, 0.5, -1};

    @Test
    void itSaysExactlyWhereTheNaiveFormTurns() {
        SoftmaxLesson.Reply reply = at(0);
        // exp(88.722839) is the end, less the greatest logit and less the logarithm of the sum.
        assertThat(reply.naiveNanFrom()).isCloseTo(85.722839, offset(1e-6));
        assertThat(reply.naiveZeroFrom()).isCloseTo(85.250578, offset(1e-6));
        assertThat(at(reply.naiveZeroFrom() - 1e-4).naive()[0]).isCloseTo(reply.stable()[0], offset(1e-4));
        assertThat(at(reply.naiveZeroFrom() + 1e-4).naive()).containsOnly(0);
        assertThat(at(reply.naiveZeroFrom() + 1e-4).naiveSum()).isEqualTo("Infinity");
        assertThat(at(reply.naiveNanFrom() - 1e-4).naive()).containsOnly(0);
        assertThat(at(reply.naiveNanFrom() + 1e-4).naive()).contains(Double.NaN, 0);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-50, 0.5, 50, 120})
    void theStableFormDoesNotCare(double offset) {
        SoftmaxLesson.Reply reply = at(offset);
        assertThat(reply.stable()).containsExactly(at(0).stable(), offset(1e-14));
        assertThat(reply.stableShift()).isEqualTo(3 + offset);
    }

    @Test
    void aTemperatureMovesThePlace() {
        SoftmaxLesson.Reply reply = SoftmaxLesson.answer(new SoftmaxLesson.Request(LOGITS, 0, 2));
        assertThat(reply.naiveNanFrom()).isCloseTo(2 * 88.722839 - 3, offset(1e-5));
    }

    @Test
    void whatIsNoLessonIsRefused() {
        assertThatThrownBy(() -> new SoftmaxLesson.Request(new double[1], 0, 1))
                .isInstanceOf(Refusal.class).hasMessage("\"logits\" must be 2 to 16 numbers, got 1");
        assertThatThrownBy(() -> new SoftmaxLesson.Request(LOGITS, 0, 0))
                .isInstanceOf(Refusal.class).hasMessageContaining("above 0 and at most 1e6, got 0.0");
        assertThatThrownBy(() -> new SoftmaxLesson.Request(new double[] {0, Double.NaN}, 0, 1))
                .isInstanceOf(Refusal.class).hasMessageContaining("a logit must be a number");
    }

    private static SoftmaxLesson.Reply at(double offset) {
        return SoftmaxLesson.answer(new SoftmaxLesson.Request(LOGITS, offset, 1));
    }
}
