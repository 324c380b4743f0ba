package io.github.javasampler.explorer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.statistics.inference.ChiSquareTest;
import org.apache.commons.statistics.inference.SignificanceResult;

/// Pearson's chi-square test of counts against probabilities. Tokens of which less than 5 are expected share a bin, or
/// that of the least probable other if there they are still too few.
///
/// @param degrees one less than there are bins; 0 if there is one, which always fits
/// @param pValue how probable a worse fit is, in [0, 1]
record Fit(double chiSquare, int degrees, double pValue, int bins) {
    private static final double LEAST_EXPECTED = 5;

    /// @param expected what was drawn from
    /// @param counts how often each of its tokens was drawn
    static Fit of(Observer expected, Map<Integer, Integer> counts) {
        int drawn = counts.values().stream().mapToInt(Integer::intValue).sum();
        List<double[]> bins = new ArrayList<>();
        double[] pooled = {0, 0};
        IntStream.range(0, expected.count()).boxed()
                .sorted((a, b) -> Double.compare(expected.probability(b), expected.probability(a)))
                .forEach(i -> {
                    double[] bin = {drawn * expected.probability(i), counts.getOrDefault(expected.id(i), 0)};
                    if (bin[0] >= LEAST_EXPECTED) {
                        bins.add(bin);
                    } else {
                        add(pooled, bin);
                    }
                });
        if (pooled[0] >= LEAST_EXPECTED || bins.isEmpty()) {
            bins.add(pooled);
        } else {
            add(bins.getLast(), pooled);
        }
        return of(bins);
    }

    private static void add(double[] sum, double[] bin) {
        sum[0] += bin[0];
        sum[1] += bin[1];
    }

    private static Fit of(List<double[]> bins) {
        if (bins.size() < 2) {
            return new Fit(0, 0, 1, bins.size());
        }
        double[] expected = bins.stream().mapToDouble(bin -> bin[0]).toArray();
        long[] observed = bins.stream().mapToLong(bin -> (long) bin[1]).toArray();
        SignificanceResult result = ChiSquareTest.withDefaults().test(expected, observed);
        return new Fit(result.getStatistic(), bins.size() - 1, result.getPValue(), bins.size());
    }
}
