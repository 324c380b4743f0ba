package io.github.javasampler.explorer;

import io.github.javasampler.Candidates;
import io.github.javasampler.Picker;
import io.github.javasampler.measure.Softmax;
import java.util.Arrays;

/// A picker that notes the logits that a chain leaves it, and takes the best token. Where probabilities are compared by
/// their logarithms the least count, too, which [Observer] rounds to nothing. A session of its chain works on this
/// instance, so it is for one session.
final class FinalLogits implements Picker {
    private final double[] logits;

    FinalLogits(int vocabularySize) {
        logits = new double[vocabularySize];
    }

    @Override
    public String name() {
        return "final-logits";
    }

    @Override
    public void apply(Candidates candidates) {
        Arrays.fill(logits, Double.NEGATIVE_INFINITY);
        for (int i = 0; i < candidates.size(); i++) {
            logits[candidates.id(i)] = candidates.logit(i);
        }
        candidates.select(candidates.argmax());
    }

    /// The logarithms of the probabilities of all tokens, in nats; those that were cut have negative infinity.
    double[] logProbabilities() {
        return Softmax.logProbabilities(logits);
    }
}
