package io.github.javasampler.llama;

/// A stage of a chain has no counterpart in llama.cpp, so there is no native chain for it.
public final class NoNativeSamplerException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final String stage;

    NoNativeSamplerException(String stage, int index, int count) {
        super("stage " + (index + 1) + " of " + count + ", \"" + stage + "\", must be one of llama.cpp's own samplers"
                + " to run in a native chain, and is not; sample with SamplerChain.newSession instead");
        this.stage = stage;
    }

    /// The name of the stage.
    public String stage() {
        return stage;
    }
}
