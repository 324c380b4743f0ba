package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.javasampler.Candidate;
import io.github.javasampler.Candidates;
import io.github.javasampler.Numerics;
import io.github.javasampler.Picker;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.abi.llama_h;
import io.github.javasampler.llama.abi.llama_sampler;
import io.github.javasampler.llama.abi.llama_token_data_array;
import io.github.javasampler.llama.parity.Chains;
import io.github.javasampler.llama.parity.LogitRows.Kind;
import io.github.javasampler.sampler.AdaptiveP;
import io.github.javasampler.sampler.Distribution;
import io.github.javasampler.sampler.Mirostat;
import io.github.javasampler.sampler.MirostatV2;
import io.github.javasampler.sampler.Penalties;
import io.github.javasampler.sampler.TopK;
import io.github.javasampler.sampler.TopP;
import io.github.javasampler.sampler.Xtc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Java stages in llama.cpp's chains. llama.cpp's own chain is the oracle.
class NativeSamplerTest {
    private static final long SEED = Long.getLong("test.seed", 20261126L);
    private static final int[] WIDTHS = {2, 17, 129, 300, 1_025, 2_000};
    private static final int ROWS = 12;
    private static final int SPLITS = 4;
    private static final LlamaRuntime RUNTIME = LlamaRuntime.load();

    @TempDir
    Path directory;

    static List<String> chains() {
        return Chains.TEXTS;
    }

    @ParameterizedTest
    @MethodSource("chains")
    void inNumericsLlamaCppTheArrayIsLlamaCppsOwnWhereverTheJavaStagesStand(String text) {
        List<Sampler> stages = SamplerChain.parse(text).stages();
        SplittableRandom random = new SplittableRandom(SEED ^ text.hashCode());
        for (int n : WIDTHS) {
            for (int split = 0; split < SPLITS && Chains.fits(text, n); split++) {
                int from = split == 0 ? 0 : random.nextInt(stages.size());
                int to = split == 0 ? stages.size() : random.nextInt(from, stages.size()) + 1;
                try (NativeSampler expected = mixed(stages, 0, 0, n, Numerics.LLAMA_CPP);
                        NativeSampler actual = mixed(stages, from, to, n, Numerics.LLAMA_CPP);
                        Arena arena = Arena.ofConfined()) {
                    String where = text + ", stages " + from + " to " + to + " in Java, " + n + " wide, seed " + SEED;
                    run(expected, actual, isFeedback(stages), n, random, arena, where);
                }
            }
        }
        assertThat(SamplerRegistry.size()).isZero();
    }

    /// A native chain in which the stages `[from, to)` are one Java sampler.
    private static NativeSampler mixed(List<Sampler> stages, int from, int to, int n, Numerics numerics) {
        List<NativeSampler> members = new ArrayList<>();
        for (int i = 0; i < stages.size(); i++) {
            if (i < from || i >= to) {
                members.add(NativeSampler.builtIn(RUNTIME, stages.get(i), n));
            } else if (i == from) {
                members.add(NativeSampler.publish(RUNTIME, stages.subList(from, to), Vocabulary.ofSize(n), numerics,
                        FailureListener.LOG));
            }
        }
        return NativeSampler.chain(RUNTIME, members);
    }

    private static void run(NativeSampler expected, NativeSampler actual, boolean feedback, int n,
            SplittableRandom random, Arena arena, String where) {
        CandidateArray left = new CandidateArray(arena);
        CandidateArray right = new CandidateArray(arena);
        for (int i = 0; i < ROWS; i++) {
            Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
            MemorySegment row = MemorySegment.ofArray(kind.row(random, n));
            left.fill(row, n);
            right.fill(row, n);
            llama_h.llama_sampler_apply(expected.pointer(), left.segment());
            llama_h.llama_sampler_apply(actual.pointer(), right.segment());
            String place = where + ", row " + i + " " + kind;
            assertThat(right.token()).as(place).isEqualTo(left.token());
            if (!feedback) {
                assertSame(left, right, place);
            }
            int token = random.nextInt(8) == 0 ? random.nextInt(n) : left.token();
            expected.accept(token);
            actual.accept(token);
            if (!Kind.PLAIN.contains(kind) || random.nextInt(6) == 0) {
                // Infinities would stay in a feedback.
                expected.reset();
                actual.reset();
            }
        }
    }

