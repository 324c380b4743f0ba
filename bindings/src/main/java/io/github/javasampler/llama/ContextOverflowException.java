package io.github.javasampler.llama;

/// More tokens were to be decoded than the context has room for. Nothing was decoded; the context is as it was.
public final class ContextOverflowException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final int needed;
    private final int contextLength;

    ContextOverflowException(int sequence, int position, int tokens, int contextLength) {
        super("a context of " + contextLength + " tokens cannot hold " + (position + tokens) + ": sequence " + sequence
                + " is at position " + position + " and " + tokens + " more came; shorten the prompt, clear() the"
                + " context, or open one with a greater contextLength");
        this.needed = position + tokens;
        this.contextLength = contextLength;
    }

    /// The tokens that the sequence would have had.
    public int needed() {
        return needed;
    }

    /// The tokens that it may have.
    public int contextLength() {
        return contextLength;
    }
}
