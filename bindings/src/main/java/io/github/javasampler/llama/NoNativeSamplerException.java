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

    static NoNativeSamplerException needsRegex(String stage, int index, int count) {
        return new NoNativeSamplerException(stage, index, count, "be triggered by tokens, not by patterns, to run in a"
                + " native chain: on a long text std::regex runs out of stack, which ends the process; sample with"
                + " SamplerChain.newSession instead");
    }

    static NoNativeSamplerException needsChain(String stage, int index, int count) {
        return new NoNativeSamplerException(stage, index, count, "begin at once to be a sampler of its own: what"
                + " triggers it must be looked at before it is accepted; make it with new NativeChain(model, chain)");
    }

    /// The name of the stage.
    public String stage() {
        return stage;
    }
}