    private static void assertSame(CandidateArray expected, CandidateArray actual, String place) {
        assertThat(actual.isSorted()).as(place).isEqualTo(expected.isSorted());
        assertThat(llama_token_data_array.selected(actual.segment())).as(place)
                .isEqualTo(llama_token_data_array.selected(expected.segment()));
        List<Candidate> left = expected.survivors();
        List<Candidate> right = actual.survivors();
        assertThat(right).as(place).hasSameSizeAs(left);
        for (int i = 0; i < left.size(); i++) {
            assertThat(right.get(i).id()).as(place + ", at " + i).isEqualTo(left.get(i).id());
            // == of floats: zeros have no sign here.
            assertThat(right.get(i).logit() == left.get(i).logit()).as(place + ", at " + i).isTrue();
        }
    }

    private static boolean isFeedback(List<Sampler> stages) {
        Sampler picker = stages.getLast();
        return picker instanceof Mirostat || picker instanceof MirostatV2 || picker instanceof AdaptiveP;
    }

    @ParameterizedTest
    @MethodSource("chains")
    void inPortableNumericsTheTokensAreThoseOfTheSession(String text) {
        SamplerChain chain = SamplerChain.parse(text);
        SplittableRandom random = new SplittableRandom(SEED ^ text.hashCode());
        for (int n : WIDTHS) {
            if (!Chains.fits(text, n)) {
                continue;
            }
            SamplerSession session = chain.newSession(n);
            try (NativeSampler published = NativeSampler.publish(RUNTIME, chain, Vocabulary.ofSize(n),
                    Numerics.PORTABLE)) {
                for (Kind kind : Kind.PLAIN) {
                    MemorySegment row = MemorySegment.ofArray(kind.row(random, n));
                    assertThat(published.sample(row)).as(text + " " + n + " " + kind).isEqualTo(session.sample(row));
                }
            }
        }
    }

    @Test
    void inPortableNumericsStagesBetweenNativeOnesLeaveTheTokensAsTheyAre() {
        List<Sampler> stages = SamplerChain.parse("penalties=64:1.1:0.1:0.1,top_k=200,typical=0.97,top_p=0.95,"
                + "min_p=0.05,xtc=0.3:0.1:0:5,temperature=0.8,seed=42").stages();
        SplittableRandom random = new SplittableRandom(SEED);
        int rows = 0;
        int others = 0;
        for (int from = 0; from < stages.size(); from++) {
            for (int to = from + 1; to <= stages.size(); to++) {
                try (NativeSampler expected = mixed(stages, 0, 0, 2_000, Numerics.PORTABLE);
                        NativeSampler actual = mixed(stages, from, to, 2_000, Numerics.PORTABLE)) {
                    for (int i = 0; i < 30; i++, rows++) {
                        MemorySegment row = MemorySegment.ofArray(Kind.PEAKED.row(random, 2_000));
                        int token = expected.sample(row);
                        others += actual.sample(row) == token ? 0 : 1;
                    }
                }
            }
        }
        System.out.println("plug-in, portable: " + others + " of " + rows + " tokens differ, seed " + SEED);
        assertThat(others).isLessThanOrEqualTo(rows / 200);
    }

    @Test
    void aStageOfYourOwnStandsFirstBetweenOrLast() {
        for (int place = 0; place < 3; place++) {
            List<NativeSampler> members = new ArrayList<>(List.of(
                    NativeSampler.builtIn(RUNTIME, new TopK(5), 100),
                    NativeSampler.builtIn(RUNTIME, new Distribution(1), 100)));
            NativeSampler even = NativeSampler.publish(RUNTIME, new Even(), Vocabulary.ofSize(100), Numerics.PORTABLE);
            members.add(Math.min(place, 1), even);
            try (NativeSampler chain = NativeSampler.chain(RUNTIME, members)) {
                assertThat(chain.names()).contains("even");
                for (int i = 0; i < 50; i++) {
                    assertThat(chain.sample(ramp(100)) % 2).isZero();
                }
            }
        }
        try (NativeSampler chain = NativeSampler.chain(RUNTIME, List.of(
                NativeSampler.builtIn(RUNTIME, new TopK(5), 100),
                NativeSampler.publish(RUNTIME, new Last(), Vocabulary.ofSize(100), Numerics.PORTABLE)))) {
            assertThat(chain.names()).containsExactly("top-k", "last");
            NativeChain.Selection selection = chain.apply(ramp(100));
            assertThat(selection.token()).isEqualTo(95);
            assertThat(selection.survivors()).extracting(Candidate::id).containsExactly(99, 98, 97, 96, 95);
            assertThat(selection.survivors().stream().mapToDouble(Candidate::probability).sum())
                    .isBetween(0.9999, 1.0001);
        }
    }

