package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.javasampler.Candidates;
import io.github.javasampler.InvalidSettingException;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SamplerPluginTest {
    private static final LlamaRuntime RUNTIME = LlamaRuntime.load();
    private static final long INIT = NativeSymbols.address("llama_sampler_init").address();

    @Test
    void aTextBecomesASampler() {
        String text = "top_k=40,top_p=0.95,temperature=0.8,seed=99";
        SamplerSession session = SamplerChain.parse(text).newSession(500);
        for (String spec : List.of(text, "n_vocab=500,numerics=portable," + text)) {
            session.reset();
            try (NativeSampler sampler = sampler(spec)) {
                assertThat(sampler.name()).isEqualTo("top-k -> top-p -> temp -> dist");
                SplittableRandom random = new SplittableRandom(1);
                for (int i = 0; i < 50; i++) {
                    MemorySegment row = row(random);
                    assertThat(sampler.sample(row)).isEqualTo(session.sample(row));
                }
            }
        }
    }

    @Test
    void aPickerMayBeMissingAndStagesMayBeYourOwn() {
        try (NativeSampler sampler = sampler("top_k=6, class=" + Odd.class.getName() + ", numerics=llama.cpp")) {
            assertThat(sampler.name()).isEqualTo("top-k -> odd");
            assertThatThrownBy(() -> sampler.sample(row(new SplittableRandom(1)))).isInstanceOf(LlamaException.class)
                    .hasMessageContaining("it needs a stage that picks");
        }
        try (NativeSampler sampler = sampler("class=" + Odd.class.getName() + ",greedy")) {
            assertThat(sampler.sample(row(new SplittableRandom(1))) % 2).isEqualTo(1);
        }
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> sampler("top_k=40,top_q=3")).isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("top_q");
        assertThatThrownBy(() -> sampler("")).isInstanceOf(InvalidSettingException.class);
        assertThatThrownBy(() -> sampler("greedy,top_k=4")).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a picker must be the last stage, and \"greedy\" is stage 1 of 2");
        assertThatThrownBy(() -> sampler("n_vocab=many,greedy")).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("n_vocab must be a whole number, got \"many\"");
        assertThatThrownBy(() -> sampler("numerics=exact,greedy")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> sampler("class=no.such.Stage")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("class=no.such.Stage must be a public class");
        assertThatThrownBy(() -> sampler("class=java.lang.Object")).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("class=java.lang.Object must implement io.github.javasampler.Sampler, and does not");
        assertThatThrownBy(() -> SamplerPlugin.init("greedy", 0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the address of llama_sampler_init must not be null");
        assertThatThrownBy(() -> sampler("class=" + Broken.class.getName())).hasMessageEndingWith(
                "$Broken must have a constructor that succeeds, and it threw java.lang.IllegalStateException: no luck");
        assertThat(SamplerRegistry.size()).isZero();
    }

    @Test
    void nothingIsThrownToC() {
        long[] sampler = {0};
        assertThat(PluginCall.init("seed=1".getBytes(StandardCharsets.UTF_8), INIT, sampler)).isNull();
        NativeSampler.adopt(RUNTIME, MemorySegment.ofAddress(sampler[0]), 500).close();
        assertThat(said("top_k=\u00e9,greedy")).contains("\u00e9");
        assertThat(said("class=" + Endless.class.getName())).startsWith("java.lang.StackOverflowError");
    }

    private static String said(String spec) {
        byte[] error = PluginCall.init(spec.getBytes(StandardCharsets.UTF_8), INIT, new long[1]);
        return new String(error, StandardCharsets.UTF_8);
    }

    private static NativeSampler sampler(String spec) {
        return NativeSampler.adopt(RUNTIME, MemorySegment.ofAddress(SamplerPlugin.init(spec, INIT)), 500);
    }

    private static MemorySegment row(SplittableRandom random) {
        float[] logits = new float[500];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) random.nextGaussian(0, 3);
        }
        return MemorySegment.ofArray(logits);
    }

    /// Has no instance.
    public static final class Broken {
        public Broken() {
            throw new IllegalStateException("no luck");
        }
    }

    /// Its name has no end.
    public record Endless() implements Sampler {
        @Override
        public String name() {
            return name();
        }

        @Override
        public void apply(Candidates candidates) {
            throw new AssertionError();
        }
    }

    /// Found by its name.
    public record Odd() implements Sampler {
        @Override
        public String name() {
            return "odd";
        }

        @Override
        public void apply(Candidates candidates) {
            candidates.keepIf(id -> id % 2 == 1);
        }
    }
}
