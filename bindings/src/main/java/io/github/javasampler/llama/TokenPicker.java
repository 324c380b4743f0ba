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

    /// Takes note of a token that the prompt holds, as llama.cpp's tools have their chain do: penalties count it, a
    /// grammar does not.
    default void accept(int token) {}

    /// A picker that samples the row where llama.cpp left it.
    static TokenPicker of(SamplerSession session) {
        return new TokenPicker() {
            @Override
            public int pick(LlamaContext context, int output) {
                return session.sample(context.logits(output));
            }

            @Override
            public void accept(int token) {
                session.acceptPrompt(token);
            }
        };
    }

    /// A picker that has llama.cpp sample.
    static TokenPicker of(NativeChain chain) {
        return new TokenPicker() {
            @Override
            public int pick(LlamaContext context, int output) {
                return chain.sample(context, output);
            }

            @Override
            public void accept(int token) {
                chain.acceptPrompt(token);
            }
        };
    }
}
