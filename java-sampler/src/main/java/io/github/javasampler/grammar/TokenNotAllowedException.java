package io.github.javasampler.grammar;

import io.github.javasampler.SamplingException;

/// A token was to be accepted that the grammar does not allow here. The matcher is as it was.
public final class TokenNotAllowedException extends SamplingException {
    private static final long serialVersionUID = 1L;

    private final int token;

    TokenNotAllowedException(String message, int token) {
        super(message);
        this.token = token;
    }

    /// The token.
    public int token() {
        return token;
    }
}
