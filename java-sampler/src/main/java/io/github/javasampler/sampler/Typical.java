package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;

/// Locally typical sampling: keeps the candidates whose surprise `-ln p` is nearest to the entropy, until they hold
/// more than the mass `p`.
///
/// **Properties**: cuts; puts the candidates in the order of how typical they are.
/// **Source**: Meister et al., "Locally typical sampling", arXiv 2202.00666; `typical` of llama.cpp.
///
/// @param p in [0, 1]; 1 turns it off
/// @param minKeep never fewer than this many; 0 counts as 1
public record Typical(float p, int minKeep) implements Sampler {
    /// Checks the ranges.
    public Typical {
        Settings.require(p >= 0 && p <= 1, "typical must be in [0, 1]", p, "1.0 turns it off");
        Settings.minKeep(minKeep);
    }

    @Override
    public String name() {
        return p >= 1 ? "?typical" : "typical";
    }

    @Override
    public void apply(Candidates candidates) {
        if (p < 1) {
            candidates.sort();
            candidates.keepNearest(candidates.entropy(), p, minKeep);
        }
    }

    @Override
    public String toString() {
        return "typical=" + p + Settings.suffix(minKeep);
    }
}
