package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;

/// Top-k: keeps the `k` candidates of the greatest logits.
///
/// **Properties**: cuts; puts the candidates in descending order.
/// **Source**: Fan, Lewis and Dauphin, "Hierarchical neural story generation", arXiv 1805.04833; `top_k` of llama.cpp.
///
/// @param k how many to keep; 0 or less turns it off
public record TopK(int k) implements Sampler {
    @Override
    public String name() {
        return k <= 0 ? "?top-k" : "top-k";
    }

    @Override
    public void apply(Candidates candidates) {
        if (k > 0) {
            candidates.keepTop(k);
        }
    }

    @Override
    public String toString() {
        return "top_k=" + k;
    }
}
