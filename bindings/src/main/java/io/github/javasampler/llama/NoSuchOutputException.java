package io.github.javasampler.llama;

/// Logits were asked for that the last decode did not make.
public final class NoSuchOutputException extends LlamaException {
    private static final long serialVersionUID = 1L;

    NoSuchOutputException(String message) {
        super(message);
    }
}
