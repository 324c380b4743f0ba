package io.github.javasampler.grammar;

import java.util.List;

/// When a lazy grammar begins. Before that everything is allowed; from then on the grammar holds, and it has to fit
/// what triggered it.
///
/// A token of `tokens` begins it with its own text. Otherwise the texts of all tokens are joined, and each pattern is
/// looked for in them, one of the form `^...$` in the whole before anywhere: the grammar begins with the first of its
/// groups that is not empty, or else with the match.
///
/// Patterns are regular expressions in the notation of ECMAScript as llama.cpp reads it (std::regex): they match bytes,
/// `^` and `$` stand for the beginning and the end of the whole text, and there is no look behind.
///
/// **Source**: `llama_sampler_init_grammar_lazy_patterns` of llama.cpp.
///
/// @param patterns regular expressions
/// @param tokens each in [0, vocabulary size)
public record GrammarTrigger(List<String> patterns, List<Integer> tokens) {
    /// Copies the lists.
    ///
    /// @throws IllegalArgumentException if a pattern is no regular expression, a token is negative, or there are none
    public GrammarTrigger {
        patterns = List.copyOf(patterns);
        tokens = List.copyOf(tokens);
        if (patterns.isEmpty() && tokens.isEmpty()) {
            throw new IllegalArgumentException("a trigger must have a pattern or a token, got neither");
        }
        for (String pattern : patterns) {
            new TriggerPattern(pattern);
        }
        for (int token : tokens) {
            if (token < 0) {
                throw new IllegalArgumentException("a trigger's token must be at least 0, got " + token);
            }
        }
    }

    /// Begins at the first of these texts, with it.
    public static GrammarTrigger ofWords(List<String> words) {
        StringBuilder pattern = new StringBuilder("[\\s\\S]*?(");
        for (int i = 0; i < words.size(); i++) {
            pattern.append(i == 0 ? "" : "|").append(words.get(i).replaceAll("[.^$|()*+?\\[\\]{}\\\\]", "\\\\$0"));
        }
        return new GrammarTrigger(List.of(pattern.append(")[\\s\\S]*").toString()), List.of());
    }

    /// Checks that the tokens are in a vocabulary of this size.
    void check(int vocabularySize) {
        for (int token : tokens) {
            if (token >= vocabularySize) {
                throw new IllegalArgumentException("a trigger's token must be in [0, " + (vocabularySize - 1)
                        + "], got " + token);
            }
        }
    }

    boolean isToken(int token) {
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i) == token) {
                return true;
            }
        }
        return false;
    }
}
