package io.github.javasampler.grammar;

import java.util.List;

/// When a lazy grammar begins. Before that everything is allowed; from then on the grammar holds, and it has to fit
/// what triggered it.
///
/// A token of `tokens` begins it with its own text. Otherwise the texts of all tokens are joined, and each pattern is
/// looked for in them, one of the form `^...$` first in the whole: the grammar begins with the first of its groups that
/// is not empty, or else with the match.
///
/// **Source**: `llama_sampler_init_grammar_lazy_patterns` of llama.cpp.
///
/// @param patterns regular expressions, in ECMAScript's notation
/// @param tokens each in [0, vocabulary size)
public record GrammarTrigger(List<String> patterns, List<Integer> tokens) {
    /// Copies the lists.
    public GrammarTrigger {
        patterns = List.copyOf(patterns);
        tokens = List.copyOf(tokens);
    }

    /// Begins at one of these texts.
    public static GrammarTrigger ofWords(List<String> words) {
        throw new UnsupportedOperationException();
    }
}
