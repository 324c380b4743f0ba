package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Picker;

/// Greedy: picks the candidate of the greatest logit; of several the one with the lowest id.
///
/// **Source**: `greedy` of llama.cpp.
public record Greedy() implements Picker {
    @Override
    public String name() {
        return "greedy";
    }

    @Override
    public void apply(Candidates candidates) {
        candidates.select(candidates.argmax());
    }

    @Override
    public String toString() {
        return "greedy";
    }
}
