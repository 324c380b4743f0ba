package io.github.javasampler.llama;

import io.github.javasampler.SamplerChain;
import io.github.javasampler.grammar.NoTokenAllowedException;
import io.github.javasampler.sampler.GrammarConstraint;

/// llama.cpp's own grammar in front of a [NativeChain], and apart from it: so it can act on a miss, as in llama.cpp's
/// tools, and nothing reaches it that does not fit, of which llama.cpp would make the end of the process.
final class NativeGrammar implements AutoCloseable {
    private final NativeSampler sampler;
    private final boolean onMiss;

    private NativeGrammar(NativeSampler sampler, boolean onMiss) {
        this.sampler = sampler;
        this.onMiss = onMiss;
    }

    /// The grammar that a chain begins with, or null.
    ///
    /// @param model null if there is none
    /// @throws NoNativeSamplerException if there is no model, or the grammar waits for a trigger
    static NativeGrammar of(LlamaModel model, SamplerChain chain) {
        if (!(chain.stages().getFirst() instanceof GrammarConstraint constraint)) {
            return null;
        }
        int count = chain.stages().size();
        if (model == null) {
            throw NoNativeSamplerException.needsModel(constraint.name(), 0, count);
        }
        if (constraint.trigger() != null) {
            throw NoNativeSamplerException.lazy(constraint.name(), 0, count);
        }
        NativeSampler sampler = NativeSampler.grammar(model, constraint.grammar().text(), constraint.grammar().root());
        return new NativeGrammar(sampler, constraint.isOnMiss());
    }

    NativeGrammar copy() {
        return new NativeGrammar(sampler.copy(), onMiss);
    }

    /// Whether it looks at what the chain has picked, instead of banning before that.
    boolean isOnMiss() {
        return onMiss;
    }

    /// Whether a token fits.
    boolean allows(int token) {
        return sampler.grammarsAllow(token);
    }

    /// Bans what does not fit.
    ///
    /// @throws NoTokenAllowedException if then nothing can be drawn
    void mask(CandidateArray array) {
        sampler.applyTo(array);
        if (!array.hasDrawable()) {
            throw new NoTokenAllowedException("a grammar must leave a token, and llama.cpp's leaves none; change the"
                    + " grammar, or reset the chain");
        }
    }

    /// @throws LlamaException if the token does not fit; nothing changes then
    void accept(int token) {
        sampler.accept(token);
    }

    void reset() {
        sampler.reset();
    }

    @Override
    public void close() {
        sampler.close();
    }
}
