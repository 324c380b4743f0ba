package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.javasampler.BatchSampler;
import io.github.javasampler.Candidates;
import io.github.javasampler.Logprobs;
import io.github.javasampler.Measures;
import io.github.javasampler.Numerics;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.sampler.Distribution;
import io.github.javasampler.sampler.TopK;
import io.github.javasampler.sampler.TopP;
import io.github.javasampler.sampler.Typical;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The code of `docs/bindings.md`, `numerics.md`, `batches.md`, `plug-in.md` and `backend-sampling.md`: it stands here,
/// so it compiles and runs.
class GuideTest {

    @TempDir
    Path directory;

    @Test
    void theFirstExampleRuns() throws IOException {
        Path file = tiny();
        LlamaRuntime runtime = LlamaRuntime.load();
        try (LlamaModel model = LlamaModel.load(runtime, file);
                LlamaContext context = model.newContext(ContextOptions.DEFAULT.withContextLength(512))) {
            Tokenizer tokenizer = model.tokenizer();
            SamplerChain chain = SamplerChain.builder().topK(40).topP(0.95f).temperature(0.8f).distribution(42);
            SamplerSession session = chain.newSession(model.vocabularySize());

            context.decode(tokenizer.tokenize("The cat sat on", true, false));
            int token = session.sample(context.logits(-1));
            context.decode(token);
            assertThat(token).isBetween(0, model.vocabularySize() - 1);
        }
    }

