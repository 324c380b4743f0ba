package io.github.javasampler.llama;

/// A context, a model or a native chain was entered or closed while another thread was in it, or a context holds rows
/// that only another thread may retire. Nothing was changed.
public final class InUseException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    InUseException(String message) {
        super(message);
    }
}
