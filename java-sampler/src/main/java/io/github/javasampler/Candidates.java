package io.github.javasampler;

import io.github.javasampler.kernel.KernelProvider;
import io.github.javasampler.kernel.Kernels;
import io.github.javasampler.kernel.Weights;
import java.lang.foreign.MemorySegment;
import java.util.function.IntPredicate;

/// What a stage sees: the tokens that may still be chosen, each with a logit.
///
/// At first the candidates are the row itself, read where it lies, and what a stage asks for is only noted down: a
/// temperature, other logits for a few tokens. The first cut makes one streaming pass over the row and leaves a few
/// survivors; every later stage works on those. So a vocabulary is never sorted, copied or exponentiated unless the
/// mathematics of a stage asks for it.
///
/// Candidates have an order, which the draw walks along: that of the token ids, until an operation says that it puts
/// them into another. Equal logits stand in the order of their ids.
///
/// Stages may use these operations in any order and number. Operations by index ([#id], [#logit], [#probability]),
/// [#keepIf], [#keepNearest] and [#replaceAll] look at single candidates: after a cut they cost nothing, on an uncut
/// row they are the slow way, for they bring all of the vocabulary into the heap once. An instance belongs to its
/// session and is only valid during [Sampler#apply]; it is not thread-safe.
public final class Candidates {
    /// No token: what [#selected] returns until a picker has chosen.
    public static final int NONE = -1;

    /// How many of the best to look at first when mass is asked for, and how much further each time they fall short.
    private static final int FIRST_GUESS = 256;
    private static final int GUESS_GROWTH = 8;
    private static final double LN_UNITS = StrictMath.log(Weights.UNITS_PER_ONE);

    private final Row row;
    private final Survivors survivors = new Survivors();
    /// Whether the candidates are still the row.
    private boolean uncut;
    private float[] scores = new float[0];
    private int selected;

    Candidates(int vocabularySize) {
        this(vocabularySize, KernelProvider.kernels());
    }

    Candidates(int vocabularySize, Kernels kernels) {
        row = new Row(vocabularySize, kernels);
    }

    /// Starts over with a new row, which the session has checked to hold enough floats.
    void begin(MemorySegment segment, long offsetBytes) {
        row.begin(segment, offsetBytes);
        uncut = true;
        selected = NONE;
    }

    /// How many candidates are left, at least 1.
    public int size() {
        return uncut ? row.size() : survivors.size();
    }

    /// How many tokens there are in all, cut or not.
    public int vocabularySize() {
        return row.size();
    }

    /// Whether the candidates stand in descending order of their logits.
    public boolean isDescending() {
        return !uncut && survivors.isDescending();
    }

    /// The greatest logit.
    public float max() {
        return uncut ? row.max() : survivors.logit(survivors.best());
    }

    /// The token with the greatest logit; of several the one with the lowest id.
    public int argmax() {
        if (uncut) {
            // Asking for the best cuts nothing: the survivors are only looked at.
            survivors.collect(row, row.max());
        }
        return survivors.id(survivors.best());
    }

    /// The logit of token `id`, or negative infinity if it has been cut.
    public float logitOf(int id) {
        checkToken(id);
        if (uncut) {
            return row.logit(id);
        }
        int index = survivors.indexOf(id);
        return index < 0 ? Float.NEGATIVE_INFINITY : survivors.logit(index);
    }

    /// Gives token `id` another logit, if it has not been cut. Negative infinity bans it. The order stays as it is.
    ///
    /// @param logit a number, or negative infinity
    public void set(int id, float logit) {
        checkToken(id);
        require(logit < Float.POSITIVE_INFINITY, "a logit must be a number or -Infinity, got ", logit);
        if (uncut) {
            row.set(id, logit + 0f);
            return;
        }
        int index = survivors.indexOf(id);
        if (index >= 0) {
            survivors.set(index, logit);
        }
    }

    /// Adds `bias` to the logit of token `id`, if it has not been cut. Negative infinity bans it.
    ///
    /// @param bias a number, or negative infinity
    public void add(int id, float bias) {
        require(bias < Float.POSITIVE_INFINITY, "bias must be a number or -Infinity, got ", bias);
        set(id, logitOf(id) + bias);
    }

    /// Divides every logit by `divisor`.
    ///
    /// @param divisor greater than 0 and finite
    public void scale(float divisor) {
        require(divisor > 0 && divisor < Float.POSITIVE_INFINITY, "divisor must be a number > 0, got ", divisor);
        if (uncut && row.canScale()) {
            row.scale(divisor);
        } else {
            gather();
            survivors.scale(divisor);
        }
    }

