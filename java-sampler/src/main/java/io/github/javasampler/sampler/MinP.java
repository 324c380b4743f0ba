package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;

/// Min-p: keeps the candidates whose probability is at least `p` times that of the best.
///
/// As a bound on the logit that is `max - (-ln p)`, so it needs no softmax.
///
/// **Properties**: cuts; the order stays, unless fewer than `minKeep` are left.
/// **Source**: Nguyen et al., "Turning up the heat: min-p sampling", arXiv 2407.01082; `min_p` of llama.cpp.
///
/// @param p at least 0 and finite; 0 turns it off, above 1 only the best is kept
/// @param minKeep never fewer than this many; 0 counts as 1
public record MinP(float p, int minKeep) implements Sampler {
    /// Checks the ranges.
    public MinP {
        Settings.require(Settings.atLeast(p, 0), "min_p must be a number >= 0", p, "0.0 turns it off");
        Settings.minKeep(minKeep);
    }

    @Override
    public String name() {
        return p == 0 ? "?min-p" : "min-p";
    }

    @Override
    public void apply(Candidates candidates) {
        if (p > 0) {
            candidates.keepNear(-candidates.math().log(p), minKeep);
        }
    }

    @Override
    public String toString() {
        return "min_p=" + p + Settings.suffix(minKeep);
    }
}
