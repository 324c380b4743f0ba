package io.github.javasampler.llama;

import io.github.javasampler.SamplerSession;

/// Chooses the next token of a generation: a [SamplerSession] reading the row in place, or llama.cpp's own chain.
@FunctionalInterface
public interface TokenPicker {
    /// Picks a token and accepts it.
    ///
    /// @param context what was decoded last
    /// @param output as for [LlamaContext#logits]
    /// @return a token in [0, vocabulary size)
    int pick(LlamaContext context, int output);

    /// A picker that samples the row where llama.cpp left it.
    static TokenPicker of(SamplerSession session) {
        return (context, output) -> session.sample(context.logits(output));
    }

    /// A picker that has llama.cpp sample.
    static TokenPicker of(NativeChain chain) {
        return chain::sample;
    }
}
