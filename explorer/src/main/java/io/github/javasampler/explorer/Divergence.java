package io.github.javasampler.explorer;

/// How far two distributions over the same tokens lie apart.
///
/// @param totalVariation half the sum of the absolute differences, in [0, 1]: the most by which the probability of any
///     set of tokens differs
/// @param klBitsAToB the Kullback-Leibler divergence `sum a log2(a / b)`, in bits; infinite if b cut a token that a
///     keeps
/// @param klBitsBToA the same the other way round
/// @param keptA how many tokens a keeps
/// @param keptB how many tokens b keeps
/// @param both how many tokens both keep
record Divergence(double totalVariation, double klBitsAToB, double klBitsBToA, int keptA, int keptB, int both) {
    private static final double LN_2 = StrictMath.log(2);

    /// Compares two distributions that are given as logarithms of probabilities, in nats; tokens that were cut have
    /// negative infinity.
    ///
    /// @throws IllegalArgumentException if they are not of the same number of tokens
    static Divergence of(double[] logA, double[] logB) {
        if (logA.length != logB.length) {
            throw new IllegalArgumentException("both distributions must be over the same tokens, got " + logA.length
                    + " and " + logB.length);
        }
        double distance = 0;
        double aToB = 0;
        double bToA = 0;
        int keptA = 0;
        int keptB = 0;
        int both = 0;
        for (int i = 0; i < logA.length; i++) {
            boolean inA = logA[i] > Double.NEGATIVE_INFINITY;
            boolean inB = logB[i] > Double.NEGATIVE_INFINITY;
            double a = StrictMath.exp(logA[i]);
            double b = StrictMath.exp(logB[i]);
            distance += Math.abs(a - b);
            if (inA) {
                keptA++;
                aToB += inB ? a * (logA[i] - logB[i]) : Double.POSITIVE_INFINITY;
            }
            if (inB) {
                keptB++;
                bToA += inA ? b * (logB[i] - logA[i]) : Double.POSITIVE_INFINITY;
            }
            both += inA && inB ? 1 : 0;
        }
        // Rounding may leave a little less than nothing, or more than all.
        return new Divergence(Math.min(distance / 2, 1), Math.max(aToB / LN_2, 0), Math.max(bToA / LN_2, 0), keptA,
                keptB, both);
    }

    /// The sum of the lesser of both probabilities, in [0, 1].
    double overlap() {
        return 1 - totalVariation;
    }
}