    /// How many candidates have at least this probability.
    public int countAtLeast(double probability) {
        float max = max();
        double least = probability * totalWeight(max);
        int count = 0;
        for (int i = 0; i < size(); i++) {
            count += Weights.of(logitAt(i) - max) >= least ? 1 : 0;
        }
        return count;
    }

    /// Puts the candidates in descending order of their logits.
    public void sort() {
        gather();
        survivors.sort();
    }

    /// Keeps the `k` candidates of the greatest logits, in descending order.
    ///
    /// @param k at least 1; all are kept, and put in order, if there are no more than `k`
    public void keepTop(int k) {
        if (k < 1) {
            throw new IllegalArgumentException("k must be at least 1, got " + k);
        }
        if (uncut) {
            collectTop(k);
        }
        survivors.sort();
        survivors.keepFirst(k);
    }

    /// Keeps the candidates of at least `threshold`, in the order they stand, but never fewer than `minKeep` of the
    /// best (at least one): if too few are left, those come in descending order.
    public void keepAtLeast(float threshold, int minKeep) {
        require(threshold == threshold, "threshold must be a number, got ", threshold);
        int least = Math.max(minKeep, 1);
        if (uncut) {
            uncut = survivors.collect(row, threshold) < least;
            if (uncut) {
                keepTop(least);
            }
        } else if (survivors.countAtLeast(threshold) < least) {
            keepTop(least);
        } else {
            survivors.keepAtLeast(threshold);
        }
    }

    /// Keeps the fewest best candidates whose probabilities sum up to at least `mass`, in descending order, but never
    /// fewer than `minKeep` of them (at least one). Probabilities are those among the candidates at the time.
    ///
    /// @param mass in [0, 1]
    public void keepMass(float mass, int minKeep) {
        require(mass >= 0 && mass <= 1, "mass must be in [0, 1], got ", mass);
        float max = max();
        double target = (double) mass * totalWeight(max);
        int guess = Math.max(FIRST_GUESS, minKeep);
        while (uncut) {
            collectTop(guess);
            uncut = survivors.totalWeight(max) < target && survivors.size() < row.size();
            guess = (int) Math.min((long) guess * GUESS_GROWTH, row.size());
        }
        survivors.sort();
        survivors.keepFirst(survivors.countOfMass(target, Math.max(minKeep, 1), max));
    }

    /// Keeps the fewest candidates whose surprise, `-ln p`, is nearest to `surprise` and whose probabilities sum up to
    /// more than `mass`, nearest first, but never fewer than `minKeep` of them.
    ///
    /// @param surprise in nats
    /// @param mass in [0, 1]
    public void keepNearest(double surprise, float mass, int minKeep) {
        require(mass >= 0 && mass <= 1, "mass must be in [0, 1], got ", mass);
        sort();
        float max = max();
        long total = totalWeight(max);
        double logTotal = logOf(total);
        double target = (double) mass * total;
        if (scores.length < size()) {
            scores = new float[row.size()];
        }
        for (int i = 0; i < size(); i++) {
            scores[i] = (float) Math.abs(logTotal - (survivors.logit(i) - max) - surprise);
        }
        survivors.sortBy(scores);
        survivors.keepFirst(survivors.countOfMass(Math.nextUp(target), Math.max(minKeep, 1), max));
    }

    /// Keeps the candidates whose ids pass the test, in the order they stand.
    ///
    /// @throws SamplingException if none passes
    public void keepIf(IntPredicate test) {
        gather();
        if (survivors.keepIf(test) == 0) {
            throw new SamplingException("a stage must leave at least one candidate, none of " + size()
                    + " passed; loosen the stage or put it before the cuts");
        }
    }

    /// Drops the first `count` candidates in the order they stand.
    ///
    /// @param count in [0, size)
    public void dropFirst(int count) {
        if (count < 0 || count >= size()) {
            throw new IllegalArgumentException("count must be in [0, " + (size() - 1) + "], got " + count);
        }
        gather();
        survivors.dropFirst(count);
    }

    /// Gives every candidate another logit, which may depend on its probability. The order stays as it is.
    public void replaceAll(LogitFunction function) {
        gather();
        float max = max();
        double total = totalWeight(max);
        for (int i = 0; i < size(); i++) {
            float logit = survivors.logit(i);
            survivors.set(i, function.apply(survivors.id(i), logit, Weights.of(logit - max) / total));
        }
    }

    /// A new logit for a candidate.
    @FunctionalInterface
    public interface LogitFunction {
        /// @param probability that of the candidate among all, before any was changed
        /// @return a number or negative infinity
        float apply(int id, float logit, double probability);
    }

