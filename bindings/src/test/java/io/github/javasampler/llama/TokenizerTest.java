package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.javasampler.Vocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {

    @TempDir
    Path directory;

    /// llama.cpp's own test data: texts, and the tokens that each vocabulary makes of them.
    @ParameterizedTest
    @ValueSource(strings = {"llama-bpe", "llama-spm", "phi-3", "qwen2", "gpt-2", "gemma-4"})
    void everyVocabularyTokenizesAsPublished(String name) throws IOException {
        Path models = Requirement.llamaCpp().resolve("models");
        Path file = models.resolve("ggml-vocab-" + name + ".gguf");
        String[] texts = Files.readString(Path.of(file + ".inp")).split("\n__ggml_vocab_test__\n", -1);
        String[] expected = Files.readString(Path.of(file + ".out")).split("\n");
        try (LlamaModel model = vocabulary(file)) {
            Tokenizer tokenizer = model.tokenizer();
            for (int i = 0; i < expected.length; i++) {
                int[] ids = Stream.of(expected[i].strip().split(" ")).filter(id -> !id.isEmpty())
                        .mapToInt(Integer::parseInt).toArray();
                assertThat(tokenizer.tokenize(texts[i], false, false)).as("text " + i).isEqualTo(ids);
            }
        }
    }

    @Test
    void textsComeBackFromTheirTokens() throws IOException {
        String text = "Gr\u00fc\u00dfe, \u4e16\u754c \ud83c\udf89! \t 42\n";
        try (LlamaModel model = vocabulary(Requirement.llamaCpp().resolve("models/ggml-vocab-llama-bpe.gguf"))) {
            Tokenizer tokenizer = model.tokenizer();
            int[] tokens = tokenizer.tokenize(text, true, false);
            assertThat(tokens[0]).isEqualTo(tokenizer.bos());
            assertThat(tokenizer.detokenize(tokens, true, false)).isEqualTo(text);
            Utf8Stream stream = new Utf8Stream();
            StringBuilder pieces = new StringBuilder();
            for (int token : tokens) {
                pieces.append(stream.feed(tokenizer.piece(token)));
            }
            assertThat(pieces + stream.flush()).isEqualTo(text);
        }
    }

    @Test
    void controlTokensGiveTheirNamesOnlyWhenAskedTo() throws IOException {
        try (LlamaModel model = tiny()) {
            Tokenizer tokenizer = model.tokenizer();
            assertThat(tokenizer.piece(TinyModel.EOS)).isEmpty();
            assertThat(tokenizer.piece(TinyModel.EOS, true)).isEqualTo("</s>".getBytes(StandardCharsets.UTF_8));
            assertThat(tokenizer.isControl(TinyModel.EOS)).isTrue();
            assertThat(tokenizer.isEndOfGeneration(TinyModel.EOS)).isTrue();
            assertThat(tokenizer.isEndOfGeneration(TinyModel.BOS)).isFalse();
            assertThat(tokenizer.bos()).isEqualTo(TinyModel.BOS);
            assertThat(tokenizer.eos()).isEqualTo(TinyModel.EOS);
            assertThat(tokenizer.tokenize("</s>", false, true)).contains(TinyModel.EOS);
            assertThat(tokenizer.tokenize("</s>", false, false)).doesNotContain(TinyModel.EOS);
        }
    }

    @Test
    void theVocabularyKnowsTheTokensAsTheTokenizerDoes() throws IOException {
        try (LlamaModel model = tiny()) {
            Tokenizer tokenizer = model.tokenizer();
            Vocabulary vocabulary = tokenizer.vocabulary();
            assertThat(vocabulary).isEqualTo(tokenizer.vocabulary());
            assertThat(vocabulary.size()).isEqualTo(tokenizer.size());
            assertThat(vocabulary.piece(TinyModel.EOS)).isEmpty();
            assertThat(vocabulary.text(TinyModel.EOS)).isEqualTo("</s>".getBytes(StandardCharsets.UTF_8));
            // A byte that is no character alone, and the space before a word that begins a text.
            assertThat(vocabulary.text(TinyModel.FIRST_BYTE + 0xE4)).containsExactly(0xE4);
            int cat = TinyModel.FIRST_BYTE + 256 + TinyModel.WORDS.indexOf("\u2581cat");
            assertThat(vocabulary.piece(cat)).isEqualTo(" cat".getBytes(StandardCharsets.UTF_8));
            assertThat(vocabulary.text(cat)).isEqualTo("cat".getBytes(StandardCharsets.UTF_8));
            assertThat(vocabulary.tokenize(new byte[] {(byte) 0xE4})).contains(TinyModel.FIRST_BYTE + 0xE4);
            assertThat(vocabulary.tokenize("</s>".getBytes(StandardCharsets.UTF_8))).doesNotContain(TinyModel.EOS);
            assertThat(vocabulary.isEndOfGeneration(TinyModel.EOS)).isTrue();
            assertThat(tokenizer.eot()).isEqualTo(Tokenizer.NO_TOKEN);
            assertThat(vocabulary.endOfTurn()).isEqualTo(TinyModel.EOS);
        }
        try (LlamaModel model = vocabulary(Requirement.llamaCpp().resolve("models/ggml-vocab-qwen2.gguf"))) {
            Tokenizer tokenizer = model.tokenizer();
            assertThat(tokenizer.piece(tokenizer.eot(), true)).asString().isEqualTo("<|im_end|>");
            assertThat(tokenizer.vocabulary().endOfTurn()).isEqualTo(tokenizer.eot());
        }
    }

    @Test
    void emptyTextsHaveNoTokens() throws IOException {
        try (LlamaModel model = tiny()) {
            assertThat(model.tokenizer().tokenize("", false, false)).isEmpty();
            assertThat(model.tokenizer().tokenize("", true, false)).containsExactly(TinyModel.BOS);
            assertThat(model.tokenizer().detokenize(new int[0], false, false)).isEmpty();
        }
    }

    @Test
    void longTextsGrowTheBuffers() throws IOException {
        try (LlamaModel model = tiny()) {
            Tokenizer tokenizer = model.tokenizer();
            String text = " the cat \u4e16".repeat(20_000);
            int[] tokens = tokenizer.tokenize(text, true, false);
            // Not isEqualTo, whose message would be as long.
            assertThat(tokenizer.detokenize(tokens, true, false).strip().equals(text.strip())).isTrue();
        }
    }

    @Test
    void aNulIsACharacterLikeAnyOther() throws IOException {
        try (LlamaModel model = tiny()) {
            int[] tokens = model.tokenizer().tokenize("a\0b", false, false);
            assertThat(tokens).contains(TinyModel.FIRST_BYTE);
            assertThat(model.tokenizer().detokenize(tokens, false, false)).endsWith("a\0b");
        }
    }

    @Test
    void aPieceCannotBeChangedFromOutside() throws IOException {
        try (LlamaModel model = tiny()) {
            int token = TinyModel.FIRST_BYTE + 'x';
            Arrays.fill(model.tokenizer().piece(token), (byte) 0);
            assertThat(model.tokenizer().piece(token)).containsExactly('x');
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, TinyModel.VOCABULARY_SIZE, Integer.MAX_VALUE})
    void aTokenOutOfRangeIsRefused(int token) throws IOException {
        String message = "a token must be in [0, " + TinyModel.VOCABULARY_SIZE + "), got " + token;
        try (LlamaModel model = tiny()) {
            Tokenizer tokenizer = model.tokenizer();
            assertThatThrownBy(() -> tokenizer.piece(token)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            assertThatThrownBy(() -> tokenizer.isEndOfGeneration(token)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            assertThatThrownBy(() -> tokenizer.detokenize(new int[] {5, token}, false, false))
                    .isInstanceOf(IllegalArgumentException.class).hasMessage(message);
        }
    }

    private LlamaModel tiny() throws IOException {
        return LlamaModel.load(LlamaRuntime.load(), TinyModel.write(directory.resolve("tiny.gguf"), null));
    }

    private static LlamaModel vocabulary(Path file) {
        return LlamaModel.load(LlamaRuntime.load(), file, ModelOptions.DEFAULT.withVocabularyOnly(true));
    }
}
