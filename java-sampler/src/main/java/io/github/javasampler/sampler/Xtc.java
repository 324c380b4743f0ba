package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;
import io.github.javasampler.random.Mt19937;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// Exclude top choices: with probability `probability`, of the candidates that are at least as probable as `threshold`
/// all but the least probable are dropped, so that less worn paths are taken where there are several good ones.
///
/// It has a random generator of its own, which takes one float for each row with at least two candidates.
///
/// **Properties**: cuts at the top; puts the candidates in descending order.
/// **Source**: p-e-w, text-generation-webui PR 6335; `xtc` of llama.cpp.
public final class Xtc extends EqualByText implements Sampler {
    private static final float MAX_THRESHOLD = 0.5f;

    private final float probability;
    private final float threshold;
    private final int minKeep;
    private final long seed;
    private final Mt19937 random;

    /// @param probability in [0, 1]; 0 turns it off
    /// @param threshold in [0, 1]; above 0.5 it is off, since no two candidates can reach it
    /// @param minKeep drops nothing if fewer would be left
    /// @param seed in [0, 4294967294]
    public Xtc(float probability, float threshold, int minKeep, long seed) {
        this(probability, threshold, minKeep, seed, new Mt19937((int) Settings.seed(seed)));
        Settings.require(probability >= 0 && probability <= 1, "xtc_probability must be in [0, 1]", probability,
                "0.0 turns it off");
        Settings.require(threshold >= 0 && threshold <= 1, "xtc_threshold must be in [0, 1]", threshold,
                "above 0.5 it is off");
        Settings.minKeep(minKeep);
    }

    private Xtc(float probability, float threshold, int minKeep, long seed, Mt19937 random) {
        this.probability = probability;
        this.threshold = threshold;
        this.minKeep = minKeep;
        this.seed = seed;
        this.random = random;
    }

    /// How often it acts.
    public float probability() {
        return probability;
    }

    /// What counts as a top choice.
    public float threshold() {
        return threshold;
    }

    /// How many candidates must be left.
    public int minKeep() {
        return minKeep;
    }

    /// The seed, in [0, 4294967294].
    public long seed() {
        return seed;
    }

    private boolean isOff() {
        return probability <= 0 || threshold > MAX_THRESHOLD;
    }

    @Override
    public String name() {
        return isOff() ? "?xtc" : "xtc";
    }

    @Override
    public void apply(Candidates candidates) {
        if (isOff() || candidates.size() < 2 || random.nextFloat() > probability) {
            return;
        }
        candidates.sort();
        int dropped = candidates.countAtLeast(threshold) - 1;
        if (dropped > 0 && candidates.size() - dropped >= minKeep) {
            candidates.dropFirst(dropped);
        }
    }

    @Override
    public void reset() {
        random.seed((int) seed);
    }

    @Override
    public Xtc fork() {
        return new Xtc(probability, threshold, minKeep, seed, random.copy());
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
        return "xtc=" + probability + ":" + threshold + ":" + minKeep + ":" + seed;
    }
}