    @Test
    void aStageThatNarrowsWithoutSelectingLeavesTheSelectionAlone() {
        try (NativeSampler even = NativeSampler.publish(RUNTIME, new Even(), Vocabulary.ofSize(10),
                Numerics.PORTABLE)) {
            assertThat(even.narrow(candidates(7, 4, 9, 2))).extracting(Candidate::id).containsExactly(4, 2);
            assertThatThrownBy(() -> even.apply(ramp(10))).isInstanceOf(LlamaException.class).hasMessage(
                    "llama.cpp's chain must select one of 5 candidates, selected -1; it needs a stage that picks, such"
                            + " as dist or greedy, at its end");
        }
    }

    @Test
    void aDataPointerThatMovedIsFollowed() {
        // XTC drops the best by moving the pointer.
        try (NativeSampler chain = NativeSampler.chain(RUNTIME, List.of(
                NativeSampler.builtIn(RUNTIME, new Xtc(1, 0.05f, 0, 3), 20),
                NativeSampler.publish(RUNTIME, SamplerChain.parse("top_k=2,greedy"), Vocabulary.ofSize(20),
                        Numerics.PORTABLE)))) {
            List<Candidate> left = chain.apply(ramp(20)).survivors();
            assertThat(left).hasSize(2);
            assertThat(left.getFirst().id()).isLessThan(19);
        }
    }

    @Test
    void acceptedTokensCountAndAResetForgetsThem() {
        try (NativeSampler chain = NativeSampler.publish(RUNTIME, SamplerChain.parse("penalties=8:1:0:100,greedy"),
                Vocabulary.ofSize(10), Numerics.LLAMA_CPP)) {
            assertThat(chain.sample(ramp(10))).isEqualTo(9);
            assertThat(chain.sample(ramp(10))).isEqualTo(8);
            chain.accept(7);
            assertThat(chain.sample(ramp(10))).isEqualTo(6);
            chain.reset();
            assertThat(chain.sample(ramp(10))).isEqualTo(9);
        }
    }

