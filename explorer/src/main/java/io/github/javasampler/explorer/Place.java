package io.github.javasampler.explorer;

import java.util.Arrays;

/// Where a row stands: after the tokens of a prompt and those of a text that goes on from it. Stages take note of both,
/// as they do in a generation. The arrays are not copied, and not to be changed.
///
/// @param prompt token ids
/// @param text token ids; with the prompt at least one
record Place(int[] prompt, int[] text) {
    /// Checks that there is a token.
    Place {
        if (prompt == null || text == null) {
            throw Refusal.of(Refusal.TOKENS, "a place must have token ids as \"prompt\" and as \"text\", got none");
        }
        if (prompt.length + text.length == 0) {
            throw Refusal.of(Refusal.PROMPT, "the prompt must hold at least one token, and is empty; type a text");
        }
    }

    /// How many tokens there are.
    int length() {
        return prompt.length + text.length;
    }

    /// @throws Refusal if it is none of a vocabulary of that size
    static void checkToken(int token, int vocabularySize) {
        if (token < 0 || token >= vocabularySize) {
            throw Refusal.of(Refusal.TOKENS, "a token must be in [0, " + (vocabularySize - 1) + "], got " + token);
        }
    }

    /// The place after one more token of the text.
    Place then(int token) {
        int[] longer = Arrays.copyOf(text, text.length + 1);
        longer[text.length] = token;
        return new Place(prompt, longer);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Place that && Arrays.equals(prompt, that.prompt) && Arrays.equals(text, that.text);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(prompt) + Arrays.hashCode(text);
    }

    @Override
    public String toString() {
        return "the place after " + prompt.length + " tokens of prompt and " + text.length + " of text";
    }
}