    @Test
    void theOthersRun() throws IOException {
        try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), tiny());
                LlamaContext context = model.newContext(ContextOptions.DEFAULT.withThreads(1))) {
            SamplerSession session = SamplerChain.parse("seed=1").newSession(model.vocabularySize());
            int[] prompt = model.tokenizer().tokenize(chat(model), true, true);
            GenerationOptions options = GenerationOptions.DEFAULT.withMaxTokens(64).withStopStrings(List.of("\n\n"));
            Generator generator = new Generator(context, TokenPicker.of(session), options);
            StringBuilder out = new StringBuilder();
            Generation generation = generator.generate(prompt, out::append);
            assertThat(generation.tokens()).hasSizeBetween(1, 64);
            assertThat(generation.text()).isEqualTo(out.toString());
        }
    }

    private static String chat(LlamaModel model) {
        String prompt = model.chatTemplate().orElseThrow().apply(List.of(new ChatMessage("user", "Hello!")), true);
        return prompt;
    }

    @Test
    void whatIsSaidOfNumericsHolds() {
        SamplerChain chain = SamplerChain.parse("top_k=40,temperature=0.8,seed=42");
        int vocabularySize = 1_000;
        MemorySegment row = MemorySegment.ofArray(ramp(vocabularySize));
        SamplerSession portable = chain.newSession(vocabularySize);
        SamplerSession exact = chain.newSession(Vocabulary.ofSize(vocabularySize), Numerics.LLAMA_CPP);
        assertThat(portable.sample(row)).isEqualTo(exact.sample(row));
        SamplerSession session = portable;
        int token = session.sample(row);
        Logprobs model = session.logprobs(row, 5, token);
        assertThat(model.top()).hasSize(5);
        Measures before = session.measures(row, 20);
        Measures after = session.survivorMeasures(20);
        double surprise = before.entropyBits();
        assertThat(surprise).isGreaterThan(after.entropyBits());
        assertThat(saved(session, chain, vocabularySize).sample(row)).isEqualTo(session.sample(row));
        assertThat(survivors(session, token).asked().getFirst().id()).isEqualTo(token);
    }

    @Test
    void aBatchIsSampledByTwoThreads() throws IOException {
        try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), tiny())) {
            int first = model.tokenizer().tokenize("Hello", true, false)[0];
            SamplerChain chain = SamplerChain.parse("top_k=40,top_p=0.95,temperature=0.8,seed=42");
            List<SamplerSession> sessions = new ArrayList<>();
            List<SamplerSession> alone = new ArrayList<>();
            Batch batch = new Batch();
            for (int i = 0; i < 4; i++) {
                sessions.add(chain.newSession(model.vocabularySize()));
                alone.add(sessions.get(i).fork());
                batch.add(first + i, 0, i, true);
            }
            int[] tokens = new int[sessions.size()];
            ContextOptions options = ContextOptions.DEFAULT.withContextLength(64).withSequences(4).withSharedRows(true);
            try (LlamaContext context = model.newContext(options.withThreads(1));
                    ExecutorService executor = Executors.newFixedThreadPool(1)) {
                BatchSampler sampler = BatchSampler.parallel(executor, 2);
                List<MemorySegment> rows = new ArrayList<>();
                for (int step = 0; step < 16; step++) {
                    context.decode(batch);
                    rows.clear();
                    for (int i = 0; i < sessions.size(); i++) {
                        rows.add(context.logits(i));
                    }
                    sampler.sampleAll(rows, sessions, tokens);
                    batch.clear();
                    for (int i = 0; i < tokens.length; i++) {
                        assertThat(tokens[i]).isEqualTo(alone.get(i).sample(rows.get(i)));
                        batch.add(tokens[i], context.position(i), i, true);
                    }
                }
            }
        }
    }

    @Test
    void javaAndNativeSamplersAreMixed() throws IOException {
        LlamaRuntime runtime = LlamaRuntime.load();
        try (LlamaModel model = LlamaModel.load(runtime, tiny());
                LlamaContext context = model.newContext(ContextOptions.DEFAULT.withThreads(1))) {
            context.decode(model.tokenizer().tokenize("Hello", true, false));
            Vocabulary vocabulary = model.tokenizer().vocabulary();
            String[] pieces = new String[model.vocabularySize()];
            Arrays.setAll(pieces, id -> new String(vocabulary.piece(id), StandardCharsets.ISO_8859_1));
            NativeSampler mine = NativeSampler.publish(runtime, new NoDigits(pieces), vocabulary, Numerics.PORTABLE);
            try (NativeSampler chain = NativeSampler.chain(runtime, List.of(
                    NativeSampler.builtIn(model, new TopK(40)), mine,
                    NativeSampler.builtIn(model, new Distribution(42))))) {
                int token = chain.sample(context, -1);
                assertThat(pieces[token]).doesNotContainPattern("[0-9]");
            }
            MemorySegment pointerFromC = NativeSampler.builtIn(runtime, new TopP(0.9f, 0), pieces.length).release();
            try (NativeSampler yours = NativeSampler.adopt(runtime, pointerFromC, model.vocabularySize())) {
                SamplerChain chain = SamplerChain.builder().topK(40).stage(yours.asStage()).distribution(42);
                SamplerSession session = chain.newSession(model.vocabularySize());
                int token = session.sample(context.logits(-1));
                assertThat(token).isBetween(0, pieces.length - 1);
            }
        }
    }

    @Test
    void theBackendRunsTheFirstStages() throws IOException {
        LlamaRuntime runtime = LlamaRuntime.load();
        try (LlamaModel model = LlamaModel.load(runtime, tiny());
                LlamaContext context = model.newContext(ContextOptions.DEFAULT.withThreads(1).withSequences(2))) {
            int[] prompt = model.tokenizer().tokenize("The cat sat on", true, false);
            NativeSampler chain = NativeSampler.chain(runtime, List.of(
                    NativeSampler.builtIn(model, new TopK(40)),
                    NativeSampler.builtIn(model, new Typical(0.9f, 1)),
                    NativeSampler.builtIn(model, new Distribution(42))));
            context.attach(0, chain);
            context.decode(prompt);
            int token = chain.sample(context, -1);
            assertThat(token).isBetween(0, model.vocabularySize() - 1);

            NativeSampler topK = NativeSampler.chain(runtime, List.of(NativeSampler.builtIn(model, new TopK(40))));
            context.attach(1, topK);
            SamplerSession session = SamplerChain.builder().topP(0.95f).temperature(0.8f).distribution(42)
                    .newSession(model.vocabularySize());
            context.decode(new Batch().add(token, 0, 1, true));
            BackendOutput left = context.backendOutput(-1).orElseThrow();
            int next = left.sample(session);
            assertThat(left.ids().toArray(ValueLayout.JAVA_INT)).hasSize(40).contains(next);
            chain.close();
            topK.close();
        }
    }

    @Test
    void otherHostsGiveAText() {
        LlamaRuntime runtime = LlamaRuntime.load();
        long llamaSamplerInit = NativeSymbols.address("llama_sampler_init").address();
        assertThatThrownBy(() -> {
            String spec = "top_k=40,class=com.example.MyStage,n_vocab=49152,seed=99";
            long sampler = SamplerPlugin.init(spec, llamaSamplerInit);
            NativeSampler.adopt(runtime, MemorySegment.ofAddress(sampler), 49152).close();
        }).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("com.example.MyStage");
    }

    /// As in the README.
    record NoDigits(String[] pieces) implements Sampler {
        @Override
        public String name() {
            return "no-digits";
        }

        @Override
        public void apply(Candidates candidates) {
            candidates.keepIf(id -> pieces[id].chars().noneMatch(Character::isDigit));
        }
    }

    private static SamplerSession saved(SamplerSession session, SamplerChain chain, int vocabularySize) {
        byte[] saved = session.save();
        SamplerSession other = chain.newSession(vocabularySize);
        other.restore(saved);
        return other;
    }

    private static Logprobs survivors(SamplerSession session, int token) {
        Logprobs chain = session.survivorLogprobs(5, token);
        return chain;
    }

    private static float[] ramp(int size) {
        float[] logits = new float[size];
        for (int i = 0; i < size; i++) {
            logits[i] = i * 0.01f;
        }
        return logits;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bindings", "numerics", "batches", "plug-in", "backend-sampling"})
    void everyLineOfTheGuideStandsHere(String guide) throws IOException {
        String here = Files.readString(Path.of("src/test/java/io/github/javasampler/llama/GuideTest.java"));
        boolean code = false;
        int lines = 0;
        for (String line : Files.readAllLines(Path.of("../docs/" + guide + ".md"))) {
            if (line.startsWith("```")) {
                code = line.equals("```java");
            } else if (code) {
                assertThat(here).contains(line.strip());
                lines++;
            }
        }
        assertThat(lines).isGreaterThan(5);
    }

    private Path tiny() throws IOException {
        return TinyModel.write(directory.resolve("tiny.gguf"), TinyModel.CHAT_TEMPLATE);
    }
}
