package io.github.javasampler;

/// A token could not be chosen. The session that threw it is as usable as before.
public class SamplingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what must hold, what came, and what to do
    public SamplingException(String message) {
        super(message);
    }
}
