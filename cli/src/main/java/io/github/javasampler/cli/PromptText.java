package io.github.javasampler.cli;

import io.github.javasampler.llama.LlamaModel;

/// Makes tokens of a user's prompt.
final class PromptText {
    private PromptText() {}

    /// The prompt in the model's chat template, if it has one and `raw` does not forbid it, as tokens.
    static int[] tokenize(LlamaModel model, String text, boolean raw) {
        int[] tokens = model.promptTokens(text, !raw);
        if (tokens.length == 0) {
            throw new CommandException("the prompt must hold at least one token, and is empty; give a text by -p");
        }
        return tokens;
    }
}
