package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Picker;
import io.github.javasampler.random.Mt19937;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// Distribution: draws a candidate by its probability, with the random numbers that llama.cpp draws for the seed.
///
/// Every draw takes one uniform double, even if a single candidate is left, so that streams stay in step.
///
/// **Source**: inverse transform sampling; `dist` of llama.cpp.
public final class Distribution extends EqualByText implements Picker {
    /// The greatest seed: the next number is llama.cpp's mark for "choose a seed at random".
    public static final long MAX_SEED = Settings.MAX_SEED;

    private final long seed;
    private final Mt19937 random;

    /// @param seed in [0, 4294967294]
    public Distribution(long seed) {
        this(seed, new Mt19937((int) Settings.seed(seed)));
    }

    private Distribution(long seed, Mt19937 random) {
        this.seed = seed;
        this.random = random;
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
    public void save(DataOutput out) throws IOException {
        random.save(out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        random.restore(in);
    }

    @Override
    public String toString() {
        return "seed=" + seed;
    }
}
