package io.github.javasampler.grammar;

import io.github.javasampler.Vocabulary;
import java.util.List;

/// A grammar over the tokens of a vocabulary, with the masks of the states it has been in. Thread-safe: any number of
/// matchers share it.
///
/// What it keeps takes some 64 MB at most; then it begins anew. If a single text needs 256 MB it is a
/// [GrammarLimitException].
public final class CompiledGrammar {
    private final Grammar grammar;
    private final GrammarVocabulary vocabulary;
    private final int[] tokenIds;
    private volatile Automaton automaton;

    CompiledGrammar(Grammar grammar, GrammarVocabulary vocabulary) {
        this.grammar = grammar;
        this.vocabulary = vocabulary;
        List<TokenReference> references = grammar.rules().tokens();
        tokenIds = new int[references.size()];
        for (int i = 0; i < tokenIds.length; i++) {
            TokenReference reference = references.get(i);
            tokenIds[i] = vocabulary.token(reference);
            if (tokenIds[i] == Vocabulary.NO_TOKEN) {
                throw GrammarException.at(grammar.text(), reference.place(), "a token that is referred to must be in"
                        + " the vocabulary, and " + (reference.text() == null ? "number " + reference.id()
                        : reference.text()) + " is not");
            }
        }
        automaton = new Automaton(grammar.rules());
    }

    /// The grammar.
    public Grammar grammar() {
        return grammar;
    }

    /// The vocabulary.
    public GrammarVocabulary vocabulary() {
        return vocabulary;
    }

    /// The state of a sequence that begins here.
    public GrammarMatcher newMatcher() {
        return new GrammarMatcher(this, null);
    }

    /// The state of a sequence in which the grammar begins later.
    ///
    /// @throws IllegalArgumentException if a token of the trigger is not in the vocabulary
    public GrammarMatcher newMatcher(GrammarTrigger trigger) {
        trigger.check(vocabulary.size());
        return new GrammarMatcher(this, new Waiting(trigger));
    }

    /// Of the grammar's token references.
    int[] tokenIds() {
        return tokenIds;
    }

    /// The one in use.
    Automaton automaton() {
        Automaton current = automaton;
        if (current.isFull()) {
            synchronized (this) {
                current = automaton;
                if (current.isFull()) {
                    current = new Automaton(grammar.rules());
                    automaton = current;
                }
            }
        }
        return current;
    }
}
