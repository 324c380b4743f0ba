package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.llama.parity.Tally;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Law 4 on the real model: the Java chain and `llama_sampler_sample` choose the same token from the same row.
class ParityIT {

    @Test
    void everyChainChoosesTheSameOfAModelsRows() {
        List<String> failures = new ArrayList<>();
        Tally all = ParityRun.allChains(RealModel.get(), failures);
        System.out.println("parity on the real model: " + all + ", seed " + ParityRun.SEED);
        assertThat(String.join("\n", failures)).as("replay with -Dtest.seed=" + ParityRun.SEED).isEmpty();
        assertThat(all.rows()).isGreaterThanOrEqualTo(2_000);
    }

    static List<String> longChains() {
        return ParityRun.LONG_CHAINS;
    }

    @ParameterizedTest
    @MethodSource("longChains")
    void twoHundredTokensAreTheSame(String text) {
        ParityRun.Tokens tokens = ParityRun.longText(RealModel.get(), text);
        assertThat(tokens.java()).as(text).isEqualTo(tokens.llama());
    }
}
