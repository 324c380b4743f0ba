package io.github.javasampler.grammar;

import io.github.javasampler.Vocabulary;

/// A vocabulary made ready for grammars: its tokens' texts as a trie of bytes. Made once and shared by all grammars and
/// sessions. Immutable, thread-safe.
///
/// A token stands for its piece, a control token for its name. Tokens that end a generation are allowed where the
/// grammar is complete and nowhere else; those without a text never are.
public final class GrammarVocabulary {
    private GrammarVocabulary() {
    }

    /// The one of a vocabulary; the same object as before while that is in use.
    ///
    /// @throws IllegalArgumentException if the vocabulary knows no texts
    public static GrammarVocabulary of(Vocabulary vocabulary) {
        throw new UnsupportedOperationException();
    }

    /// How many tokens there are.
    public int size() {
        throw new UnsupportedOperationException();
    }

    /// A grammar over these tokens; of the last few the same object as before, with what it has learned.
    ///
    /// @throws GrammarException if it refers to a token that is not in the vocabulary
    public CompiledGrammar compile(Grammar grammar) {
        throw new UnsupportedOperationException();
    }
}
