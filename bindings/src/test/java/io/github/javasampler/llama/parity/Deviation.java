package io.github.javasampler.llama.parity;

/// The standard deviation of logits above negative infinity, in double precision and as llama.cpp's floats have it.
final class Deviation {
    private final double value;
    private final float floatValue;

    Deviation(State state) {
        double sum = 0;
        float floatSum = 0;
        int count = 0;
        for (int i = 0; i < state.size(); i++) {
            float logit = state.logit(i);
            if (logit > Float.NEGATIVE_INFINITY) {
                sum += logit;
                floatSum += logit;
                count++;
            }
        }
        double squares = 0;
        float floatSquares = 0;
        for (int i = 0; i < state.size(); i++) {
            float logit = state.logit(i);
            if (logit > Float.NEGATIVE_INFINITY) {
                double distance = logit - sum / count;
                squares += distance * distance;
                double floatDistance = logit - floatSum / count;
                floatSquares = (float) (floatSquares + floatDistance * floatDistance);
            }
        }
        value = Math.sqrt(squares / count);
        floatValue = (float) Math.sqrt(floatSquares / count);
    }

    double value() {
        return value;
    }

    /// Whether floats are too small for the squares.
    boolean overflows() {
        return !Float.isFinite(floatValue);
    }

    /// Twice what is measured, and 4 ulp.
    double floatError() {
        return 2 * Math.abs(floatValue - value) + 4 * value * 0x1p-24;
    }
}
