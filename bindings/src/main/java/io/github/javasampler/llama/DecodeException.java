package io.github.javasampler.llama;

/// llama.cpp could not decode a batch that looked right. The context tells by its positions what was kept.
public final class DecodeException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final int code;

    DecodeException(int code, String message) {
        super(message);
        this.code = code;
    }

    /// What `llama_decode` returned: 1 no room in the memory, 2 aborted, negative an error.
    public int code() {
        return code;
    }
}
