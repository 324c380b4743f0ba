package io.github.javasampler.llama;

/// A stage of a chain has no counterpart in llama.cpp, or one that needs a model which was not given; so there is no
/// native chain for it.
public final class NoNativeSamplerException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final String stage;

    private NoNativeSamplerException(String stage, int index, int count, String problem) {
        super("stage " + (index + 1) + " of " + count + ", \"" + stage + "\", must " + problem);
        this.stage = stage;
    }

    static NoNativeSamplerException unknown(String stage, int index, int count) {
        return new NoNativeSamplerException(stage, index, count, "be one of llama.cpp's own samplers to run in a native"
                + " chain, and is not; sample with SamplerChain.newSession instead");
    }

    static NoNativeSamplerException needsModel(String stage, int index, int count) {
        return new NoNativeSamplerException(stage, index, count, "know the texts of the tokens to run in a native"
                + " chain, and only their number was given; make it with new NativeChain(model, chain)");
    }

    static NoNativeSamplerException lazy(String stage, int index, int count) {
        return new NoNativeSamplerException(stage, index, count, "begin at once to run in a native chain, and waits for"
                + " a trigger, which llama.cpp looks for in ways that can end the process; sample with"
                + " SamplerChain.newSession instead");
    }

    static NoNativeSamplerException notFirst(String stage, int index, int count) {
        return new NoNativeSamplerException(stage, index, count, "be the first one to run in a native chain, and is"
                + " not; put it first, or sample with SamplerChain.newSession instead");
    }

    /// The name of the stage.
    public String stage() {
        return stage;
    }
}
