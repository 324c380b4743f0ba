package io.github.javasampler.llama.parity;

import io.github.javasampler.Candidate;
import io.github.javasampler.Sampler;
import io.github.javasampler.llama.HostMath;
import io.github.javasampler.sampler.AdaptiveP;
import io.github.javasampler.sampler.Mirostat;
import io.github.javasampler.sampler.MirostatV2;
import io.github.javasampler.sampler.Penalties;
import java.util.ArrayList;
import java.util.List;

/// What the stages of one side remember, followed beside it by their formulas.
final class Memory {
    private static final HostMath HOST = new HostMath();

    private final Rounding rounding;
    private final Sampler picker;
    private final List<Integer> accepted = new ArrayList<>();
    private float mu;
    private float weightedSum;
    private float totalWeight;
    private double targetError;
    private int pending;
    private float pendingProbability;

    Memory(Rounding rounding, Sampler picker) {
        this.rounding = rounding;
        this.picker = picker;
        reset();
    }

    void reset() {
        accepted.clear();
        pending = -1;
        targetError = 0;
        switch (picker) {
            case Mirostat mirostat -> mu = 2 * mirostat.tau();
            case MirostatV2 mirostat -> mu = 2 * mirostat.tau();
            case AdaptiveP adaptive -> {
                weightedSum = adaptive.target() / (1 - adaptive.decay());
                totalWeight = 1 / (1 - adaptive.decay());
            }
            default -> { }
        }
    }

    /// Takes note of a draw.
    void drew(int token, Recording recording) {
        switch (picker) {
            case Mirostat mirostat -> moveMu(mirostat.tau(), mirostat.eta(), token, recording);
            case MirostatV2 mirostat -> moveMu(mirostat.tau(), mirostat.eta(), token, recording);
            case AdaptiveP adaptive when adaptive.target() >= 0 -> {
                Softmax softmax = new Softmax(recording.beforePicker(), false);
                float logit = recording.beforePicker().byId()[token];
                pending = token;
                pendingProbability = (float) softmax.probability(logit);
                // An average is as wrong as the worst of its parts.
                targetError = Math.max(targetError, rounding.ofProbability(softmax, logit));
            }
            default -> { }
        }
    }

    private void moveMu(float tau, float eta, int token, Recording recording) {
        for (Candidate candidate : recording.session().survivors(-1)) {
            if (candidate.id() == token) {
                mu -= eta * (-HOST.log2((float) candidate.probability()) - tau);
            }
        }
    }

    /// Takes note of a token that was accepted.
    void accept(int token) {
        accepted.add(token);
        if (token == pending) {
            float decay = ((AdaptiveP) picker).decay();
            weightedSum = pendingProbability + decay * weightedSum;
            totalWeight = 1 + decay * totalWeight;
        }
        pending = -1;
    }

    float mu() {
        return mu;
    }

    /// How far the real one may be from [#mu], as the last bit of its logarithms may differ.
    double muError() {
        return (1 + accepted.size()) * Math.ulp(Math.max(Math.abs(mu), 1f));
    }

    /// Where adaptive-p aims now.
    float adaptedTarget() {
        return Math.clamp(2 * ((AdaptiveP) picker).target() - weightedSum / totalWeight, 0f, 1f);
    }

    double adaptedTargetError() {
        return targetError + 4 * Rounding.FLOAT;
    }

    /// How often a token stands among the last ones that a stage looks back on.
    int count(int token, Penalties penalties) {
        int count = 0;
        for (int i = Math.max(0, accepted.size() - penalties.lastN()); i < accepted.size(); i++) {
            count += accepted.get(i) == token ? 1 : 0;
        }
        return count;
    }
}
