package io.github.javasampler.sampler;

import io.github.javasampler.InvalidSettingException;

/// The setting that several stages share: how many candidates a cut must leave.
final class MinKeep {
    private MinKeep() {}

    static void check(int minKeep) {
        if (minKeep < 0) {
            throw new InvalidSettingException("min_keep must be >= 0, got " + minKeep,
                    "0 keeps at least one");
        }
    }

    /// How it is written in a chain's text: `top_p=0.95:2`, and not at all where it is 0.
    static String suffix(int minKeep) {
        return minKeep == 0 ? "" : ":" + minKeep;
    }
}
