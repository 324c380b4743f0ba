package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Picker;
import io.github.javasampler.random.Mt19937;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// Adaptive-p: prefers candidates whose probability is near a target, which moves against the running average of what
/// was chosen: `logit = 5 - 10 d^2 / (1 + d)` with `d = |p - target'| / 0.3` and `target' = 2 target - average`.
///
/// **Properties**: picks. The average moves when the token is accepted. As in llama.cpp, a fork starts its random
/// numbers over; what is saved and restored goes on.
/// **Source**: llama.cpp PR 17927; `adaptive_p` of llama.cpp.
public final class AdaptiveP extends EqualByText implements Picker, Candidates.LogitFunction {
    private static final float PEAK_LOGIT = 5f;
    private static final float SHARPNESS = 10f;
    private static final float INVERSE_WIDTH = 1f / 0.3f;
    private static final float MAX_DECAY = 0.99f;

    private final float target;
    private final float decay;
    private final long seed;
    private final Mt19937 random;

    private float weightedSum;
    private float totalWeight;
    private float adaptedTarget;
    private int pendingToken = Candidates.NONE;
    private float pendingProbability;
    /// By token, before the change.
    private float[] probabilities = new float[0];

    /// @param target the probability to aim at, in [0, 1]; negative draws without any change
    /// @param decay how much of the average stays, in [0, 0.99]
    /// @param seed in [0, 4294967294]
    public AdaptiveP(float target, float decay, long seed) {
        Settings.require(target <= 1, "adaptive_target must be at most 1", target, "a negative one turns it off");
        Settings.require(decay >= 0 && decay <= MAX_DECAY, "adaptive_decay must be in [0, 0.99]", decay,
                "0.9 is usual");
        this.target = target;
        this.decay = decay;
        this.seed = Settings.seed(seed);
        random = new Mt19937((int) seed);
        reset();
    }

    /// The probability to aim at.
    public float target() {
        return target;
    }

    /// How much of the average stays.
    public float decay() {
        return decay;
    }

    /// The seed, in [0, 4294967294].
    public long seed() {
        return seed;
    }

    @Override
    public String name() {
        return "adaptive-p";
    }

    @Override
    public void apply(Candidates candidates) {
        if (target >= 0) {
            adaptedTarget = Math.clamp(2 * target - weightedSum / totalWeight, 0f, 1f);
            if (probabilities.length < candidates.vocabularySize()) {
                probabilities = new float[candidates.vocabularySize()];
            }
            candidates.replaceAll(this);
        }
        int token = candidates.size() == 1 ? candidates.id(0) : candidates.drawRounded(random.nextDouble());
        candidates.select(token);
        if (target >= 0) {
            pendingToken = token;
            pendingProbability = probabilities[token];
        }
    }

    /// The logit that a candidate gets; called for each in turn.
    @Override
    public float apply(int id, float logit, double probability) {
        float p = (float) probability;
        probabilities[id] = p;
        float distance = Math.abs((p - adaptedTarget) * INVERSE_WIDTH);
        return logit == Float.NEGATIVE_INFINITY ? logit
                : PEAK_LOGIT - SHARPNESS * distance * distance / (1 + distance);
    }

    @Override
    public void accept(int token) {
        if (token == pendingToken) {
            weightedSum = pendingProbability + decay * weightedSum;
            totalWeight = 1 + decay * totalWeight;
        }
        pendingToken = Candidates.NONE;
    }

    @Override
    public void reset() {
        random.seed((int) seed);
        weightedSum = target / (1 - decay);
        totalWeight = 1 / (1 - decay);
        pendingToken = Candidates.NONE;
    }

    @Override
    public AdaptiveP fork() {
        AdaptiveP fork = new AdaptiveP(target, decay, seed);
        fork.weightedSum = weightedSum;
        fork.totalWeight = totalWeight;
        return fork;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        random.save(out);
        out.writeFloat(weightedSum);
        out.writeFloat(totalWeight);
        out.writeInt(pendingToken);
        out.writeFloat(pendingToken == Candidates.NONE ? 0 : pendingProbability);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        random.restore(in);
        weightedSum = in.readFloat();
        totalWeight = in.readFloat();
        if (!(totalWeight >= 1)) {
            throw new IOException("the weight of an average must be at least 1, got " + totalWeight);
        }
        pendingToken = in.readInt();
        pendingProbability = in.readFloat();
    }

    @Override
    public String toString() {
        return "adaptive_p=" + target + ":" + decay + ":" + seed;
    }
}
