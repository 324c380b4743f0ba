package io.github.javasampler.explorer;

/// Softmax as one would write it at first, in 32-bit floats: `exp(l)` of each logit, divided by their sum. It overflows
/// where [io.github.javasampler.measure.Softmax] does not, because nothing is subtracted from the logits before.
///
/// @param probabilities NaN where infinity was divided by infinity, or nothing by nothing
/// @param sum of the exponentials, infinite if it overflowed
record NaiveSoftmax(float[] probabilities, float sum) {
    private static final double LN_MAX = StrictMath.log(Float.MAX_VALUE);

    /// Computes it, each step rounded to a float.
    static NaiveSoftmax of(float[] logits) {
        float[] weights = new float[logits.length];
        float sum = 0;
        for (int i = 0; i < logits.length; i++) {
            weights[i] = (float) StrictMath.exp(logits[i]);
            sum += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        return new NaiveSoftmax(weights, sum);
    }

    /// From which logit on its exponential is more than a float holds: about 88.72.
    static double overflowLogit() {
        return LN_MAX;
    }
}
