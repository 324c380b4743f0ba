package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.javasampler.Candidate;
import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeChainTest {

    @TempDir
    Path directory;

    @Test
    void everyStageHasItsCounterpart() {
        try (NativeChain chain = chain("top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42")) {
            assertThat(chain.names()).containsExactly("top-k", "top-p", "min-p", "temp", "dist");
        }
        try (NativeChain chain = chain("top_k=0,top_p=1,min_p=0,greedy")) {
            assertThat(chain.names()).containsExactly("?top-k", "?top-p", "?min-p", "greedy");
        }
    }

    @Test
    void drawsAreThoseOfTheSeed() {
        // Known draws of llama.cpp 0.5.0: dist over 1000 equal logits.
        try (NativeChain chain = chain("seed=42")) {
            for (int expected : new int[] {796, 183, 779, 596, 445, 99, 459, 333}) {
                assertThat(chain.apply(new float[1000]).token()).isEqualTo(expected);
            }
            chain.reset();
            assertThat(chain.apply(new float[1000]).token()).isEqualTo(796);
        }
    }

    @Test
    void survivorsComeInTheOrderOfLlamaCpp() {
        // Known order of llama.cpp 0.5.0: top-k 5 of 20 equal logits.
        try (NativeChain chain = chain("top_k=5,greedy")) {
            NativeChain.Selection selection = chain.apply(new float[20]);
            assertThat(selection.survivors()).extracting(Candidate::id).containsExactly(3, 4, 1, 0, 2);
            assertThat(selection.token()).isEqualTo(3);
        }
    }

    @Test
    void survivorsCarryLogitsAndProbabilities() {
        try (NativeChain chain = chain("top_k=2,temperature=0.5,seed=1")) {
            List<Candidate> survivors = chain.apply(new float[] {1, 3, 2, -1}).survivors();
            assertThat(survivors).extracting(Candidate::id).containsExactly(1, 2);
            assertThat(survivors).extracting(Candidate::logit).containsExactly(6f, 4f);
            assertThat(survivors.get(0).probability() + survivors.get(1).probability()).isBetween(0.999999, 1.000001);
        }
    }

    @Test
    void rowsOfAnyKindAreRead() {
        try (NativeChain chain = chain("greedy"); Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(1 + 3 * Float.BYTES);
            MemorySegment unaligned = bytes.asSlice(1).asReadOnly();
            bytes.asSlice(1).set(ValueLayout.JAVA_FLOAT_UNALIGNED, Float.BYTES, 5);
            assertThat(chain.apply(unaligned).token()).isEqualTo(1);
            // A longer row than before, and a shorter one.
            assertThat(chain.apply(row(100_000, 99_999)).token()).isEqualTo(99_999);
            assertThat(chain.apply(row(1, 0)).token()).isZero();
        }
    }

    @Test
    void aCheckedRowGivesTheTokensOfApplyAndAccept() {
        try (NativeChain sampled = chain("penalties=64:1.5,top_p=0.9,seed=42");
                NativeChain applied = sampled.copy(); Arena arena = Arena.ofConfined()) {
            float[] logits = row(1000, 7);
            CheckedRow row = CheckedRow.copyOf(MemorySegment.ofArray(logits), arena);
            for (int i = 0; i < 20; i++) {
                int token = applied.apply(logits).token();
                applied.accept(token);
                assertThat(sampled.sample(row)).isEqualTo(token);
            }
        }
    }

    @Test
    void aCheckedRowIsACopyWithoutNan() {
        try (NativeChain chain = chain("greedy"); Arena arena = Arena.ofConfined()) {
            float[] logits = {1, 3, 2};
            CheckedRow row = CheckedRow.copyOf(MemorySegment.ofArray(logits), arena);
            logits[2] = Float.NaN;
            assertThat(chain.sample(row)).isEqualTo(1);
            assertThat(row.segment().isReadOnly()).isTrue();
            assertThatThrownBy(() -> CheckedRow.copyOf(MemorySegment.ofArray(logits), arena))
                    .isInstanceOf(LlamaException.class).hasMessageContaining("that of token 2 is NaN");
        }
    }

    @Test
    void infiniteLogitsAreHandled() {
        for (String text : List.of("greedy", "seed=3", "top_k=3,seed=3", "top_p=0.5,seed=3", "min_p=0.5,seed=3")) {
            try (NativeChain chain = chain(text)) {
                float[] logits = row(2000, 7);
                logits[3] = Float.NEGATIVE_INFINITY;
                assertThat(chain.apply(logits).token()).as(text).isBetween(0, 1999);
                Arrays.fill(logits, Float.NEGATIVE_INFINITY);
                assertThat(chain.apply(logits).token()).as(text).isBetween(0, 1999);
                logits[9] = Float.POSITIVE_INFINITY;
                assertThat(chain.apply(logits).token()).as(text).isBetween(0, 1999);
            }
        }
    }

    @Test
    void aNanIsRefusedWhereverItStands() {
        try (NativeChain chain = chain("top_k=200,seed=3")) {
            for (int at : new int[] {0, 1, 63, 500, 999}) {
                for (int bits : new int[] {0x7FC0_0000, 0xFFC0_0000, 0x7F80_0001, 0xFFFF_FFFF}) {
                    float[] logits = row(1000, 7);
                    logits[at] = Float.intBitsToFloat(bits);
                    assertThatThrownBy(() -> chain.apply(logits)).isInstanceOf(LlamaException.class)
                            .hasMessage("logits must be numbers for llama.cpp's chain, and that of token " + at
                            + " is NaN");
                }
            }
            assertThat(chain.apply(row(1000, 7)).survivors()).hasSize(200);
        }
    }

    @Test
    void aRowWithoutFloatsIsRefused() {
        try (NativeChain chain = chain("greedy")) {
            assertThatThrownBy(() -> chain.apply(new float[0])).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a row must hold floats, at least one, got 0 bytes");
            assertThatThrownBy(() -> chain.apply(MemorySegment.ofArray(new byte[7])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a row must hold floats, at least one, got 7 bytes");
        }
    }

    @Test
    void aStageThatLlamaCppDoesNotHaveIsNamed() {
        SamplerChain chain = SamplerChain.builder().topK(3).stage(new Unknown()).greedy();
        assertThatThrownBy(() -> new NativeChain(LlamaRuntime.load(), chain, 100))
                .isInstanceOf(NoNativeSamplerException.class)
                .hasMessageStartingWith("stage 2 of 3, \"mine\", must be one of llama.cpp's own samplers")
                .extracting("stage").isEqualTo("mine");
    }

    @Test
    void aStageThatNeedsTextsAsksForTheModel() throws IOException {
        assertThatThrownBy(() -> chain("dry=1:2:2:64:%0A,greedy")).isInstanceOf(NoNativeSamplerException.class)
                .hasMessage("stage 1 of 2, \"dry\", must know the texts of the tokens to run in a native chain, and"
                        + " only their number was given; make it with new NativeChain(model, chain)");
        assertThatThrownBy(() -> chain("infill,greedy")).isInstanceOf(NoNativeSamplerException.class)
                .hasMessageStartingWith("stage 1 of 2, \"infill\", must know the texts of the tokens");
        try (NativeChain chain = chain("dry=1,dry=0:2:2:64:%0A,greedy")) {
            assertThat(chain.names()).containsExactly("dry", "?dry", "greedy");
        }
        SamplerChain texts = SamplerChain.parse("dry=1:2:2:64:%0A,top_k=5,infill,greedy");
        try (LlamaModel model = tiny(); NativeChain chain = new NativeChain(model, texts)) {
            assertThat(chain.names()).containsExactly("dry", "top-k", "infill", "greedy");
            assertThat(chain.apply(row(TinyModel.VOCABULARY_SIZE, 7)).token()).isEqualTo(7);
        }
    }

    @Test
    void aModelStaysOpenAsLongAsItsChains() throws IOException {
        LlamaModel model = tiny();
        NativeChain chain = new NativeChain(model, SamplerChain.parse("infill,greedy"));
        assertThatThrownBy(model::close).isInstanceOf(IllegalStateException.class).hasMessage("the model "
                + model.file() + " must be closed after its native chains, and 1 of them is open; close them first");
        assertThat(chain.apply(row(TinyModel.VOCABULARY_SIZE, 7)).token()).isEqualTo(7);
        chain.close();
        chain.close();
        // A chain that could not be made leaves nothing behind.
        SamplerChain unknown = SamplerChain.builder().stage(new Unknown()).greedy();
        assertThatThrownBy(() -> new NativeChain(model, unknown)).isInstanceOf(NoNativeSamplerException.class);
        model.close();
        assertThatThrownBy(() -> new NativeChain(model, SamplerChain.parse("greedy")))
                .isInstanceOf(IllegalStateException.class).hasMessageEndingWith("is closed");
    }

    @Test
    void aRowWithMoreTokensThanThereAreIsRefused() throws IOException {
        SamplerChain infill = SamplerChain.parse("infill,greedy");
        try (LlamaModel model = tiny(); NativeChain chain = new NativeChain(model, infill)) {
            int size = TinyModel.VOCABULARY_SIZE;
            assertThatThrownBy(() -> chain.apply(new float[size + 1])).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a row must hold at most " + size + " floats, one for each token of the chain's"
                            + " vocabulary, got " + (size + 1));
        }
    }

    @Test
    void samplingNeedsAnOutput() throws IOException {
        Path file = TinyModel.write(directory.resolve("tiny.gguf"), null);
        try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), file);
                LlamaContext context = model.newContext(ContextOptions.DEFAULT.withThreads(1));
                NativeChain chain = chain("greedy")) {
            assertThatThrownBy(() -> chain.sample(context, -1)).isInstanceOf(NoSuchOutputException.class);
            context.decode(new int[] {1, 5, 9});
            int expected = chain.apply(context.logits(-1)).token();
            assertThat(chain.sample(context, -1)).isEqualTo(expected);
            assertThat(chain.sample(context, 2)).isEqualTo(expected);
            assertThatThrownBy(() -> chain.sample(context, 0)).isInstanceOf(NoSuchOutputException.class);
        }
    }

    @Test
    void aCopyContinuesAndLivesApart() {
        // Known draws of llama.cpp 0.5.0 for seed 42: 796 183 779 596.
        try (NativeChain chain = chain("penalties=4:1:0:1000,seed=42")) {
            chain.accept(chain.apply(new float[1000]).token());
            try (NativeChain copy = chain.copy()) {
                assertThat(copy.source()).isEqualTo(chain.source());
                for (NativeChain each : List.of(chain, copy)) {
                    NativeChain.Selection selection = each.apply(new float[1000]);
                    assertThat(selection.token()).isEqualTo(183);
                    assertThat(selection.survivors().get(796).logit()).isEqualTo(-1000f);
                }
                chain.accept(183);
                chain.apply(new float[1000]);
                assertThat(copy.apply(new float[1000]).survivors().get(183).logit()).isZero();
            }
            chain.reset();
            assertThat(chain.apply(new float[1000]).token()).isEqualTo(796);
        }
    }

    @Test
    void adaptivePIsNotCopiedBeforeItsTokenIsAccepted() {
        try (NativeChain chain = chain("adaptive_p=0.5:0.9:1")) {
            int token = chain.apply(new float[10]).token();
            assertThatThrownBy(chain::copy).isInstanceOf(IllegalStateException.class)
                    .hasMessage("a native chain with adaptive-p must not be copied between apply and accept; accept a"
                    + " token first");
            chain.accept(token);
            try (NativeChain copy = chain.copy()) {
                // The random numbers start over.
                assertThat(copy.apply(new float[10]).token()).isEqualTo(token);
            }
        }
    }

    @Test
    void aClosedChainRefusesEveryCall() {
        NativeChain chain = chain("greedy");
        chain.close();
        chain.close();
        String message = "the native chain greedy is closed";
        assertThatThrownBy(() -> chain.apply(new float[1])).isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
        assertThatThrownBy(chain::names).isInstanceOf(IllegalStateException.class).hasMessage(message);
        assertThatThrownBy(chain::copy).isInstanceOf(IllegalStateException.class).hasMessage(message);
        assertThatThrownBy(chain::reset).isInstanceOf(IllegalStateException.class).hasMessage(message);
        assertThatThrownBy(() -> chain.accept(1)).isInstanceOf(IllegalStateException.class).hasMessage(message);
    }

    @Test
    void chainsCanBeOpenedAndClosedManyTimes() {
        for (int i = 0; i < 2_000; i++) {
            try (NativeChain chain = chain("top_k=4,seed=1")) {
                chain.accept(1);
            }
        }
    }

    private static final class Unknown implements Sampler {
        @Override
        public String name() {
            return "mine";
        }

        @Override
        public void apply(Candidates candidates) {
        }
    }

    private LlamaModel tiny() throws IOException {
        return LlamaModel.load(LlamaRuntime.load(), TinyModel.write(directory.resolve("tiny.gguf"), null));
    }

    private static NativeChain chain(String text) {
        return new NativeChain(LlamaRuntime.load(), SamplerChain.parse(text), 1 << 18);
    }

    private static float[] row(int length, int best) {
        float[] logits = new float[length];
        logits[best] = 9;
        return logits;
    }
}
