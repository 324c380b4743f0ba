package io.github.javasampler.it;

import io.github.javasampler.cli.SmallModel;
import io.github.javasampler.llama.ChatMessage;
import io.github.javasampler.llama.LlamaModel;
import io.github.javasampler.llama.LlamaRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// SmolLM2-135M-Instruct, loaded once for all tests of the JVM.
final class RealModel {
    private RealModel() {}

    private static final class Holder {
        private static final LlamaModel MODEL = load();

        private static LlamaModel load() {
            try {
                return LlamaModel.load(LlamaRuntime.load(), SmallModel.fetch());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static LlamaModel get() {
        return Holder.MODEL;
    }

    /// The tokens of a user's prompt in the model's chat template.
    static int[] chat(String prompt) {
        String text = get().chatTemplate().orElseThrow().apply(List.of(new ChatMessage("user", prompt)), true);
        return get().tokenizer().tokenize(text, true, true);
    }
}
