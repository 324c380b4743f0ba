package io.github.javasampler.llama.parity;

/// How far the figures of one side may be from those in double precision.
enum Rounding {
    /// Derived: a weight is an exponential within 1 ulp, `2^-23` of it, rounded to a whole number of `2^-35`, by
    /// `2^-36`. So the sum of `n` of them is within `2^-23` of it and `n 2^-36`, and a quotient of two such sums within
    /// `2^-22` and `n 2^-35`, since no total is below 1.
    PORTABLE {
        @Override
        double ofProbability(Softmax softmax, float logit) {
            return WEIGHTS * softmax.probability(logit) + softmax.size() * UNIT;
        }

        @Override
        double ofMass(Softmax softmax, State candidates) {
            return WEIGHTS + softmax.size() * UNIT;
        }

        /// The total's logarithm has the total's relative error, whatever the candidate.
        @Override
        double ofSurprise(Softmax softmax, float logit) {
            return WEIGHTS * (1 + softmax.surprise(logit)) + softmax.size() * UNIT;
        }

        /// `ln T - M / T`: a moment has twice the relative error of its weight.
        @Override
        double ofEntropy(Softmax softmax) {
            return 2 * WEIGHTS * (1 + StrictMath.log(softmax.size())) + softmax.size() * UNIT;
        }

        /// Rounded once.
        @Override
        double ofDeviation(Deviation deviation) {
            return deviation.value() * FLOAT;
        }
    },

    /// Measured: see [Softmax] and [Deviation].
    LLAMA_CPP {
        @Override
        double ofProbability(Softmax softmax, float logit) {
            return softmax.floatError(logit) * softmax.probability(logit) + Float.MIN_VALUE;
        }

        @Override
        double ofMass(Softmax softmax, State candidates) {
            return softmax.floatMassError(candidates);
        }

        @Override
        double ofSurprise(Softmax softmax, float logit) {
            return softmax.floatError(logit) + FLOAT * softmax.surprise(logit);
        }

        @Override
        double ofEntropy(Softmax softmax) {
            return softmax.floatEntropyError();
        }

        @Override
        double ofDeviation(Deviation deviation) {
            return deviation.floatError();
        }
    };

    /// A float operation or two.
    static final double FLOAT = 0x1p-23;
    private static final double WEIGHTS = 0x1p-22;
    private static final double UNIT = 0x1p-35;

    /// Of one probability, absolute.
    abstract double ofProbability(Softmax softmax, float logit);

    /// Of a running sum of probabilities over the candidates.
    abstract double ofMass(Softmax softmax, State candidates);

    /// Of `-ln p`.
    abstract double ofSurprise(Softmax softmax, float logit);

    abstract double ofEntropy(Softmax softmax);

    abstract double ofDeviation(Deviation deviation);

    /// Of the place of a token on the line that a draw walks along: both sides weigh in doubles or whole numbers there,
    /// by exponentials within 1 ulp of a float.
    static double ofDraw(int size) {
        return WEIGHTS + size * UNIT;
    }
}
