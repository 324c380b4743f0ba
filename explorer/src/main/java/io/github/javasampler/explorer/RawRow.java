package io.github.javasampler.explorer;

import io.github.javasampler.measure.Softmax;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// A row as the model made it, before any stage: in double precision.
final class RawRow {
    private static final double LN_2 = StrictMath.log(2);

    private final double[] logits;
    private final double[] probabilities;

    /// @param row floats in native order: logits, at least one of them a number
    RawRow(MemorySegment row) {
        logits = Softmax.logitsOf(row);
        probabilities = Softmax.probabilities(logits);
    }

    double logit(int id) {
        return logits[id];
    }

    double probability(int id) {
        return probabilities[id];
    }

    int size() {
        return logits.length;
    }

    /// Shannon's entropy: the mean of `-log2 p`, where `-ln p = ln p(best) - (logit - max)` takes no logarithm of each.
    double entropyBits() {
        int best = Softmax.argmax(logits);
        double mean = 0;
        for (int i = 0; i < logits.length; i++) {
            if (probabilities[i] > 0) {
                mean += probabilities[i] * (logits[i] - logits[best]);
            }
        }
        return Math.max((-StrictMath.log(probabilities[best]) - mean) / LN_2, 0);
    }

    /// How many tokens come before this one, in descending order of their logits, of equal ones the lower id first; and
    /// 1 for itself.
    int rank(int id) {
        int rank = 1;
        for (int i = 0; i < logits.length; i++) {
            rank += logits[i] > logits[id] || logits[i] == logits[id] && i < id ? 1 : 0;
        }
        return rank;
    }

    /// The best tokens in descending order of their values, of equal ones the lower id first.
    ///
    /// @param values one for each token
    /// @param count how many are wanted, at least 1
    static int[] best(double[] values, int count) {
        // Few enough that a sorted list of them, into which hardly any token gets, is the quickest.
        int[] best = new int[Math.min(count, values.length)];
        int found = 0;
        for (int id = 0; id < values.length; id++) {
            if (found == best.length && values[id] <= values[best[found - 1]]) {
                continue;
            }
            int at = found < best.length ? found++ : found - 1;
            while (at > 0 && values[best[at - 1]] < values[id]) {
                best[at] = best[at - 1];
                at--;
            }
            best[at] = id;
        }
        return Arrays.copyOf(best, found);
    }

    /// The best tokens of this row, as [#best(double[], int)].
    int[] best(int count) {
        return best(logits, count);
    }
}
