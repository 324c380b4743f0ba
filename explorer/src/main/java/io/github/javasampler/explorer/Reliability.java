package io.github.javasampler.explorer;

import java.util.ArrayList;
import java.util.List;

/// Whether a model is right as often as it says: its predictions in bins by their confidence.
///
/// The confidence of a prediction is the probability of the best token. In a calibrated model, of the predictions with
/// a confidence of 70 % seven of ten are right.
///
/// **Source**: Guo et al., "On calibration of modern neural networks", arXiv 1706.04599.
///
/// @param ece the expected calibration error `sum count / n * |accuracy - confidence|` over the bins, in [0, 1]
/// @param accuracy how many of all predictions were right, in [0, 1]
/// @param bins of equal width, from the least confidence to the greatest
record Reliability(double ece, double accuracy, List<Bin> bins) {
    /// The predictions with a confidence above `from` and at most `to`; the first bin has those of `from`, too.
    ///
    /// @param confidence the mean confidence of these; 0 if there is none
    /// @param accuracy how many of these were right, in [0, 1]; 0 if there is none
    record Bin(double from, double to, int count, double confidence, double accuracy) {}

    /// Copies the list.
    Reliability {
        bins = List.copyOf(bins);
    }

    /// Puts predictions into bins.
    ///
    /// @param confidences each in [0, 1], at least one
    /// @param right whether each was right, as many
    /// @param binCount at least 1
    static Reliability of(double[] confidences, boolean[] right, int binCount) {
        if (confidences.length == 0 || confidences.length != right.length || binCount < 1) {
            throw new IllegalArgumentException("predictions must be as many confidences as outcomes, at least one, in"
                    + " at least one bin, got " + confidences.length + ", " + right.length + " and " + binCount);
        }
        int[] counts = new int[binCount];
        int[] hits = new int[binCount];
        double[] sums = new double[binCount];
        int allHits = 0;
        for (int i = 0; i < confidences.length; i++) {
            int bin = binOf(confidences[i], binCount);
            counts[bin]++;
            sums[bin] += confidences[i];
            hits[bin] += right[i] ? 1 : 0;
            allHits += right[i] ? 1 : 0;
        }
        List<Bin> bins = new ArrayList<>(binCount);
        double ece = 0;
        for (int i = 0; i < binCount; i++) {
            int divisor = Math.max(counts[i], 1);
            bins.add(new Bin((double) i / binCount, (i + 1.0) / binCount, counts[i], sums[i] / divisor,
                    (double) hits[i] / divisor));
            ece += Math.abs(hits[i] - sums[i]) / confidences.length;
        }
        return new Reliability(ece, (double) allHits / confidences.length, bins);
    }

    private static int binOf(double confidence, int binCount) {
        if (!(confidence >= 0 && confidence <= 1)) {
            throw new IllegalArgumentException("a confidence must be in [0, 1], got " + confidence);
        }
        return Math.max((int) Math.ceil(confidence * binCount) - 1, 0);
    }
}
