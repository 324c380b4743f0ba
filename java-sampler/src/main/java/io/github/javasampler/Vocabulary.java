package io.github.javasampler;

/// The tokens of a model and what they stand for. Most stages only need to know how many there are ([#ofSize]); those
/// that look at texts (sequence breakers, infill) need a whole one, such as `Tokenizer.vocabulary()` of the bindings.
///
/// Texts are bytes, mostly UTF-8, but a token may hold part of a character. Callers must not change the arrays.
/// Implementations are thread-safe.
public interface Vocabulary {
    /// No token: what [#endOfTurn] returns where there is none.
    int NO_TOKEN = -1;

    /// How many tokens there are, at least 1.
    int size();

    /// The bytes that a token adds to a text; none for a control token.
    ///
    /// @param token in [0, size)
    byte[] piece(int token);

    /// The bytes of a text of this one token, a control token by its name.
    ///
    /// @param token in [0, size)
    byte[] text(int token);

    /// The tokens of a text, without any that mark its beginning or end, and none of control.
    int[] tokenize(byte[] text);

    /// Whether a token ends a generation.
    ///
    /// @param token in [0, size)
    boolean isEndOfGeneration(int token);

    /// The token that ends a turn, or else a text; [#NO_TOKEN] if there is neither.
    int endOfTurn();

    /// A vocabulary of which only the size is known.
    ///
    /// @param size at least 1
    static Vocabulary ofSize(int size) {
        return new NamelessVocabulary(size);
    }
}
