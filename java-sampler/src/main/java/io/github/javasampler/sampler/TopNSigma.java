package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;

/// Top-n-sigma: bans the candidates whose logit is more than `n` standard deviations below the best.
///
/// **Properties**: bans; the order and the number of candidates stay. Which it bans does not depend on a temperature
/// before it.
/// **Source**: Tang et al., "Top-n sigma: not all logits are you need", arXiv 2411.07641; `top_n_sigma` of llama.cpp.
///
/// @param n a number; 0 or less turns it off
public record TopNSigma(float n) implements Sampler {
    /// Checks that it is a number.
    public TopNSigma {
        Settings.require(Float.isFinite(n), "top_n_sigma must be a number", n, "0.0 turns it off");
    }

    @Override
    public String name() {
        return n <= 0 ? "?top-n-sigma" : "top-n-sigma";
    }

    @Override
    public void apply(Candidates candidates) {
        if (n > 0 && candidates.size() > 1) {
            candidates.banBelow(candidates.max() - n * candidates.deviation());
        }
    }

    @Override
    public String toString() {
        return "top_n_sigma=" + n;
    }
}
