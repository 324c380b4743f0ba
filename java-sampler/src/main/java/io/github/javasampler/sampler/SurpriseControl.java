package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.random.Mt19937;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// What both mirostats share: the bound `mu` on the surprise, the draw, and the step towards `tau` after it.
final class SurpriseControl {
    private final float tau;
    private final float eta;
    private final long seed;
    private final Mt19937 random;
    private float mu;

    SurpriseControl(float tau, float eta, long seed) {
        this(tau, eta, seed, new Mt19937((int) Settings.seed(seed)), 2 * tau);
        Settings.require(Float.isFinite(tau), "mirostat tau must be a number", tau, "5.0 is usual");
        Settings.require(Float.isFinite(eta), "mirostat eta must be a number", eta, "0.1 is usual");
    }

    private SurpriseControl(float tau, float eta, long seed, Mt19937 random, float mu) {
        this.tau = tau;
        this.eta = eta;
        this.seed = seed;
        this.random = random;
        this.mu = mu;
    }

    float tau() {
        return tau;
    }

    float eta() {
        return eta;
    }

    long seed() {
        return seed;
    }

    /// The bound on the surprise, in bits.
    float mu() {
        return mu;
    }

    /// Draws, and moves `mu` by `eta` times the error.
    void pick(Candidates candidates) {
        int token = candidates.size() == 1 ? candidates.id(0) : candidates.drawRounded(random.nextDouble());
        candidates.select(token);
        float surprise = -candidates.math().log2((float) candidates.probabilityOf(token));
        mu -= eta * (surprise - tau);
    }

    void reset() {
        random.seed((int) seed);
        mu = 2 * tau;
    }

    void save(DataOutput out) throws IOException {
        random.save(out);
        out.writeFloat(mu);
    }

    void restore(DataInput in) throws IOException {
        random.restore(in);
        mu = in.readFloat();
    }

    SurpriseControl copy() {
        return new SurpriseControl(tau, eta, seed, random.copy(), mu);
    }
}
