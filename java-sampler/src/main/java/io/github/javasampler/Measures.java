package io.github.javasampler;

import java.util.List;

/// How sure a distribution is of the next token: see [SamplerSession#measures] and [SamplerSession#survivorMeasures].
///
/// The surprise of a token is `-log2 p`. Its mean is the entropy, its variance the varentropy: a low one of both is a
/// clear answer, a high entropy of low varentropy many equal ones, a high varentropy a few good ones and many poor
/// ones. Tokens that can't be drawn count for nothing.
///
/// @param entropyBits Shannon's entropy `H = -sum p log2 p`, in bits, at least 0
/// @param varentropyBits `sum p (-log2 p - H)^2`, in bits squared, at least 0
/// @param top the most probable tokens in descending order, of equal ones the lower id first; none that can't be drawn
public record Measures(double entropyBits, double varentropyBits, List<Logprob> top) {
    private static final double LN_2 = StrictMath.log(2);

    /// Copies the list.
    public Measures {
        top = List.copyOf(top);
    }

    /// How many equally probable tokens would have this entropy: `2^H`, the perplexity of the distribution.
    public double effectiveVocabulary() {
        return StrictMath.pow(2, entropyBits);
    }

    /// Of a row, from the weights that a draw takes.
    static Measures ofRow(PortableCandidates row, int top) {
        double entropy = Math.max(row.entropy(), 0);
        return new Measures(entropy / LN_2, row.varentropy() / (LN_2 * LN_2), Logprobs.of(row, top).top());
    }

    /// With `d = logit - max` and `w = exp(d)` the surprise is `ln(sum w) - d` nats: the entropy takes the mean of `d`,
    /// the varentropy its variance. The candidates stay as they are.
    static Measures of(Candidates candidates, int top) {
        List<Logprob> best = Logprobs.of(candidates, top).top();
        float max = candidates.max();
        double sum = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < candidates.end(); i++) {
            double d = Logprobs.distance(candidates.logitAt(i), max);
            double weight = StrictMath.exp(d);
            if (weight > 0) {
                sum += weight;
                first += weight * d;
                second += weight * d * d;
            }
        }
        if (sum == 0) {
            return new Measures(0, 0, best);
        }
        double mean = first / sum;
        // Rounding may leave a little less than nothing.
        double entropy = Math.max(StrictMath.log(sum) - mean, 0);
        double varentropy = Math.max(second / sum - mean * mean, 0);
        return new Measures(entropy / LN_2, varentropy / (LN_2 * LN_2), best);
    }
}
