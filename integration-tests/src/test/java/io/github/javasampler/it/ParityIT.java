package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.llama.LlamaContext;
import io.github.javasampler.llama.NativeChain;
import io.github.javasampler.llama.parity.Chains;
import io.github.javasampler.llama.parity.Tally;
import io.github.javasampler.llama.parity.Trial;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Law 4 on the real model: the Java chain and `llama_sampler_sample` choose the same token from the same row.
class ParityIT {
    private static final int TOKENS = 200;
    private static final int ROWS = 48;
    private static final long SEED = Long.getLong("test.seed", 20261121L);
    private static final Tally ALL = new Tally();

    /// All chains over the rows of one text, in both numerics.
    @Test
    void everyChainChoosesTheSameOfAModelsRows() {
        float[][] rows = rows();
        List<String> failures = new ArrayList<>();
        for (String text : Chains.TEXTS) {
            Tally tally = new Tally();
            SplittableRandom random = new SplittableRandom(SEED ^ text.hashCode());
            try (Trial trial = new Trial(RealModel.get().runtime(), SamplerChain.parse(text),
                    RealModel.get().vocabularySize(), random, tally)) {
                for (float[] row : rows) {
                    trial.run(row);
                }
            }
            ALL.add(tally);
            failures.addAll(tally.failures());
        }
        System.out.println("parity on the real model: " + ALL + ", seed " + SEED);
        assertThat(String.join("\n", failures)).as("replay with -Dtest.seed=" + SEED).isEmpty();
        assertThat(ALL.rows()).isGreaterThanOrEqualTo(2_000);
    }

    private static float[][] rows() {
        float[][] rows = new float[ROWS][];
        try (LlamaContext context = RealModel.get().newContext()) {
            SamplerSession session = SamplerChain.parse("temperature=0.8,seed=1")
                    .newSession(RealModel.get().vocabularySize());
            context.decode(RealModel.chat("Tell me a story about a lighthouse."));
            for (int i = 0; i < ROWS; i++) {
                rows[i] = context.logits(-1).toArray(ValueLayout.JAVA_FLOAT);
                context.decode(session.sample(context.logits(-1)));
            }
        }
        return rows;
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "greedy",
        "penalties=64:1.1:0.1:0.1,top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42",
        "temperature=1.5,seed=1234",
        "temperature=0.8,mirostat_v2=5.0:0.1:14",
        "min_p=0.02,adaptive_p=0.3:0.9:15"
    })
    void twoHundredTokensAreTheSame(String text) {
        SamplerChain chain = SamplerChain.parse(text);
        try (LlamaContext context = RealModel.get().newContext();
                NativeChain nativeChain = new NativeChain(RealModel.get().runtime(), chain,
                        RealModel.get().vocabularySize())) {
            SamplerSession session = chain.newSession(RealModel.get().vocabularySize());
            context.decode(RealModel.chat("Tell me a story about a lighthouse."));
            int[] java = new int[TOKENS];
            int[] llama = new int[TOKENS];
            for (int i = 0; i < TOKENS; i++) {
                MemorySegment row = context.logits(-1);
                java[i] = session.sample(row);
                llama[i] = nativeChain.sample(context, -1);
                context.decode(llama[i]);
            }
            assertThat(java).as(text).isEqualTo(llama);
        }
    }
}
