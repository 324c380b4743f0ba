package io.github.javasampler.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import io.github.javasampler.InvalidSettingException;
import java.util.List;
import org.junit.jupiter.api.Test;

class FiveLogitsTest {
    private static final double[] LOGITS = {3, 2, 1, 0.5, -1};

    @Test
    void everyTokenHasItsFate() {
        FiveLogits.Reply reply = answer("top_k=3,min_p=0.2,temperature=0.5");
        assertThat(reply.tokens()).extracting(Look.Line::text).containsExactly("A", "B", "C", "D", "E");
        assertThat(reply.fates()).extracting(Look.Fate::cutBy).containsExactly(null, null, "min-p", "top-k", "top-k");
        assertThat(reply.after().kept()).isEqualTo(2);
        // Of e^6 and e^4: 1 / (1 + e^-2).
        assertThat(reply.tokens().getFirst().after()).isCloseTo(0.880797, offset(1e-5));
        assertThat(reply.fate()).isNull();
        assertThat(reply.greedy()).isFalse();
    }

    @Test
    void temperatureGoesFromArgmaxToUniform() {
        assertThat(answer("temperature=0").after().entropyBits()).isZero();
        assertThat(answer("temperature=0").greedy()).isTrue();
        assertThat(answer("temperature=0.01").tokens().getFirst().after()).isCloseTo(1, offset(1e-9));
        assertThat(answer("temperature=100").after().entropyBits()).isCloseTo(2.321928, offset(1e-3));
    }

    @Test
    void anEmptyChainLeavesTheSoftmax() {
        FiveLogits.Reply reply = answer("");
        assertThat(reply.tokens()).allSatisfy(line -> assertThat(line.after()).isCloseTo(line.raw(), offset(1e-6)));
        assertThat(reply.stages()).isEqualTo(List.of());
        assertThat(reply.after().kept()).isEqualTo(5);
    }

    @Test
    void whatIsWrongIsRefused() {
        assertThatThrownBy(() -> answer("top_p=1.2")).isInstanceOf(InvalidSettingException.class);
        assertThatThrownBy(() -> new FiveLogits.Request(LOGITS, "", 5)).isInstanceOf(Refusal.class)
                .hasMessage("a token must be in [0, 4], got 5");
    }

    private static FiveLogits.Reply answer(String chain) {
        return FiveLogits.answer(new FiveLogits.Request(LOGITS, chain, null));
    }
}
