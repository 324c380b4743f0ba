package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.javasampler.SamplerChain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratorTest {
    private static final int[] PROMPT = {TinyModel.BOS, 5, 9};

    @TempDir
    Path directory;

    private LlamaModel model;
    private LlamaContext context;

    @BeforeEach
    void open() throws IOException {
        model = LlamaModel.load(LlamaRuntime.load(), TinyModel.write(directory.resolve("tiny.gguf"), null));
        context = model.newContext(ContextOptions.DEFAULT.withContextLength(64).withThreads(1));
    }

    @AfterEach
    void close() {
        context.close();
        model.close();
    }

    @Test
    void theTextIsWhatTheTokensStandFor() {
        List<String> pieces = new ArrayList<>();
        TokenPicker picker = scripted("Gr\u00fc\u00dfe \ud83c\udf89!");
        Generation generation =
                new Generator(context, picker, GenerationOptions.DEFAULT).generate(PROMPT, pieces::add);
        assertThat(generation.text()).isEqualTo("Gr\u00fc\u00dfe \ud83c\udf89!");
        assertThat(pieces).containsExactly("G", "r", "\u00fc", "\u00df", "e", " ", "\ud83c\udf89", "!");
        assertThat(generation.stop()).isEqualTo(StopReason.END_OF_GENERATION);
        assertThat(generation.promptTokens()).isEqualTo(3);
        assertThat(generation.tokens()).hasSize(13).doesNotContain(TinyModel.EOS);
        assertThat(generation.promptNanos()).isPositive();
        assertThat(generation.decodeNanos()).isPositive();
        assertThat(generation.samplingNanos()).isPositive();
        assertThat(context.position()).isEqualTo(3 + 13);
    }

    @Test
    void itEndsAfterTheWantedNumberOfTokens() {
        for (int wanted : new int[] {0, 1, 4}) {
            context.clear();
            Generation generation = new Generator(context, scripted("abcdefgh"),
                    GenerationOptions.DEFAULT.withMaxTokens(wanted)).generate(PROMPT);
            assertThat(generation.text()).isEqualTo("abcdefgh".substring(0, wanted));
            assertThat(generation.tokens()).hasSize(wanted);
            assertThat(generation.stop()).isEqualTo(StopReason.MAX_TOKENS);
        }
    }

    @Test
    void aStopStringEndsItAndIsNotShown() {
        List<String> pieces = new ArrayList<>();
        Generation generation = new Generator(context, scripted("one two STOP three"),
                GenerationOptions.DEFAULT.withStopStrings(List.of("three", " STOP"))).generate(PROMPT, pieces::add);
        assertThat(generation.text()).isEqualTo("one two").isEqualTo(String.join("", pieces));
        assertThat(generation.stop()).isEqualTo(StopReason.STOP_STRING);
        assertThat(generation.tokens()).hasSize("one two STOP".length());
    }

    @Test
    void textHeldBackForAStopStringIsShownInTheEnd() {
        Generation generation = new Generator(context, scripted("one ST"),
                GenerationOptions.DEFAULT.withStopStrings(List.of("STOP"))).generate(PROMPT);
        assertThat(generation.text()).isEqualTo("one ST");
        assertThat(generation.stop()).isEqualTo(StopReason.END_OF_GENERATION);
    }

    @Test
    void anUnfinishedCharacterBecomesAReplacementCharacter() {
        int first = TinyModel.FIRST_BYTE;
        int[] script = {first + 'a', first + 0xF0, first + 0x9F, TinyModel.EOS};
        assertThat(new Generator(context, scripted(script), GenerationOptions.DEFAULT).generate(PROMPT).text())
                .isEqualTo("a\ufffd");
    }

    @Test
    void itEndsWhenTheContextIsFull() {
        Generation generation = new Generator(context, (_, _) -> TinyModel.FIRST_BYTE + 'x', GenerationOptions.DEFAULT)
                .generate(PROMPT);
        assertThat(generation.stop()).isEqualTo(StopReason.CONTEXT_FULL);
        // The last token needs no place: nothing comes after it.
        assertThat(generation.tokens()).hasSize(64 - 3 + 1);
        assertThat(context.position()).isEqualTo(64);
    }

    @Test
    void anotherThreadCancelsIt() throws InterruptedException {
        AtomicReference<Thread> canceller = new AtomicReference<>();
        AtomicInteger count = new AtomicInteger();
        AtomicReference<Generator> generator = new AtomicReference<>();
        generator.set(new Generator(context, (_, _) -> {
            if (count.incrementAndGet() == 3) {
                canceller.set(new Thread(() -> generator.get().cancel()));
                canceller.get().start();
                join(canceller.get());
            }
            return TinyModel.FIRST_BYTE + 'x';
        }, GenerationOptions.DEFAULT));
        Generation generation = generator.get().generate(PROMPT);
        assertThat(generation.stop()).isEqualTo(StopReason.CANCELLED);
        assertThat(generation.text()).isEqualTo("xxx");
        // Cancelling ends one generation, not all.
        context.clear();
        count.set(10);
        assertThat(generator.get().generate(PROMPT).stop()).isEqualTo(StopReason.CONTEXT_FULL);
    }

    @Test
    void cancelledBeforehandItDecodesNothing() {
        Generator generator = new Generator(context, scripted("abc"), GenerationOptions.DEFAULT);
        generator.cancel();
        Generation generation = generator.generate(PROMPT);
        assertThat(generation.stop()).isEqualTo(StopReason.CANCELLED);
        assertThat(generation.tokens()).isEmpty();
        assertThat(context.position()).isZero();
    }

    @Test
    void tokensThatEndAGenerationCanBeIgnored() {
        int[] script = {TinyModel.FIRST_BYTE + 'a', TinyModel.EOS, TinyModel.FIRST_BYTE + 'b'};
        Generation generation = new Generator(context, scripted(script),
                GenerationOptions.DEFAULT.withIgnoreEndOfGeneration(true).withMaxTokens(3)).generate(PROMPT);
        assertThat(generation.text()).isEqualTo("ab");
        assertThat(generation.tokens()).isEqualTo(script);
    }

    @Test
    void aPromptThatDoesNotFitIsATypedError() {
        Generator generator = new Generator(context, scripted("a"), GenerationOptions.DEFAULT);
        assertThatThrownBy(() -> generator.generate(new int[65])).isInstanceOf(ContextOverflowException.class);
        assertThatThrownBy(() -> generator.generate(new int[0])).isInstanceOf(IllegalArgumentException.class);
        assertThat(context.position()).isZero();
    }

    @Test
    void whatTheListenerThrowsEndsItAndNothingElse() {
        Generator generator = new Generator(context, scripted("abc"), GenerationOptions.DEFAULT);
        assertThatThrownBy(() -> generator.generate(PROMPT, _ -> {
            throw new IllegalStateException("mine");
        })).hasMessage("mine");
        context.clear();
        assertThat(new Generator(context, scripted("abc"), GenerationOptions.DEFAULT).generate(PROMPT).text())
                .isEqualTo("abc");
    }

    @Test
    void theContextCanMoveToAnotherThreadAfterwards() throws InterruptedException {
        SamplerChain chain = SamplerChain.parse("top_k=40,temperature=0.8,seed=7");
        GenerationOptions options = GenerationOptions.DEFAULT.withMaxTokens(8).withIgnoreEndOfGeneration(true);
        Generator generator = new Generator(context, TokenPicker.of(chain.newSession(model.vocabularySize())), options);
        generator.generate(PROMPT);
        AtomicReference<Generation> elsewhere = new AtomicReference<>();
        Thread thread = new Thread(() -> elsewhere.set(generator.generate(PROMPT)));
        thread.start();
        thread.join();
        assertThat(elsewhere.get().tokens()).hasSize(8);
    }

    @Test
    void thisLibraryAndLlamaCppGenerateTheSame() {
        for (String text : List.of("greedy", "seed=42", "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=1")) {
            SamplerChain chain = SamplerChain.parse(text);
            GenerationOptions options = GenerationOptions.DEFAULT.withMaxTokens(50).withIgnoreEndOfGeneration(true);
            context.clear();
            int[] here = new Generator(context, TokenPicker.of(chain.newSession(model.vocabularySize())), options)
                    .generate(PROMPT).tokens();
            context.clear();
            try (NativeChain nativeChain = new NativeChain(model.runtime(), chain, model.vocabularySize())) {
                assertThat(new Generator(context, TokenPicker.of(nativeChain), options).generate(PROMPT).tokens())
                        .as(text)
                        .isEqualTo(here);
            }
        }
    }

    @Test
    void anEmptyStopStringIsRefused() {
        assertThatThrownBy(() -> GenerationOptions.DEFAULT.withStopStrings(List.of("a", "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a stop string must not be empty, and number 1 of 2 is");
    }

    /// Picks the bytes of a text, then the end.
    private static TokenPicker scripted(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int[] tokens = new int[utf8.length + 1];
        for (int i = 0; i < utf8.length; i++) {
            tokens[i] = TinyModel.FIRST_BYTE + (utf8[i] & 0xFF);
        }
        tokens[utf8.length] = TinyModel.EOS;
        return scripted(tokens);
    }

    private static TokenPicker scripted(int... tokens) {
        int[] script = Arrays.copyOf(tokens, tokens.length);
        AtomicInteger next = new AtomicInteger();
        return (_, _) -> script[next.getAndIncrement()];
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
