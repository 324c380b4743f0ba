package io.github.javasampler.explorer;

import io.github.javasampler.Logprobs;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import java.lang.foreign.MemorySegment;

/// The probabilities of a row's tokens at a temperature, as a chain with nothing else in it has them.
final class AtTemperature {
    private AtTemperature() {}

    /// A session of that chain.
    ///
    /// @param temperature greater than 0 and finite
    static SamplerSession session(double temperature, int vocabularySize) {
        return SamplerChain.builder().temperature((float) temperature).greedy().newSession(vocabularySize);
    }

    /// Log probabilities of the best tokens and of given ones.
    static Logprobs logprobs(SamplerSession session, MemorySegment row, int top, int... ids) {
        session.draw(row, 0);
        return session.survivorLogprobs(top, ids);
    }
}
