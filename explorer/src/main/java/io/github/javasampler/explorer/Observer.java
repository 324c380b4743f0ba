package io.github.javasampler.explorer;

import io.github.javasampler.Candidates;
import io.github.javasampler.Picker;
import java.util.Arrays;
import java.util.function.ToIntFunction;

/// A picker that notes which candidates reach it. A session of its chain works on this instance, so it is for one
/// session.
final class Observer implements Picker {
    private final ToIntFunction<Candidates> choice;
    private int[] ids = new int[0];
    private double[] probabilities = new double[0];
    private int count;

    /// Chooses the best candidate.
    Observer() {
        this(Candidates::argmax);
    }

    /// @param choice chooses a candidate, as a picker does
    Observer(ToIntFunction<Candidates> choice) {
        this.choice = choice;
    }

    @Override
    public String name() {
        return "observer";
    }

    @Override
    public void apply(Candidates candidates) {
        // First, for it shall find them as any picker does.
        int token = choice.applyAsInt(candidates);
        ids = new int[candidates.size()];
        probabilities = new double[candidates.size()];
        count = 0;
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.logit(i) > Float.NEGATIVE_INFINITY) {
                ids[count] = candidates.id(i);
                probabilities[count++] = candidates.probability(i);
            }
        }
        candidates.select(token);
    }

    /// How many candidates could be drawn.
    int count() {
        return count;
    }

    /// The token at `index`, in the order in which a draw adds up.
    int id(int index) {
        return ids[index];
    }

    /// Its probability among the candidates.
    double probability(int index) {
        return probabilities[index];
    }

    /// Those of all, in that order.
    double[] probabilities() {
        return Arrays.copyOf(probabilities, count);
    }

    /// The probability of every token of the vocabulary; 0 for those that were cut.
    double[] probabilities(int vocabularySize) {
        double[] all = new double[vocabularySize];
        for (int i = 0; i < count; i++) {
            all[ids[i]] = probabilities[i];
        }
        return all;
    }
}
