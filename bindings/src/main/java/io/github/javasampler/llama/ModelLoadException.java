package io.github.javasampler.llama;

/// A model file could not be loaded: missing, no GGUF, damaged, or of a kind that this llama.cpp does not know. The
/// message ends with llama.cpp's own reason where there is one.
public final class ModelLoadException extends LlamaException {
    private static final long serialVersionUID = 1L;

    ModelLoadException(String message) {
        super(message);
    }

    ModelLoadException(String message, Throwable cause) {
        super(message, cause);
    }
}
