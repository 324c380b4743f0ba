package io.github.javasampler.grammar;

/// A grammar over the tokens of a vocabulary, with the masks of the states it has been in. Thread-safe: any number of
/// matchers share it.
public final class CompiledGrammar {
    private CompiledGrammar() {
    }

    /// The grammar.
    public Grammar grammar() {
        throw new UnsupportedOperationException();
    }

    /// The vocabulary.
    public GrammarVocabulary vocabulary() {
        throw new UnsupportedOperationException();
    }

    /// The state of a sequence that begins here.
    public GrammarMatcher newMatcher() {
        throw new UnsupportedOperationException();
    }

    /// The state of a sequence in which the grammar begins later.
    ///
    /// @throws IllegalArgumentException if a pattern is no regular expression, or a token not in the vocabulary
    public GrammarMatcher newMatcher(GrammarTrigger trigger) {
        throw new UnsupportedOperationException();
    }
}
