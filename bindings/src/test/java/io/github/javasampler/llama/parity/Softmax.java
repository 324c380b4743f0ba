package io.github.javasampler.llama.parity;

import io.github.javasampler.llama.HostMath;
import java.util.Arrays;

/// The softmax of candidates twice: in double precision, which counts as true, and in floats one by one, as llama.cpp
/// has it. What lies between the two is the rounding that a difference may be blamed on.
///
/// Both take the distances `logit - max` as floats: those are the formula's own.
final class Softmax {
    private static final HostMath HOST = new HostMath();
    private static final double FLOAT_ULP = 0x1p-24;

    private final float[] logits;
    private final float max;
    private final double total;
    private final float floatTotal;

    /// @param sort whether the sum runs over the sorted candidates
    Softmax(State state, boolean sort) {
        logits = new float[state.size()];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = -state.logit(i);
        }
        if (sort) {
            Arrays.sort(logits);
        }
        double sum = 0;
        float floatSum = 0;
        max = state.max();
        for (int i = 0; i < logits.length; i++) {
            logits[i] = -logits[i];
            sum += StrictMath.exp(logits[i] - max);
            floatSum += HOST.exp(logits[i] - max);
        }
        total = sum;
        floatTotal = floatSum;
    }

    int size() {
        return logits.length;
    }

    /// The logit at a place in the order of the sum.
    float logit(int index) {
        return logits[index];
    }

    double probability(float logit) {
        return StrictMath.exp(logit - max) / total;
    }

    /// `-ln p`.
    double surprise(float logit) {
        return StrictMath.log(total) - (logit - max);
    }

    private float floatProbability(float logit) {
        return HOST.exp(logit - max) / floatTotal;
    }

    /// Whether a probability is 0 as a float.
    boolean hasFloatZero() {
        for (float logit : logits) {
            if (floatProbability(logit) == 0) {
                return true;
            }
        }
        return false;
    }

    double entropy() {
        double entropy = 0;
        for (float logit : logits) {
            double p = probability(logit);
            entropy += p > 0 ? p * surprise(logit) : 0;
        }
        return entropy;
    }

    /// How far a probability in floats may be from the true one, relative to it: twice the error of the sum, and the
    /// last bits of the exponential, the quotient and the float itself, which has few of them near 0.
    double floatError(float logit) {
        float p = floatProbability(logit);
        return 2 * Math.abs(floatTotal / total - 1) + 4 * FLOAT_ULP + (p > 0 ? Math.ulp(p) / p : 1);
    }

    /// How far the running sum of float probabilities over the candidates gets from the true one: twice what is
    /// measured, and 4 ulp.
    double floatMassError(State candidates) {
        double worst = 0;
        double sum = 0;
        float floatSum = 0;
        for (int i = 0; i < candidates.size(); i++) {
            sum += probability(candidates.logit(i));
            floatSum += floatProbability(candidates.logit(i));
            worst = Math.max(worst, Math.abs(floatSum - sum));
        }
        return 2 * worst + 4 * FLOAT_ULP;
    }

    /// The same for the entropy.
    double floatEntropyError() {
        float floatEntropy = 0;
        for (float logit : logits) {
            float p = floatProbability(logit);
            floatEntropy -= p > 0 ? p * HOST.log(p) : 0;
        }
        double entropy = entropy();
        return 2 * Math.abs(floatEntropy - entropy) + 4 * FLOAT_ULP * Math.max(1, entropy);
    }
}
