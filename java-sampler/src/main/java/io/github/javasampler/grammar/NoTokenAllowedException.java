package io.github.javasampler.grammar;

import io.github.javasampler.SamplingException;

/// A grammar has no way on: it allows no token, or none that could be drawn. The session is as it was, but that a draw
/// may have been taken.
public final class NoTokenAllowedException extends SamplingException {
    private static final long serialVersionUID = 1L;

    /// @param message what must hold, what came, and what to do
    public NoTokenAllowedException(String message) {
        super(message);
    }
}
