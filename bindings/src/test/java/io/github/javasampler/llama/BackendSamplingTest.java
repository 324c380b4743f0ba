package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.javasampler.Candidates;
import io.github.javasampler.Numerics;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.abi.llama_h;
import io.github.javasampler.sampler.Greedy;
import io.github.javasampler.sampler.TopK;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What llama.cpp's backend leaves of an output. `llama_sampler_sample`, on a context of its own, is the oracle.
class BackendSamplingTest {
    private static final int SIZE = 2_000;
    private static final int TOKENS = 24;
    private static final int[] PROMPT = {1, 5, 9, 300, 7};
    private static final ContextOptions OPTIONS =
            ContextOptions.DEFAULT.withContextLength(64).withBatchSize(8).withThreads(1);

    @TempDir
    static Path directory;

    private static LlamaModel model;

    @BeforeAll
    static void load() throws IOException {
        model = LlamaModel.load(LlamaRuntime.load(), TinyModel.write(directory.resolve("tiny.gguf"), SIZE));
    }

    /// Fails if a chain is left open.
    @AfterAll
    static void close() {
        model.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        // All of it in the graph, which selects the token.
        "greedy", "seed=1", "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42", "temperature=1.5,seed=2",
        "penalties=16:1.3:0.2:0.1,logit_bias=5:3;17:-2,top_k=30,seed=3", "top_k=20,penalties=16:1.3:0.2:0.1,seed=4",
        "top_p=0.5,seed=5", "temp_ext=1:0.5:1,seed=6", "temperature=0,seed=7",
        // A part of it, and the rest on the CPU.
        "top_k=20,typical=0.9,seed=8", "top_k=20,top_n_sigma=1,temperature=0.7,seed=9", "top_k=50,mirostat_v2=5:0.1:10",
        "min_p=0.1,xtc=0.5:0.1:1:11,seed=11", "temperature=0.9,dry=1:2:1:8,top_k=40,seed=12",
        // Nothing of it.
        "typical=0.9,seed=13", "?top_k,top_n_sigma=1,top_k=5,seed=14",
    })
    void theTokensAreThoseOfLlamaSamplerSample(String text) {
        String known = text.replace("?top_k", "top_k=0");
        List<Integer> expected = run(chain(known), (context, chain) -> context.sample(chain.pointer(), -1));
        assertThat(run(chain(known), (context, chain) -> chain.sample(context, -1))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "top_k=20 | top_p=0.9,temperature=0.8,seed=1", "top_k=40,top_p=0.9 | min_p=0.05,temperature=0.8,seed=2",
        "penalties=16:1.3:0.2:0.1,top_k=30 | typical=0.9,seed=3", "top_k=100 | xtc=0.5:0.01:1:4,seed=5",
        "temperature=0.7 | top_k=30,seed=6", "min_p=0.01 | greedy", "top_k=50 | mirostat_v2=5:0.1:10",
        "logit_bias=5:3;17:-2 | top_n_sigma=1,seed=7", "temperature=0 | seed=8", "top_k=2000 | top_k=3,seed=9",
    })
    void whoeverGoesOnWhereTheBackendStoppedGivesTheTokensOfLlamaSamplerSample(String first, String rest) {
        SamplerChain chain = SamplerChain.parse(rest);
        List<Integer> expected;
        try (NativeSampler oracle = chain(rest)) {
            expected = run(stages(first), (context, inGraph) -> {
                int token = context.sample(oracle.pointer(), -1);
                inGraph.accept(token);
                return token;
            });
        }
        TokenPicker session =
                TokenPicker.of(chain.newSession(Vocabulary.ofSize(SIZE), Numerics.LLAMA_CPP));
        assertThat(run(stages(first), (context, _) -> session.pick(context, -1))).isEqualTo(expected);
        try (NativeSampler other = chain(rest); NativeChain nativeChain = new NativeChain(model, chain)) {
            assertThat(run(stages(first), (context, _) -> other.sample(context, -1))).isEqualTo(expected);
            assertThat(run(stages(first), (context, _) -> nativeChain.sample(context, -1))).isEqualTo(expected);
        }
        // Java as a member of the chain, which is called on the CPU.
        NativeSampler java = NativeSampler.publish(model.runtime(), chain, Vocabulary.ofSize(SIZE),
                Numerics.LLAMA_CPP);
        assertThat(run(stages(first, java), (context, inGraph) -> inGraph.sample(context, -1))).isEqualTo(expected);
    }

    @Test
    void candidatesHaveTheIdsAndLogitsOfTheRowAndNoMore() {
        try (LlamaContext whole = model.newContext(OPTIONS); LlamaContext cut = model.newContext(OPTIONS);
                NativeSampler chain = stages("top_k=7")) {
            whole.decode(PROMPT);
            MemorySegment row = whole.logits(-1);
            cut.attach(0, chain);
            cut.decode(PROMPT);
            BackendOutput left = cut.backendOutput(-1).orElseThrow();
            assertThat(left.size()).isEqualTo(7);
            assertThat(left.token()).isEqualTo(BackendOutput.NONE);
            assertThat(left.probabilities()).isEmpty();
            for (MemorySegment segment : List.of(left.ids(), left.logits())) {
                assertThat(segment.byteSize()).isEqualTo(7 * 4);
                assertThat(segment.isReadOnly()).isTrue();
                assertThat(segment.isNative()).isTrue();
                assertThatExceptionOfType(IndexOutOfBoundsException.class)
                        .isThrownBy(() -> segment.getAtIndex(ValueLayout.JAVA_INT, 7));
            }
            int[] ids = left.ids().toArray(ValueLayout.JAVA_INT);
            for (int i = 0; i < ids.length; i++) {
                assertThat(left.logit(i)).isEqualTo(row.getAtIndex(ValueLayout.JAVA_FLOAT, ids[i]));
            }
            assertThat(ids).containsExactlyInAnyOrder(best(row, 7));
            // Which is what makes a mapping of ids necessary.
            assertThat(ids).isNotEqualTo(best(row, 7)).isNotEqualTo(Arrays.stream(ids).sorted().toArray());
            assertThatExceptionOfType(NoSuchOutputException.class).isThrownBy(() -> cut.logits(-1))
                    .withMessageContaining("the backend sampler of sequence 0 has left 7 candidates");
            assertThat(whole.backendOutput(-1)).isEmpty();
        }
    }

    @Test
    void aTokenThatWasSelectedComesWithTheProbabilitiesThatItWasDrawnBy() {
        try (LlamaContext context = model.newContext(OPTIONS); NativeSampler chain = chain("top_k=7,seed=1")) {
            context.attach(0, chain);
            context.decode(PROMPT);
            BackendOutput left = context.backendOutput(-1).orElseThrow();
            assertThat(left.ids().toArray(ValueLayout.JAVA_INT)).contains(left.token());
            double sum = 0;
            for (float p : left.probabilities().orElseThrow().toArray(ValueLayout.JAVA_FLOAT)) {
                sum += p;
            }
            assertThat(sum).isBetween(0.9999, 1.0001);
            SamplerSession session = SamplerChain.parse("greedy").newSession(SIZE);
            assertThat(left.sample(session)).isEqualTo(left.token());
            assertThat(left.toString()).isEqualTo("7 candidates, of which token " + left.token() + " is selected");
        }
    }

    @Test
    void whereNothingWasCutTheRowCanBeReadAsARow() {
        try (LlamaContext plain = model.newContext(OPTIONS); LlamaContext scaled = model.newContext(OPTIONS);
                NativeSampler chain = stages("temperature=0.5")) {
            plain.decode(PROMPT);
            scaled.attach(0, chain);
            scaled.decode(PROMPT);
            assertThat(scaled.backendOutput(-1).orElseThrow().size()).isEqualTo(SIZE);
            for (int id = 0; id < SIZE; id++) {
                assertThat(scaled.logits(-1).getAtIndex(ValueLayout.JAVA_FLOAT, id))
                        .isEqualTo(2 * plain.logits(-1).getAtIndex(ValueLayout.JAVA_FLOAT, id));
            }
        }
    }

    @Test
    void everySequenceHasASamplerOfItsOwnOrNone() {
        ContextOptions three = OPTIONS.withSequences(3);
        Batch batch = new Batch();
        // Out of order, so that llama.cpp has to put the outputs in place.
        for (int sequence : new int[] {2, 0, 1}) {
            batch.add(10 + sequence, 0, sequence, false);
        }
        for (int sequence : new int[] {1, 2, 0}) {
            batch.add(20 + sequence, 1, sequence, true);
        }
        try (LlamaContext plain = model.newContext(three); LlamaContext context = model.newContext(three);
                NativeSampler five = stages("top_k=5"); NativeSampler one = chain("greedy")) {
            plain.decode(batch);
            context.attach(0, five);
            context.attach(2, one);
            context.decode(batch);
            assertThat(context.backendOutput(3)).isEmpty();
            assertThat(context.logits(3).toArray(ValueLayout.JAVA_FLOAT))
                    .isEqualTo(plain.logits(3).toArray(ValueLayout.JAVA_FLOAT));
            assertThat(context.backendOutput(4).orElseThrow().token()).isEqualTo(best(plain.logits(4), 1)[0]);
            assertThat(context.backendOutput(5).orElseThrow().ids().toArray(ValueLayout.JAVA_INT))
                    .containsExactlyInAnyOrder(best(plain.logits(5), 5));
            assertThatIllegalStateException().isThrownBy(() -> one.sample(context, 5))
                    .withMessageContaining("outputs of its sequence only");
            assertThat(one.sample(context, 4)).isEqualTo(best(plain.logits(4), 1)[0]);
        }
    }

    @Test
    void whatIsStaleThrowsAndNeverReadsFreedMemory() {
        List<BackendOutput> stale = new ArrayList<>();
        SamplerSession session = SamplerChain.parse("greedy").newSession(SIZE);
        try (NativeSampler chain = chain("top_k=7,seed=1"); LlamaContext context = model.newContext(OPTIONS)) {
            context.attach(0, chain);
            List<Runnable> ends = List.of(() -> context.decode(3), context::clear, () -> context.rewind(0, 1),
                    context::releaseRows, () -> context.detach(0));
            for (Runnable end : ends) {
                context.clear();
                context.decode(PROMPT);
                stale.add(context.backendOutput(-1).orElseThrow());
                end.run();
            }
        }
        try (NativeSampler chain = stages("top_k=7"); LlamaContext context = model.newContext(OPTIONS)) {
            context.attach(0, chain);
            context.decode(PROMPT);
            stale.add(context.backendOutput(-1).orElseThrow());
        }
        assertThat(stale).hasSize(6).allSatisfy(left -> {
            assertThatIllegalStateException().isThrownBy(left::token);
            assertThatIllegalStateException().isThrownBy(() -> left.sample(session));
            assertThatIllegalStateException().isThrownBy(() -> left.ids().getAtIndex(ValueLayout.JAVA_INT, 0));
            assertThatIllegalStateException().isThrownBy(() -> left.logits().getAtIndex(ValueLayout.JAVA_FLOAT, 0));
        });
    }

    @Test
    void closingAChainDetachesItAndRowsAreWholeAgain() {
        try (LlamaContext context = model.newContext(OPTIONS)) {
            NativeSampler chain = stages("top_k=7");
            context.attach(0, chain);
            context.decode(PROMPT);
            chain.close();
            assertThat(context.hasLogits(-1)).isFalse();
            context.decode(3);
            assertThat(context.logits(-1).byteSize()).isEqualTo(4L * SIZE);
            assertThat(context.backendOutput(-1)).isEmpty();
            try (NativeSampler next = stages("top_k=3")) {
                context.attach(0, next);
                context.decode(4);
                assertThat(context.backendOutput(-1).orElseThrow().size()).isEqualTo(3);
            }
        }
    }

    @Test
    void aChainThatWasAttachedDoesNothingElseForLlamaCppWouldSkipItsStages() {
        try (NativeSampler chain = chain("top_k=7,seed=1"); LlamaContext context = model.newContext(OPTIONS)) {
            MemorySegment row = MemorySegment.ofArray(new float[SIZE]);
            context.attach(0, chain);
            for (int i = 0; i < 2; i++) {
                assertThatIllegalStateException().isThrownBy(() -> chain.sample(row));
                assertThatIllegalStateException().isThrownBy(() -> chain.apply(row));
                assertThatIllegalStateException().isThrownBy(chain::release);
                assertThatIllegalStateException().isThrownBy(() -> context.attach(0, chain));
                assertThatIllegalStateException().isThrownBy(
                        () -> NativeSampler.chain(model.runtime(), List.of(chain)));
                context.detach(0);
            }
            try (NativeSampler copy = chain.copy()) {
                assertThat(copy.apply(row).survivors()).hasSize(7);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "top_k=2001 | stage 1, \"top-k\", in the graph must have k of at most 2000",
        "top_k=5,top_k=6 | stage 2, \"top-k\", in the graph must have k of at most 5",
        "temperature=0,top_k=2 | must have k of at most 1",
        "top_k=5,greedy | stage 2, \"greedy\", in the graph must not come after a cut",
        "top_p=0.9,logit_bias=1:2 | must stand before the cuts",
        "logit_bias=2000:1 | must bias tokens below 2000, got 2000",
        "top_k=1,temp_ext=1:0.5:1 | must get more than one candidate",
        "seed=1,top_k=5 | must not come after the stage that selects",
    })
    void whatLlamaCppWouldAbortOverOrGetWrongIsRefused(String text, String message) {
        try (LlamaContext context = model.newContext(OPTIONS)) {
            List<NativeSampler> members = new ArrayList<>();
            for (String stage : text.split(",(?=[a-z])")) {
                SamplerChain parsed = SamplerChain.parse(stage.contains("seed") || stage.equals("greedy") ? stage
                        : stage + ",greedy");
                members.add(NativeSampler.builtIn(model, parsed.stages().getFirst()));
            }
            try (NativeSampler chain = NativeSampler.chain(model.runtime(), members)) {
                assertThatExceptionOfType(LlamaException.class).isThrownBy(() -> context.attach(0, chain))
                        .withMessageContaining(message);
                // Nothing has happened to it.
                context.decode(PROMPT);
                assertThat(context.logits(-1).byteSize()).isEqualTo(4L * SIZE);
            }
        }
    }

    @Test
    void greedyBehindACutIsRefusedForLlamaCppGivesAPlace() throws ReflectiveOperationException {
        try (LlamaContext whole = model.newContext(OPTIONS); LlamaContext context = model.newContext(OPTIONS);
                NativeSampler chain = chain("top_k=7,greedy")) {
            whole.decode(PROMPT);
            var pointer = LlamaContext.class.getDeclaredField("pointer");
            pointer.setAccessible(true);
            MemorySegment unchecked = ((NativePointer) pointer.get(context)).get();
            llama_h.llama_set_sampler(unchecked, 0, chain.pointer());
            context.decode(PROMPT);
            int[] best = best(whole.logits(-1), 1);
            assertThat(best[0]).isGreaterThan(7);
            assertThat(llama_h.llama_get_sampled_token_ith(unchecked, -1)).isBetween(0, 6);
            llama_h.llama_set_sampler(unchecked, 0, MemorySegment.NULL);
        }
    }

    @Test
    void whatIsNoChainOfBuiltInStagesForTheVocabularyIsRefused() {
        try (LlamaContext context = model.newContext(OPTIONS);
                NativeSampler single = NativeSampler.builtIn(model, new TopK(5));
                NativeSampler none = NativeSampler.chain(model.runtime(), List.of());
                NativeSampler nested = NativeSampler.chain(model.runtime(), List.of(stages("top_k=5")));
                NativeSampler adopted = NativeSampler.chain(model.runtime(), List.of(NativeSampler.adopt(
                        model.runtime(), llama_h.llama_sampler_init_top_k(5), SIZE)));
                NativeSampler narrow = NativeSampler.chain(model.runtime(),
                        List.of(NativeSampler.builtIn(model.runtime(), new TopK(5), SIZE - 1)))) {
            assertThatExceptionOfType(LlamaException.class).isThrownBy(() -> context.attach(0, single))
                    .withMessageContaining("must be a NativeSampler.chain");
            assertThatExceptionOfType(LlamaException.class).isThrownBy(() -> context.attach(0, none))
                    .withMessageContaining("1 to 64 members");
            for (NativeSampler unknown : List.of(nested, adopted)) {
                assertThatExceptionOfType(LlamaException.class).isThrownBy(() -> context.attach(0, unknown))
                        .withMessageContaining("must be built in and one of those");
            }
            assertThatIllegalArgumentException().isThrownBy(() -> context.attach(0, narrow))
                    .withMessageContaining("for the 2000 tokens of its context's model, got one for 1999");
            assertThatIllegalArgumentException().isThrownBy(() -> context.attach(1, single));
        }
    }

    @Test
    void asManyMembersAsAreAllowedFitIntoLlamaCppsGraph() {
        List<NativeSampler> members = new ArrayList<>();
        // The one with most nodes.
        Sampler penalties = SamplerChain.parse("penalties=16:1.3:0.2:0.1,greedy").stages().getFirst();
        members.add(NativeSampler.builtIn(model, new TopK(50)));
        while (members.size() < 64) {
            members.add(NativeSampler.builtIn(model, penalties));
        }
        try (NativeSampler chain = NativeSampler.chain(model.runtime(), members);
                LlamaContext context = model.newContext(OPTIONS)) {
            context.attach(0, chain);
            context.decode(PROMPT);
            assertThat(context.backendOutput(-1).orElseThrow().size()).isEqualTo(50);
        }
    }

    @Test
    void twoOutputsOfASequenceWithASamplerAreRefusedAndNothingIsDecoded() {
        try (LlamaContext context = model.newContext(OPTIONS.withSequences(2)); NativeSampler chain = chain("seed=1")) {
            context.attach(0, chain);
            Batch two = new Batch();
            two.add(1, 0, 0, true);
            two.add(2, 1, 0, true);
            assertThatIllegalArgumentException().isThrownBy(() -> context.decode(two))
                    .withMessageContaining("at most one output of a sequence that has a backend sampler");
            assertThat(context.position(0)).isZero();
            Batch ofOther = new Batch();
            ofOther.add(1, 0, 1, true);
            ofOther.add(2, 1, 1, true);
            context.decode(ofOther);
            assertThat(context.logits(0).byteSize()).isEqualTo(4L * SIZE);
        }
    }

    @Test
    void aChainThatAnotherThreadIsInIsNotRunInAGraph() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Sampler waiting = new Sampler() {
            @Override
            public String name() {
                return "waiting";
            }

            @Override
            public void apply(Candidates candidates) {
            }

            @Override
            public void accept(int token) {
                inside.countDown();
                try {
                    leave.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }

            @Override
            public Sampler fork() {
                return this;
            }
        };
        try (NativeSampler chain = stages("top_k=5", NativeSampler.publish(model.runtime(), waiting,
                Vocabulary.ofSize(SIZE), Numerics.PORTABLE), NativeSampler.builtIn(model, new Greedy()));
                LlamaContext context = model.newContext(OPTIONS)) {
            context.attach(0, chain);
            Thread other = Thread.ofPlatform().start(() -> chain.accept(1));
            inside.await();
            assertThatExceptionOfType(InUseException.class).isThrownBy(() -> context.decode(PROMPT));
            leave.countDown();
            other.join();
            context.decode(PROMPT);
            assertThat(chain.sample(context, -1)).isNotNegative();
        }
    }

    private static NativeSampler chain(String text) {
        return NativeSampler.chain(model.runtime(), SamplerChain.parse(text).stages().stream()
                .map(stage -> NativeSampler.builtIn(model, stage)).toList());
    }

    /// Stages without a picker, and what comes behind them.
    private static NativeSampler stages(String text, NativeSampler... rest) {
        List<Sampler> stages = SamplerChain.parse(text + ",greedy").stages();
        List<NativeSampler> members = new ArrayList<>();
        for (Sampler stage : stages.subList(0, stages.size() - 1)) {
            members.add(NativeSampler.builtIn(model, stage));
        }
        members.addAll(List.of(rest));
        return NativeSampler.chain(model.runtime(), members);
    }

    /// The tokens that a way to pick makes of a chain in the graph of a context.
    private static List<Integer> run(NativeSampler chain, BiFunction<LlamaContext, NativeSampler, Integer> pick) {
        List<Integer> tokens = new ArrayList<>();
        try (chain; LlamaContext context = model.newContext(OPTIONS)) {
            context.attach(0, chain);
            context.decode(PROMPT);
            while (tokens.size() < TOKENS) {
                int token = pick.apply(context, chain);
                tokens.add(token);
                context.decode(token);
            }
        }
        return tokens;
    }

    /// The ids of the greatest logits, the greatest first.
    private static int[] best(MemorySegment row, int count) {
        List<Integer> ids = new ArrayList<>();
        for (int id = 0; id < SIZE; id++) {
            ids.add(id);
        }
        ids.sort((a, b) -> Float.compare(row.getAtIndex(ValueLayout.JAVA_FLOAT, b),
                row.getAtIndex(ValueLayout.JAVA_FLOAT, a)));
        return ids.subList(0, count).stream().mapToInt(Integer::intValue).toArray();
    }
}
