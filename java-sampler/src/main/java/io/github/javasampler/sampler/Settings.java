package io.github.javasampler.sampler;

import io.github.javasampler.InvalidSettingException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// Checks that several stages share.
final class Settings {
    /// The greatest seed: the next number is llama.cpp's mark for "choose a seed at random".
    static final long MAX_SEED = 0xFFFF_FFFEL;

    private Settings() {}

    static void require(boolean holds, String rule, Object got, String remedy) {
        if (!holds) {
            throw new InvalidSettingException(rule + ", got " + got, remedy);
        }
    }

    /// A number that is neither NaN nor infinite, and at least `least`.
    static boolean atLeast(float value, float least) {
        return value >= least && value < Float.POSITIVE_INFINITY;
    }

    /// What a stage got from [io.github.javasampler.Sampler#bind].
    static void bound(Object given, String name) {
        if (given == null) {
            throw new IllegalStateException(name + " must be bound to a vocabulary before it is applied, and is not;"
                    + " a stage that wraps it must hand bind on");
        }
    }

    static void minKeep(int minKeep) {
        require(minKeep >= 0, "min_keep must be >= 0", minKeep, "0 keeps at least one");
    }

    static long seed(long seed) {
        require(seed >= 0 && seed <= MAX_SEED, "seed must be in [0, " + MAX_SEED + "]", seed,
                "leave it out for a random one");
        return seed;
    }

    /// A text as it is written in a chain's text: percent-encoded, all but letters, digits, `-`, `_`, `.` and `~`.
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A")
                .replace("%7E", "~");
    }

    /// How a `min_keep` is written in a chain's text: `top_p=0.95:2`, and not at all where it is 0.
    static String suffix(int minKeep) {
        return minKeep == 0 ? "" : ":" + minKeep;
    }
}
