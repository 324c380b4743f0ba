package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.InvalidSettingException;
import io.github.javasampler.Picker;
import io.github.javasampler.random.Mt19937;

/// Distribution: draws a candidate by its probability, with the random numbers that llama.cpp draws for the seed.
///
/// Every draw takes one uniform double, even if a single candidate is left, so that streams stay in step.
///
/// **Source**: inverse transform sampling; `dist` of llama.cpp.
public final class Distribution implements Picker {
    /// The greatest seed: the next number is llama.cpp's mark for "choose a seed at random".
    public static final long MAX_SEED = 0xFFFF_FFFEL;

    private final long seed;
    private final Mt19937 random;

    /// @param seed in [0, 4294967294]
    public Distribution(long seed) {
        this(seed, new Mt19937((int) check(seed)));
    }

    private Distribution(long seed, Mt19937 random) {
        this.seed = seed;
        this.random = random;
    }

    private static long check(long seed) {
        if (seed < 0 || seed > MAX_SEED) {
            throw new InvalidSettingException("seed must be in [0, " + MAX_SEED + "], got " + seed,
                    "leave it out for a random one");
        }
        return seed;
    }

    /// The seed, in [0, 4294967294].
    public long seed() {
        return seed;
    }

    @Override
    public String name() {
        return "dist";
    }

    @Override
    public void apply(Candidates candidates) {
        candidates.select(candidates.draw(random.nextDouble()));
    }

    @Override
    public void reset() {
        random.seed((int) seed);
    }

    @Override
    public Distribution fork() {
        return new Distribution(seed, random.copy());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Distribution that && seed == that.seed;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(seed);
    }

    @Override
    public String toString() {
        return "seed=" + seed;
    }
}