    @Test
    void aCopyContinuesAndLivesApart() {
        SamplerChain text = SamplerChain.parse("penalties=64:1.5,top_k=20,seed=42");
        try (NativeSampler chain = NativeSampler.chain(RUNTIME, List.of(
                NativeSampler.publish(RUNTIME, text, Vocabulary.ofSize(100), Numerics.PORTABLE)))) {
            chain.sample(ramp(100));
            try (NativeSampler copy = chain.copy()) {
                assertThat(SamplerRegistry.size()).isEqualTo(2);
                List<Integer> tokens = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    tokens.add(chain.sample(ramp(100)));
                }
                for (int token : tokens) {
                    assertThat(copy.sample(ramp(100))).isEqualTo(token);
                }
            }
            assertThat(SamplerRegistry.size()).isEqualTo(1);
        }
        assertThat(SamplerRegistry.size()).isZero();
    }

    @Test
    void aCloneSharesTheTableAndHasStateOfItsOwn() {
        try (NativeSampler one = penalties(); NativeSampler other = one.copy()) {
            MemorySegment left = NativeMemory.sized(one.pointer(), llama_sampler.sizeof());
            MemorySegment right = NativeMemory.sized(other.pointer(), llama_sampler.sizeof());
            assertThat(llama_sampler.iface(right)).isEqualTo(llama_sampler.iface(left));
            assertThat(llama_sampler.ctx(right)).isNotEqualTo(llama_sampler.ctx(left));
            assertThat(SamplerTable.isOurs(llama_sampler.iface(left).address())).isTrue();
        }
    }

    @Test
    void llamaCppCopiesStateInPlaceAndByMovingTheContext() {
        for (boolean inPlace : List.of(true, false)) {
            SamplerHost host = inPlace ? SamplerHost.of(RUNTIME, FailureListener.LOG)
                    : SamplerHost.at(NativeSymbols.address("llama_sampler_init").address(), FailureListener.LOG);
            List<Sampler> stages = SamplerChain.parse("penalties=8:1:0:100,greedy").stages();
            int before = SamplerRegistry.size();
            MemorySegment one = MemorySegment.ofAddress(
                    NativeSampler.published(host, stages, Vocabulary.ofSize(10), Numerics.PORTABLE));
            MemorySegment other = llama_h.llama_sampler_clone(one);
            llama_h.llama_sampler_accept(one, 9);
            llama_h.llama_sampler_copy(one, other);
            assertThat(SamplerRegistry.size()).isEqualTo(before + 2);
            try (Arena arena = Arena.ofConfined()) {
                CandidateArray array = new CandidateArray(arena);
                llama_h.llama_sampler_accept(one, 8);
                array.fill(ramp(10), 10);
                llama_h.llama_sampler_apply(other, array.segment());
                assertThat(array.token()).isEqualTo(8);
                array.fill(ramp(10), 10);
                llama_h.llama_sampler_apply(one, array.segment());
                assertThat(array.token()).isEqualTo(7);
            }
            llama_h.llama_sampler_free(one);
            llama_h.llama_sampler_free(other);
            assertThat(SamplerRegistry.size()).isEqualTo(before);
        }
    }

    @Test
    void theVocabularyMayBeUnknown() {
        SamplerHost host = SamplerHost.at(NativeSymbols.address("llama_sampler_init").address(), FailureListener.LOG);
        List<Sampler> stages = SamplerChain.parse("penalties=8:1:0:100,top_k=3,greedy").stages();
        MemorySegment sampler =
                MemorySegment.ofAddress(NativeSampler.published(host, stages, null, Numerics.PORTABLE));
        try (Arena arena = Arena.ofConfined()) {
            CandidateArray array = new CandidateArray(arena);
            // Narrowed ones first, then a whole row, and tokens beyond what was seen.
            array.fill(candidates(3, 7, 5));
            llama_h.llama_sampler_apply(sampler, array.segment());
            assertThat(array.token()).isEqualTo(5);
            llama_h.llama_sampler_accept(sampler, 999);
            array.fill(ramp(1_000), 1_000);
            llama_h.llama_sampler_apply(sampler, array.segment());
            assertThat(array.token()).isEqualTo(998);
            array.fill(candidates(5_000, 4));
            llama_h.llama_sampler_apply(sampler, array.segment());
            assertThat(array.token()).isEqualTo(4);
        }
        llama_h.llama_sampler_free(sampler);
    }

    @Test
    void itWorksOnAContextAndInLlamaSamplerSample() throws IOException {
        Path file = TinyModel.write(directory.resolve("tiny.gguf"), null);
        try (LlamaModel model = LlamaModel.load(RUNTIME, file);
                LlamaContext context = model.newContext(ContextOptions.DEFAULT.withThreads(1))) {
            SamplerChain text = SamplerChain.parse("top_k=40,top_p=0.95,seed=7");
            int size = model.vocabularySize();
            SamplerSession session = text.newSession(size);
            try (NativeSampler chain = NativeSampler.chain(RUNTIME, List.of(
                    NativeSampler.publish(RUNTIME, text, model.tokenizer().vocabulary(), Numerics.PORTABLE)));
                    NativeSampler raw = chain.copy()) {
                context.decode(new int[] {1, 5, 9});
                for (int i = 0; i < 20; i++) {
                    int token = session.sample(context.logits(-1));
                    assertThat(chain.sample(context, -1)).isEqualTo(token);
                    // llama_sampler_sample itself.
                    assertThat(context.sample(raw.pointer(), -1)).isEqualTo(token);
                    context.decode(token);
                }
            }
        }
    }

    @Test
    void aNativeSamplerIsAStageOfAJavaChain() {
        try (NativeSampler topP = NativeSampler.builtIn(RUNTIME, new TopP(0.9f, 0), 500);
                NativeSampler dist = NativeSampler.builtIn(RUNTIME, new Distribution(42), 500)) {
            SamplerChain chain = SamplerChain.builder().topK(40).stage(topP.asStage()).temperature(0.8f)
                    .picker(dist.asPicker());
            assertThat(chain.describe()).isEqualTo("top-k -> top-p -> temp -> dist");
            assertThat(chain.toString()).isEqualTo("top_k=40,native=top-p,temperature=0.8,native=dist");
            SamplerChain own = SamplerChain.parse("top_k=40,top_p=0.9,temperature=0.8,seed=42");
            SplittableRandom random = new SplittableRandom(SEED);
            for (Numerics numerics : Numerics.values()) {
                SamplerSession session = chain.newSession(Vocabulary.ofSize(500), numerics);
                SamplerSession expected = own.newSession(Vocabulary.ofSize(500), Numerics.LLAMA_CPP);
                for (int i = 0; i < 200; i++) {
                    MemorySegment row = MemorySegment.ofArray(Kind.PEAKED.row(random, 500));
                    assertThat(session.sample(row)).as(numerics + " " + i).isEqualTo(expected.sample(row));
                }
                session.reset();
                expected.reset();
                MemorySegment row = MemorySegment.ofArray(Kind.PEAKED.row(random, 500));
                assertThat(session.sample(row)).isEqualTo(expected.sample(row));
                SamplerSession fork = session.fork();
                for (int i = 0; i < 20; i++) {
                    assertThat(fork.sample(row)).isEqualTo(session.sample(row));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("chains")
    void nativeStagesInAJavaChainGiveLlamaCppsTokens(String text) {
        List<Sampler> stages = SamplerChain.parse(text).stages();
        SplittableRandom random = new SplittableRandom(SEED ^ text.hashCode());
        for (int n : new int[] {17, 300}) {
            List<NativeSampler> owned = new ArrayList<>();
            SamplerChain.Builder builder = SamplerChain.builder();
            for (int i = 0; i < stages.size() - 1; i++) {
                if (random.nextBoolean()) {
                    owned.add(NativeSampler.builtIn(RUNTIME, stages.get(i), n));
                    builder.stage(owned.getLast().asStage());
                } else {
                    builder.stage(stages.get(i));
                }
            }
            owned.add(NativeSampler.builtIn(RUNTIME, stages.getLast(), n));
            SamplerSession session = builder.picker(owned.getLast().asPicker())
                    .newSession(Vocabulary.ofSize(n), Numerics.LLAMA_CPP);
            try (NativeSampler expected = mixed(stages, 0, 0, n, Numerics.LLAMA_CPP)) {
                for (int i = 0; i < 20; i++) {
                    MemorySegment row = MemorySegment.ofArray(
                            Kind.values()[random.nextInt(Kind.INFINITE.ordinal() - 1)].row(random, n));
                    assertThat(session.sample(row)).as(text).isEqualTo(expected.sample(row));
                }
            }
            owned.forEach(NativeSampler::close);
        }
    }

    @Test
    void aJavaChainWithANativeStageIsPublished() {
        int before = SamplerRegistry.size();
        try (NativeSampler topK = NativeSampler.builtIn(RUNTIME, new TopK(3), 100)) {
            SamplerChain chain = SamplerChain.builder().stage(topK.asStage()).distribution(1);
            try (NativeSampler published = NativeSampler.publish(RUNTIME, chain, Vocabulary.ofSize(100),
                    Numerics.PORTABLE); NativeSampler copy = published.copy()) {
                assertThat(published.apply(ramp(100)).survivors()).hasSize(3);
                assertThat(copy.apply(ramp(100)).token()).isGreaterThan(96);
            }
        }
        assertThat(SamplerRegistry.size()).isEqualTo(before);
    }

    @Test
    void aSamplerIsGivenAwayOnce() {
        NativeSampler sampler = penalties();
        MemorySegment pointer = sampler.release();
        assertThatThrownBy(sampler::release).isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("is closed");
        sampler.close();
        try (NativeSampler adopted = NativeSampler.adopt(RUNTIME, pointer, 10)) {
            assertThat(adopted.name()).isEqualTo("penalties");
        }
        assertThatThrownBy(() -> NativeSampler.adopt(RUNTIME, MemorySegment.NULL, 10))
                .isInstanceOf(IllegalArgumentException.class);
        NativeSampler twice = penalties();
        assertThatThrownBy(() -> NativeSampler.chain(RUNTIME, List.of(twice, twice)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("once");
        twice.close();
    }

    private static NativeSampler penalties() {
        return NativeSampler.publish(RUNTIME, new Penalties(8, 1, 0, 100), Vocabulary.ofSize(10), Numerics.PORTABLE);
    }

    private static MemorySegment ramp(int n) {
        float[] logits = new float[n];
        for (int i = 0; i < n; i++) {
            logits[i] = i * 0.5f;
        }
        return MemorySegment.ofArray(logits);
    }

    private static List<Candidate> candidates(int... ids) {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            candidates.add(new Candidate(ids[i], i, 0));
        }
        return candidates;
    }

    record Even() implements Sampler {
        @Override
        public String name() {
            return "even";
        }

        @Override
        public void apply(Candidates candidates) {
            candidates.keepIf(id -> id % 2 == 0);
        }
    }

    record Last() implements Picker {
        @Override
        public String name() {
            return "last";
        }

        @Override
        public void apply(Candidates candidates) {
            candidates.select(candidates.id(candidates.size() - 1));
        }
    }
}
