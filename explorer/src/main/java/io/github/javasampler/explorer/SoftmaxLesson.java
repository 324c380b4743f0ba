package io.github.javasampler.explorer;

import io.github.javasampler.measure.Softmax;
import java.util.Arrays;

/// `POST /api/lessons/softmax`: the naive form in 32-bit floats beside the stable one.
final class SoftmaxLesson {
    private static final int MAX_LOGITS = 16;
    private static final double MAX_SIZE = 1e6;

    private SoftmaxLesson() {}

    /// @param logits 2 to 16 numbers
    /// @param offset is added to each of them
    /// @param temperature divides the sums; greater than 0
    record Request(double[] logits, double offset, double temperature) {
        Request {
            checkLogits(logits);
            Refusal.unless(Math.abs(offset) <= MAX_SIZE, "offset must be a number in [-1e6, 1e6], got ", offset);
            Refusal.unless(temperature > 0 && temperature <= MAX_SIZE,
                    "temperature must be a number above 0 and at most 1e6, got ", temperature);
        }
    }

    /// @param naive the naive probabilities, NaN where there is none
    /// @param naiveSum the sum of its exponentials as text, which may be `Infinity`
    /// @param naiveZeroFrom the offset from which that sum is infinite, while each exponential is a number
    /// @param naiveNanFrom the offset from which the greatest exponential is infinite
    /// @param stable the probabilities
    /// @param stableShift what the stable form subtracts: the greatest of the logits
    record Reply(double[] naive, String naiveSum, double naiveZeroFrom, double naiveNanFrom, double[] stable,
            double stableShift) {}

    static Reply answer(Request request) {
        int count = request.logits.length;
        double[] logits = new double[count];
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            logits[i] = (request.logits[i] + request.offset) / request.temperature;
            floats[i] = (float) logits[i];
        }
        NaiveSoftmax naive = NaiveSoftmax.of(floats);
        double[] naiveProbabilities = new double[count];
        Arrays.setAll(naiveProbabilities, i -> naive.probabilities()[i]);
        double[] unshifted = Arrays.stream(request.logits).map(logit -> logit / request.temperature).toArray();
        double zeroFrom = request.temperature * (NaiveSoftmax.overflowLogit() - Softmax.logSumExp(unshifted));
        double greatest = Arrays.stream(unshifted).max().orElseThrow();
        double nanFrom = request.temperature * (NaiveSoftmax.overflowLogit() - greatest);
        return new Reply(naiveProbabilities, Float.toString(naive.sum()), zeroFrom, nanFrom,
                Softmax.probabilities(logits), Arrays.stream(logits).max().orElseThrow());
    }

    /// Checks the logits of a lesson.
    static void checkLogits(double[] logits) {
        if (logits == null || logits.length < 2 || logits.length > MAX_LOGITS) {
            throw Refusal.of(null, "\"logits\" must be 2 to " + MAX_LOGITS + " numbers, got "
                    + (logits == null ? "none" : logits.length));
        }
        for (double logit : logits) {
            Refusal.unless(Math.abs(logit) <= MAX_SIZE, "a logit must be a number in [-1e6, 1e6], got ", logit);
        }
    }
}
