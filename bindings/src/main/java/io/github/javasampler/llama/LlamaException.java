package io.github.javasampler.llama;

/// Something that llama.cpp, its files or its settings made impossible. The message says what must hold, what came and
/// what to do; subclasses stand for what a caller may want to handle apart.
///
/// Mistakes in the calling code are `IllegalArgumentException` (a bad argument) or `IllegalStateException` (a closed
/// object, a stale row) instead.
public class LlamaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what must hold, what came, what to do
    public LlamaException(String message) {
        super(message);
    }

    LlamaException(String message, Throwable cause) {
        super(message, cause);
    }
}