    /// Shannon's entropy of the candidates' probabilities, in nats.
    public double entropy() {
        float max = max();
        long moments = 0;
        for (int i = 0; i < size(); i++) {
            moments += Weights.moment(logitAt(i) - max);
        }
        long total = totalWeight(max);
        return logOf(total) - (double) moments / total;
    }

    /// The logarithm of the sum of `exp(logit - max)` over all candidates, in nats: `-ln p` of the best one.
    public double logTotal() {
        return logOf(totalWeight());
    }

    /// The standard deviation of the logits that are not negative infinity.
    public double deviation() {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < size(); i++) {
            float logit = logitAt(i);
            if (logit != Float.NEGATIVE_INFINITY) {
                sum += logit;
                count++;
            }
        }
        double mean = sum / count;
        double squares = 0;
        for (int i = 0; i < size(); i++) {
            float logit = logitAt(i);
            if (logit != Float.NEGATIVE_INFINITY) {
                squares += (logit - mean) * (logit - mean);
            }
        }
        return Math.sqrt(squares / count);
    }

    /// The id of the candidate at `index`.
    ///
    /// @param index in [0, size)
    public int id(int index) {
        gather();
        return survivors.id(checked(index));
    }

    /// The logit of the candidate at `index`.
    ///
    /// @param index in [0, size)
    public float logit(int index) {
        gather();
        return survivors.logit(checked(index));
    }

    /// The probability among the candidates of the one at `index`: softmax of the logits. It costs a pass over all of
    /// them, so ask in a loop only of a few.
    ///
    /// @param index in [0, size)
    public double probability(int index) {
        return weight(index) / totalWeight();
    }

    /// The probability of token `id` among the candidates; 0 if it has been cut. It costs a pass over all of them.
    public double probabilityOf(int id) {
        float max = max();
        return (double) Weights.of(logitOf(id) - max) / totalWeight(max);
    }

    /// The token at which the running sum of probabilities, in the order of the candidates, reaches `u`.
    ///
    /// @param u in [0, 1)
    /// @throws SamplingException if every candidate is banned
    public int draw(double u) {
        require(u >= 0 && u < 1, "u must be in [0, 1), got ", u);
        float max = max();
        if (max == Float.NEGATIVE_INFINITY) {
            throw new SamplingException("at least one of the " + size() + " candidates must have a logit above "
                    + "-Infinity, "
                    + "none has; the stages before have banned them all");
        }
        double target = u * totalWeight(max);
        return uncut ? row.draw(target, max) : survivors.draw(target, max);
    }

    /// Chooses `token`; what a picker does last.
    public void select(int token) {
        if (token < 0 || token >= row.size()) {
            throw new SamplingException("a picker must select a token in [0, " + (row.size() - 1) + "], got " + token);
        }
        selected = token;
    }

    /// The chosen token, or [#NONE].
    public int selected() {
        return selected;
    }

    /// The weight `exp(logit - max)` of the candidate at `index`, in [Weights#UNITS_PER_ONE].
    double weight(int index) {
        return Weights.of(logit(index) - max());
    }

    /// The sum of the weights of all candidates.
    long totalWeight() {
        return totalWeight(max());
    }

    private long totalWeight(float max) {
        return uncut ? row.weigh(max) : survivors.totalWeight(max);
    }

    /// The logarithm of a sum of weights, in nats.
    private static double logOf(long weight) {
        return StrictMath.log(weight) - LN_UNITS;
    }

    /// The logit of the candidate at `index` of either form, without bringing the row into the heap.
    private float logitAt(int index) {
        return uncut ? row.logit(index) : survivors.logit(index);
    }

    /// Makes survivors of at least the best `k` of the row.
    private void collectTop(int k) {
        survivors.collect(row, row.boundOfTop(Math.min(k, row.size())));
        uncut = false;
    }

    /// Makes survivors of all candidates.
    private void gather() {
        if (uncut) {
            survivors.collect(row, Float.NEGATIVE_INFINITY);
            uncut = false;
        }
    }

    /// Takes the parts of its message apart, so that nothing is allocated where all is well.
    private static void require(boolean holds, String problem, double value) {
        if (!holds) {
            throw new IllegalArgumentException(problem + value);
        }
    }

    private void checkToken(int id) {
        if (id < 0 || id >= row.size()) {
            throw new IllegalArgumentException("a token must be in [0, " + (row.size() - 1) + "], got " + id);
        }
    }

    private int checked(int index) {
        if (index < 0 || index >= size()) {
            throw new IndexOutOfBoundsException("index must be in [0, " + (size() - 1) + "], got " + index);
        }
        return index;
    }
}
