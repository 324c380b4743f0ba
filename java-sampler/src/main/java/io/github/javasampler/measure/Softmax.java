package io.github.javasampler.measure;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// The mathematics of a distribution over logits, in double precision: for people, tests and reports, not for the token
/// path, so it allocates its results. Every function shifts by the greatest logit first: none overflows, and adding
/// one number to all logits changes nothing.
///
/// Logits must be numbers or negative infinity, at least one a number; else [IllegalArgumentException]. Results are the
/// same on every machine (`StrictMath`). All methods are pure and thread-safe.
public final class Softmax {
    private static final double LN_2 = StrictMath.log(2);

    private Softmax() {}

    /// The logits of a row of floats in native byte order, widened to doubles.
    ///
    /// @param row a whole number of floats
    public static double[] logitsOf(MemorySegment row) {
        if (row.byteSize() % Float.BYTES != 0) {
            throw new IllegalArgumentException(
                    "a row must hold whole floats of 4 bytes, got " + row.byteSize() + " bytes");
        }
        double[] logits = new double[Math.toIntExact(row.byteSize() / Float.BYTES)];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = row.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) i * Float.BYTES);
        }
        return logits;
    }

    /// `softmax(l)_i = exp(l_i - max) / sum_j exp(l_j - max)`.
    public static double[] probabilities(double[] logits) {
        double max = max(logits);
        double[] weights = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            weights[i] = StrictMath.exp(logits[i] - max);
            sum += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        return weights;
    }

    /// The softmax of [#atTemperature]: `softmax(l / T)`.
    public static double[] probabilities(double[] logits, double temperature) {
        return probabilities(atTemperature(logits, temperature));
    }

    /// `log softmax(l)_i = l_i - logSumExp(l)`, in nats.
    public static double[] logProbabilities(double[] logits) {
        double logSumExp = logSumExp(logits);
        double[] logs = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            logs[i] = logits[i] - logSumExp;
        }
        return logs;
    }

    /// `log sum_i exp(l_i)`, in nats.
    public static double logSumExp(double[] logits) {
        double max = max(logits);
        double sum = 0;
        for (double logit : logits) {
            sum += StrictMath.exp(logit - max);
        }
        return max + StrictMath.log(sum);
    }

    /// The cross-entropy of the distribution with one right answer: `-log softmax(l)_target`, in nats.
    ///
    /// @param target in [0, logits.length)
    public static double crossEntropy(double[] logits, int target) {
        if (target < 0 || target >= logits.length) {
            throw new IllegalArgumentException(
                    "target must be in [0, " + (logits.length - 1) + "], got " + target);
        }
        return logSumExp(logits) - logits[target];
    }

    /// Shannon's entropy `-sum_i p_i log2 p_i` of the softmax of the logits, in bits.
    public static double entropyBits(double[] logits) {
        // With d_i = l_i - max and w_i = exp(d_i): H = log sum w - (sum w d) / (sum w), without a logarithm per logit.
        double max = max(logits);
        double sum = 0;
        double weighted = 0;
        for (double logit : logits) {
            double d = logit - max;
            double weight = StrictMath.exp(d);
            if (weight > 0) {
                sum += weight;
                weighted += weight * d;
            }
        }
        return (StrictMath.log(sum) - weighted / sum) / LN_2;
    }

    /// The varentropy `sum_i p_i (-log2 p_i - H)^2` of the softmax of the logits, in bits squared: how far the surprise
    /// of a token varies about its mean, the entropy.
    public static double varentropyBits(double[] logits) {
        double entropy = entropyBits(logits);
        double logSumExp = logSumExp(logits);
        double varentropy = 0;
        for (double logit : logits) {
            double logProbability = logit - logSumExp;
            double probability = StrictMath.exp(logProbability);
            if (probability > 0) {
                double distance = -logProbability / LN_2 - entropy;
                varentropy += probability * distance * distance;
            }
        }
        return varentropy;
    }

    /// The entropy relative to that of equal logits, `H / log2(n)`, in [0, 1]; 0 for a single logit.
    public static double entropyRatio(double[] logits) {
        return logits.length == 1 ? 0 : entropyBits(logits) * LN_2 / StrictMath.log(logits.length);
    }

    /// The logits at a temperature, relative to the greatest: `(l - max) / T`, which has the softmax of `l / T`. At 0
    /// only the greatest stays above negative infinity, the first of several.
    ///
    /// @param temperature at least 0 and finite
    public static double[] atTemperature(double[] logits, double temperature) {
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature must be a number >= 0, got " + temperature
                    + "; 1.0 turns it off, 0.0 is greedy");
        }
        double max = max(logits);
        double[] scaled = new double[logits.length];
        if (temperature == 0) {
            Arrays.fill(scaled, Double.NEGATIVE_INFINITY);
            scaled[argmax(logits)] = 0;
            return scaled;
        }
        for (int i = 0; i < logits.length; i++) {
            // Relative to the greatest, so that a tiny temperature overflows downwards only.
            scaled[i] = (logits[i] - max) / temperature;
        }
        return scaled;
    }

    /// The index of the greatest logit, the first of several.
    public static int argmax(double[] logits) {
        double max = max(logits);
        int index = 0;
        while (logits[index] != max) {
            index++;
        }
        return index;
    }

    private static double max(double[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < logits.length; i++) {
            if (!(logits[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "logits must be numbers or -Infinity, got " + logits[i] + " at index " + i);
            }
            max = Math.max(max, logits[i]);
        }
        if (max == Double.NEGATIVE_INFINITY) {
            throw new IllegalArgumentException("at least one of the " + logits.length
                    + " logits must be a number, got none");
        }
        return max;
    }
}
