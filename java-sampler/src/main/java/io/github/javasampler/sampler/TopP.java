package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;

/// Top-p, or nucleus: keeps the fewest best candidates whose probabilities sum up to at least `p`.
///
/// **Properties**: cuts; puts the candidates in descending order. The one that reaches `p` is kept.
/// **Source**: Holtzman et al., "The curious case of neural text degeneration", arXiv 1904.09751; `top_p` of llama.cpp.
///
/// @param p in [0, 1]; 1 turns it off, 0 keeps one
/// @param minKeep never fewer than this many; 0 counts as 1
public record TopP(float p, int minKeep) implements Sampler {
    /// Checks the ranges.
    public TopP {
        Settings.require(p >= 0 && p <= 1, "top_p must be in [0, 1]", p, "1.0 turns it off");
        Settings.minKeep(minKeep);
    }

    @Override
    public String name() {
        return p >= 1 ? "?top-p" : "top-p";
    }

    @Override
    public void apply(Candidates candidates) {
        if (p < 1) {
            candidates.keepMass(p, minKeep);
        }
    }

    @Override
    public String toString() {
        return "top_p=" + p + Settings.suffix(minKeep);
    }
}
