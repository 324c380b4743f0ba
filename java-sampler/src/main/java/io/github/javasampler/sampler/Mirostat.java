package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.FloatMath;
import io.github.javasampler.Picker;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// Mirostat: keeps the surprise of the chosen tokens near `tau`. It fits Zipf's law to the best `m` candidates, cuts to
/// the `k` that the fit predicts for the running bound `mu`, draws, and moves `mu` by `eta` times the error.
///
/// **Properties**: picks. A draw from a single candidate takes no random number, and `mu` moves with every row.
/// **Source**: Basu et al., "Mirostat", arXiv 2007.14966; `mirostat` of llama.cpp.
public final class Mirostat extends EqualByText implements Picker {
    private final int m;
    private final SurpriseControl control;

    /// @param tau the surprise to aim at, in bits
    /// @param eta how fast `mu` learns
    /// @param m how many candidates the fit looks at, at least 2
    /// @param seed in [0, 4294967294]
    public Mirostat(float tau, float eta, int m, long seed) {
        this(m, new SurpriseControl(tau, eta, seed));
        Settings.require(m >= 2, "mirostat m must be at least 2", m, "100 is usual");
    }

    private Mirostat(int m, SurpriseControl control) {
        this.m = m;
        this.control = control;
    }

    /// The surprise to aim at, in bits.
    public float tau() {
        return control.tau();
    }

    /// How fast `mu` learns.
    public float eta() {
        return control.eta();
    }

    /// How many candidates the fit looks at.
    public int m() {
        return m;
    }

    /// The seed, in [0, 4294967294].
    public long seed() {
        return control.seed();
    }

    @Override
    public String name() {
        return "mirostat";
    }

    @Override
    public void apply(Candidates candidates) {
        candidates.sort();
        FloatMath math = candidates.math();
        float s = zipfExponent(candidates);
        float epsilon = s - 1;
        float k = math.pow(epsilon * math.pow(2, control.mu())
                / (1 - math.pow(candidates.vocabularySize(), -epsilon)), 1 / s);
        // What is no number, or none that an int holds, counts as 1, as the conversion makes it on x86.
        candidates.keepTop(k >= 1 && k < 0x1p31f ? (int) k : 1);
        control.pick(candidates);
    }

    /// Least squares of `ln(p_i / p_i+1)` on `ln((i + 2) / (i + 1))`.
    private float zipfExponent(Candidates candidates) {
        float products = 0;
        float squares = 0;
        for (int i = 0; i < Math.min(m, candidates.size()) - 1; i++) {
            float t = candidates.math().log((float) (i + 2) / (i + 1));
            products += t * candidates.logRatio(i, i + 1);
            squares += t * t;
        }
        return products / squares;
    }

    @Override
    public void reset() {
        control.reset();
    }

    @Override
    public Mirostat fork() {
        return new Mirostat(m, control.copy());
    }

    @Override
    public void save(DataOutput out) throws IOException {
        control.save(out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        control.restore(in);
    }

    @Override
    public String toString() {
        return "mirostat=" + tau() + ":" + eta() + ":" + m + ":" + seed();
    }
}
