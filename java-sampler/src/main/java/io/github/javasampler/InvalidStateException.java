package io.github.javasampler;

/// Bytes were to be restored that are no saved session, or not one of this session's chain and vocabulary.
public final class InvalidStateException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /// @param message what must hold, what came, and what to do
    InvalidStateException(String message, Throwable cause) {
        super(message, cause);
    }
}
