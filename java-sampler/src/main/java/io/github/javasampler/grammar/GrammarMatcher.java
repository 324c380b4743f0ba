package io.github.javasampler.grammar;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// Where one sequence is in a grammar. For one thread at a time.
///
/// The allowed tokens are those of llama.cpp's `llama_sampler_init_grammar`: ends of generation exactly where the
/// grammar is complete, tokens without a text never, any other if its bytes fit, which may end within a character.
public final class GrammarMatcher {
    GrammarMatcher() {
    }

    /// Whether a token is allowed here: a look at this one, without a mask.
    ///
    /// @param token in [0, vocabulary size)
    public boolean accepts(int token) {
        throw new UnsupportedOperationException();
    }

    /// Goes on by a token. An end of generation leaves it where it is.
    ///
    /// @param token in [0, vocabulary size)
    /// @throws TokenNotAllowedException if it is not allowed; nothing changes then
    /// @throws GrammarLimitException if the text is nested too deep or can be read in too many ways; nothing changes then
    public void accept(int token) {
        throw new UnsupportedOperationException();
    }

    /// The tokens that are allowed here. Kept for the next time that any matcher is here.
    ///
    /// @throws GrammarLimitException if that takes too much work
    public TokenMask mask() {
        throw new UnsupportedOperationException();
    }

    /// Whether the text may end here. Not while a lazy grammar waits.
    public boolean isComplete() {
        throw new UnsupportedOperationException();
    }

    /// Whether a lazy grammar has not begun yet, so that everything is allowed.
    public boolean isWaiting() {
        throw new UnsupportedOperationException();
    }

    /// Whether there is no way on: no token is allowed, not even an end.
    public boolean isStuck() {
        return mask().count() == 0;
    }

    /// Where it is, for people: the names of the rules, such as `value, ws`.
    public String place() {
        throw new UnsupportedOperationException();
    }

    /// A matcher that continues from here and lives apart.
    public GrammarMatcher copy() {
        throw new UnsupportedOperationException();
    }

    /// Returns to the beginning.
    public void reset() {
        throw new UnsupportedOperationException();
    }

    /// Writes where it is.
    ///
    /// @throws IOException if `out` does
    public void save(DataOutput out) throws IOException {
        throw new UnsupportedOperationException();
    }

    /// Goes to where another one of the same grammar and vocabulary was saved.
    ///
    /// @throws IOException if `in` does, or holds no such place; nothing changes then
    public void restore(DataInput in) throws IOException {
        throw new UnsupportedOperationException();
    }
}
