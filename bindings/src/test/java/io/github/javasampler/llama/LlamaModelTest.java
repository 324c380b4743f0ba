package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LlamaModelTest {

    @TempDir
    Path directory;

    @Test
    void aModelTellsWhatItIs() throws IOException {
        try (LlamaModel model = tiny()) {
            assertThat(model.vocabularySize()).isEqualTo(TinyModel.VOCABULARY_SIZE);
            assertThat(model.trainedContextLength()).isEqualTo(TinyModel.CONTEXT_LENGTH);
            assertThat(model.description()).startsWith("llama");
            assertThat(model.parameterCount()).isGreaterThan(10_000);
            assertThat(model.chatTemplate().orElseThrow().source()).isEqualTo(TinyModel.CHAT_TEMPLATE);
            assertThat(model.file()).isEqualTo(file());
            assertThat(model.runtime()).isSameAs(LlamaRuntime.load());
        }
    }

    @Test
    void aModelWithoutAChatTemplateSaysSo() throws IOException {
        try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), TinyModel.write(file(), null))) {
            assertThat(model.chatTemplate()).isEmpty();
        }
    }

    @Test
    void aMissingFileIsOneClearLine() {
        assertThatThrownBy(() -> LlamaModel.load(LlamaRuntime.load(), file())).isInstanceOf(ModelLoadException.class)
                .hasMessage("the model file " + file() + " must exist, and does not");
    }

    @Test
    void aDirectoryIsOneClearLine() {
        assertThatThrownBy(() -> LlamaModel.load(LlamaRuntime.load(), directory)).isInstanceOf(ModelLoadException.class)
                .hasMessage("the model " + directory + " must be a GGUF file, is a directory");
    }

    @Test
    void aFileThatIsNoGgufIsOneClearLine() throws IOException {
        Files.writeString(file(), "<html>");
        assertThatThrownBy(() -> LlamaModel.load(LlamaRuntime.load(), file())).isInstanceOf(ModelLoadException.class)
                .hasMessage("the model " + file() + " must be a GGUF file, which starts with 'GGUF'; it starts with the"
                        + " bytes 3c 68 74 6d");
        Files.write(file(), new byte[0]);
        assertThatThrownBy(() -> LlamaModel.load(LlamaRuntime.load(), file())).isInstanceOf(ModelLoadException.class)
                .hasMessageEndingWith("it starts with nothing");
    }

    @Test
    void aFileThatWasCutShortIsRefusedWithTheReasonOfLlamaCpp() throws IOException {
        byte[] whole = Files.readAllBytes(TinyModel.write(file(), null));
        for (int length : List.of(4, 8, 24, 100, 1000, 3000, whole.length / 2, whole.length - 1)) {
            Files.write(file(), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> LlamaModel.load(LlamaRuntime.load(), file())).as(length + " bytes")
                    .isInstanceOf(ModelLoadException.class).hasMessageContaining("llama.cpp says: ")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void everyByteOfTheHeaderMayBeDamagedWithoutACrash() throws IOException {
        byte[] whole = Files.readAllBytes(TinyModel.write(file(), null));
        for (int at = 4; at < 400; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x55;
            Files.write(file(), damaged);
            try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), file(),
                    ModelOptions.DEFAULT.withVocabularyOnly(true))) {
                assertThat(model.vocabularySize()).isNotNegative();
            } catch (ModelLoadException e) {
                assertThat(e).hasMessageStartingWith(file().toString());
            }
        }
    }

    @Test
    void aVocabularyOnlyModelTokenizesAndOpensNoContext() throws IOException {
        TinyModel.write(file(), null);
        try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), file(),
                ModelOptions.DEFAULT.withVocabularyOnly(true))) {
            assertThat(model.tokenizer().tokenize("a", false, false)).isNotEmpty();
            assertThatThrownBy(model::newContext).isInstanceOf(LlamaException.class)
                    .hasMessageContaining("was loaded with vocabularyOnly");
        }
    }

    @Test
    void aClosedModelRefusesEveryCall() throws IOException {
        LlamaModel model = tiny();
        Tokenizer tokenizer = model.tokenizer();
        model.close();
        model.close();
        String message = "the model " + file() + " is closed";
        assertThatThrownBy(model::newContext).isInstanceOf(IllegalStateException.class).hasMessage(message);
        assertThatThrownBy(model::description).isInstanceOf(IllegalStateException.class).hasMessage(message);
        assertThatThrownBy(model::chatTemplate).isInstanceOf(IllegalStateException.class).hasMessage(message);
        assertThatThrownBy(model::tokenizer).isInstanceOf(IllegalStateException.class).hasMessage(message);
        assertThatThrownBy(() -> tokenizer.tokenize("a", true, true)).isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> tokenizer.piece(5)).isInstanceOf(IllegalStateException.class).hasMessage(message);
        assertThat(model).hasToString("closed model " + file());
    }

    @Test
    void aModelIsClosedAfterItsContexts() throws IOException {
        LlamaModel model = tiny();
        LlamaContext context = model.newContext(ContextOptions.DEFAULT.withThreads(1));
        assertThatThrownBy(model::close).isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("1 of them is open; close them first");
        context.decode(TinyModel.BOS);
        context.close();
        context.close();
        model.close();
    }

    @Test
    void modelsCanBeOpenedAndClosedManyTimes() throws IOException {
        TinyModel.write(file(), null);
        for (int i = 0; i < 100; i++) {
            try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), file());
                    LlamaContext context = model.newContext(ContextOptions.DEFAULT.withThreads(1))) {
                context.decode(TinyModel.BOS);
            }
        }
    }

    private Path file() {
        return directory.resolve("tiny.gguf");
    }

    private LlamaModel tiny() throws IOException {
        return LlamaModel.load(LlamaRuntime.load(), TinyModel.write(file(), TinyModel.CHAT_TEMPLATE));
    }
}
