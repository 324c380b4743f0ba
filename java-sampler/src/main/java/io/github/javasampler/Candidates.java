package io.github.javasampler;

import io.github.javasampler.grammar.TokenMask;
import java.lang.foreign.MemorySegment;
import java.util.function.IntPredicate;

/// What a stage sees: the tokens that may still be chosen, each with a logit.
///
/// At first the candidates are the row itself, read where it lies, and what a stage asks for is only noted down: a
/// temperature, other logits for a few tokens, a bound. The first cut makes one streaming pass over the row and leaves
/// a few survivors; every later stage works on those. So a vocabulary is never sorted, copied or exponentiated unless
/// the mathematics of a stage asks for it.
///
/// Candidates have an order, which the draw walks along: that of the token ids, until an operation says that it puts
/// them into another. How they are computed, and how equal logits stand, is a matter of the session's [Numerics].
///
/// Stages may use these operations in any order and number. Operations by index ([#id], [#logit], [#probability]),
/// [#keepIf], [#keepNearest] and [#replaceAll] look at single candidates: after a cut they cost nothing, on an uncut
/// row they are the slow way, for they bring all of the vocabulary into the heap once. An instance belongs to its
/// session and is only valid during [Sampler#apply]; it is not thread-safe.
public abstract sealed class Candidates permits PortableCandidates, ExactCandidates {
    /// No token: what [#selected] returns until a picker has chosen.
    public static final int NONE = -1;

    final Row row;
    final Survivors survivors = new Survivors();
    /// Whether the candidates are still the row.
    boolean uncut;
    /// Whether they stand in descending order of their logits.
    boolean descending;
    private final FloatMath math;
    private int selected;

    Candidates(Row row, FloatMath math) {
        this.row = row;
        this.math = math;
    }

    static Candidates of(int vocabularySize, Numerics numerics) {
        return numerics == Numerics.PORTABLE ? new PortableCandidates(vocabularySize, numerics.math())
                : new ExactCandidates(vocabularySize, numerics.math());
    }

    /// Starts over with a new row, which the session has checked to hold enough floats.
    final void begin(MemorySegment segment, long offsetBytes) {
        row.begin(segment, offsetBytes, takesInfinity());
        uncut = true;
        descending = false;
        selected = NONE;
        changed();
    }

    /// Starts over with candidates that somebody else has narrowed.
    ///
    /// @param descending what is said of their order
    /// @throws InvalidLogitsException if a logit is none, or nothing could be drawn
    final void begin(int[] ids, float[] logits, int count, boolean descending) {
        selected = NONE;
        if (take(ids, logits, count, descending) == Float.NEGATIVE_INFINITY && !takesInfinity()) {
            throw InvalidLogitsException.allBanned(count);
        }
    }

    /// Takes other candidates; returns the greatest of their logits.
    private float take(int[] newIds, float[] newLogits, int count, boolean inOrder) {
        if (count < 1 || count > vocabularySize()) {
            throw new IllegalArgumentException("the number of candidates must be in [1, " + vocabularySize()
                    + "], got " + count);
        }
        float max = Float.NEGATIVE_INFINITY;
        boolean ordered = true;
        for (int i = 0; i < count; i++) {
            checkToken(newIds[i]);
            float logit = newLogits[i];
            if (!(logit < Float.POSITIVE_INFINITY) && (logit != logit || !takesInfinity())) {
                throw InvalidLogitsException.of(newIds[i], logit);
            }
            ordered &= i == 0 || logit <= newLogits[i - 1];
            max = Math.max(max, logit);
        }
        // What is known of the row is forgotten, too.
        uncut = true;
        changed();
        uncut = false;
        survivors.take(newIds, newLogits, count);
        descending = inOrder;
        taken(ordered);
        return max;
    }

    /// Called when the survivors were replaced.
    ///
    /// @param ordered whether they do stand in descending order
    abstract void taken(boolean ordered);

    /// Whether rows may hold positive infinity, or nothing but negative infinity.
    abstract boolean takesInfinity();

    /// Forgets sums: a logit, the order or the number of candidates is another.
    abstract void changed();

    /// The functions that formulas take.
    public final FloatMath math() {
        return math;
    }

    /// How many candidates are left, at least 1. Those with a logit of negative infinity, which can't be drawn, count.
    public final int size() {
        return uncut ? row.size() : survivors.size();
    }

    /// How many tokens there are in all, cut or not.
    public final int vocabularySize() {
        return row.vocabularySize();
    }

    /// Whether the candidates stand in descending order of their logits.
    public final boolean isDescending() {
        return descending;
    }

    /// The greatest logit.
    public abstract float max();

    /// The token with the greatest logit.
    public abstract int argmax();

    /// The logit of token `id`, or negative infinity if it has been cut.
    public final float logitOf(int id) {
        checkToken(id);
        if (uncut) {
            return row.logit(id);
        }
        int index = survivors.indexOf(id);
        return index < 0 ? Float.NEGATIVE_INFINITY : survivors.logit(index);
    }

    /// Gives token `id` another logit, if it has not been cut. Negative infinity bans it. The order stays as it is; a
    /// stage that gives many tokens other logits should end with [#markUnsorted].
    ///
    /// @param logit a number, or negative infinity
    public final void set(int id, float logit) {
        checkToken(id);
        require(logit < Float.POSITIVE_INFINITY || takesInfinity() && logit == logit,
                "a logit must be a number or -Infinity, got ", logit);
        changed();
        beforeSet();
        if (uncut) {
            row.set(id, logit + 0f);
            return;
        }
        int index = survivors.indexOf(id);
        if (index >= 0) {
            survivors.set(index, logit);
            logitsMoved();
        }
    }

    /// Adds `bias` to the logit of token `id`, if it has not been cut. Negative infinity bans it.
    ///
    /// @param bias a number, or negative infinity
    public final void add(int id, float bias) {
        require(bias < Float.POSITIVE_INFINITY, "bias must be a number or -Infinity, got ", bias);
        set(id, logitOf(id) + bias);
    }

    /// Says that the order is no longer one of descending logits.
    public final void markUnsorted() {
        descending = false;
    }

    /// Called before a single logit changes.
    abstract void beforeSet();

    /// What becomes of [#isDescending] when single logits have changed.
    abstract void logitsMoved();

    /// Divides every logit by `divisor`.
    ///
    /// @param divisor greater than 0 and finite
    public final void scale(float divisor) {
        require(divisor > 0 && divisor < Float.POSITIVE_INFINITY, "divisor must be a number > 0, got ", divisor);
        changed();
        divide(divisor);
    }

    abstract void divide(float divisor);

    /// Bans every candidate but the one of the greatest logit; they stay candidates, which can't be drawn.
    public final void banAllButBest() {
        int best = argmax();
        if (logitOf(best) == Float.POSITIVE_INFINITY) {
            // There may be more than one of them, and no bound tells them apart.
            gather();
        }
        changed();
        if (uncut) {
            row.maskAllBut(best);
        } else {
            gather();
            survivors.maskAllBut(survivors.indexOf(best));
            logitsMoved();
        }
    }

    /// Bans the candidates below `threshold`; they stay candidates, which can't be drawn.
    public final void banBelow(float threshold) {
        if (!(threshold > Float.NEGATIVE_INFINITY)) {
            return;
        }
        changed();
        if (uncut) {
            row.maskBelow(threshold);
        } else {
            gather();
            survivors.maskBelow(threshold);
            logitsMoved();
        }
    }

    /// Bans the candidates that are not allowed; they stay candidates, which can't be drawn. On an uncut row it costs
    /// microseconds: where few are allowed only those are looked at, else the row is copied once.
    ///
    /// @param allowed of this vocabulary
    /// @return whether one is left that can be drawn
    public final boolean banAllBut(TokenMask allowed) {
        if (allowed.size() != vocabularySize()) {
            throw new IllegalArgumentException("a mask must be of " + vocabularySize() + " tokens, got one of "
                    + allowed.size());
        }
        if (allowed.count() < allowed.size()) {
            changed();
            beforeSet();
            if (uncut) {
                row.mask(allowed);
            } else {
                gather();
                survivors.mask(allowed);
                logitsMoved();
            }
        }
        return uncut ? row.max() > Float.NEGATIVE_INFINITY : survivors.hasDrawable();
    }

    /// How many candidates have at least this probability.
    public abstract int countAtLeast(double probability);

    /// Puts the candidates in descending order of their logits.
    public abstract void sort();

    /// Keeps the `k` candidates of the greatest logits, in descending order.
    ///
    /// @param k at least 1; all are kept, and put in order, if there are no more than `k`
    public final void keepTop(int k) {
        if (k < 1) {
            throw new IllegalArgumentException("k must be at least 1, got " + k);
        }
        changed();
        cutToTop(Math.min(k, size()));
    }

    abstract void cutToTop(int k);

    /// Keeps the candidates whose logit is at most `distance` below the greatest, in the order they stand, but never
    /// fewer than `minKeep` of the best (at least one): if too few are left, those come in descending order.
    public final void keepNear(float distance, int minKeep) {
        require(distance == distance, "distance must be a number, got ", distance);
        changed();
        cutToNear(-distance, minKeep);
    }

    abstract void cutToNear(float offset, int minKeep);

    /// Keeps the fewest best candidates whose probabilities sum up to at least `mass`, in descending order, but never
    /// fewer than `minKeep` of them (at least one). Probabilities are those among the candidates at the time.
    ///
    /// @param mass in [0, 1]
    public final void keepMass(float mass, int minKeep) {
        require(mass >= 0 && mass <= 1, "mass must be in [0, 1], got ", mass);
        cutToMass(mass, minKeep);
    }

    abstract void cutToMass(float mass, int minKeep);

    /// Keeps the fewest candidates whose surprise, `-ln p`, is nearest to `surprise` and whose probabilities sum up to
    /// more than `mass`, nearest first, but never fewer than `minKeep` of them.
    ///
    /// @param surprise in nats
    /// @param mass in [0, 1]
    public final void keepNearest(double surprise, float mass, int minKeep) {
        require(mass >= 0 && mass <= 1, "mass must be in [0, 1], got ", mass);
        sort();
        cutToNearest(surprise, mass, minKeep);
        descending = false;
    }

    abstract void cutToNearest(double surprise, float mass, int minKeep);

    /// Keeps the candidates whose surprise, `-log2 p`, is at most `bits`, and the best in any case, in descending
    /// order.
    public final void keepSurprise(float bits) {
        cutToSurprise(bits);
    }

    abstract void cutToSurprise(float bits);

    /// Keeps the candidates whose ids pass the test, in the order they stand.
    ///
    /// @throws SamplingException if none passes
    public final void keepIf(IntPredicate test) {
        gather();
        changed();
        if (survivors.keepIf(test) == 0) {
            throw new SamplingException("a stage must leave at least one candidate, none of " + size()
                    + " passed; loosen the stage or put it before the cuts");
        }
    }

    /// Leaves one token, whether it was a candidate or not.
    ///
    /// @param logit a number
    public final void replaceBy(int id, float logit) {
        checkToken(id);
        require(Float.isFinite(logit), "a logit must be a number, got ", logit);
        uncut = false;
        changed();
        survivors.replaceBy(id, logit);
    }

    /// Leaves these candidates, in this order, whether they were candidates or not: for a stage that lets somebody else
    /// work on them.
    ///
    /// @param ids each in [0, vocabularySize)
    /// @param logits numbers or negative infinity
    /// @param count how many of both count, in [1, vocabularySize]
    /// @param descending whether they stand in descending order of their logits
    /// @throws InvalidLogitsException if a logit is none
    public final void replaceBy(int[] ids, float[] logits, int count, boolean descending) {
        take(ids, logits, count, descending);
    }

    /// Drops the first `count` candidates in the order they stand.
    ///
    /// @param count in [0, size)
    public final void dropFirst(int count) {
        if (count < 0 || count >= size()) {
            throw new IllegalArgumentException("count must be in [0, " + (size() - 1) + "], got " + count);
        }
        cutFirst(count);
    }

    void cutFirst(int count) {
        gather();
        survivors.dropFirst(count);
    }

    /// Gives every candidate another logit, which may depend on its probability. The order stays as it is.
    public final void replaceAll(LogitFunction function) {
        gather();
        survivors.divideKeys();
        changed();
        for (int i = 0; i < size(); i++) {
            // The probabilities are those before the change: sums are only forgotten below.
            float logit = function.apply(survivors.id(i), survivors.logit(i), probability(i));
            require(logit < Float.POSITIVE_INFINITY || takesInfinity(),
                    "a logit must be a number or -Infinity, got ", logit);
            survivors.set(i, logit);
        }
        changed();
        logitsMoved();
    }

    /// A new logit for a candidate.
    @FunctionalInterface
    public interface LogitFunction {
        /// @param probability that of the candidate among all, before any was changed
        /// @return a number or negative infinity
        float apply(int id, float logit, double probability);
    }

    /// Shannon's entropy of the candidates' probabilities, in nats.
    public abstract double entropy();

    /// The logarithm of the sum of `exp(logit - max)`, in nats, to 1e-6.
    abstract double logTotal();

    /// The standard deviation of the logits that are not negative infinity.
    public abstract float deviation();

    /// The id of the candidate at `index`.
    ///
    /// @param index in [0, size)
    public final int id(int index) {
        bring(checked(index));
        return survivors.id(index);
    }

    /// The logit of the candidate at `index`.
    ///
    /// @param index in [0, size)
    public final float logit(int index) {
        bring(checked(index));
        return survivors.logit(index);
    }

    /// The probability among the candidates of the one at `index`: softmax of the logits.
    ///
    /// @param index in [0, size)
    public final double probability(int index) {
        bring(checked(index));
        return survivorProbability(index);
    }

    /// Lets `survivors` hold the candidate at `index` there.
    void bring(int index) {
        gather();
    }

    /// The probability of token `id` among the candidates; 0 if it has been cut.
    public final double probabilityOf(int id) {
        checkToken(id);
        if (uncut) {
            return rowProbability(id);
        }
        int index = survivors.indexOf(id);
        return index < 0 ? 0 : survivorProbability(index);
    }

    /// The probability of a token while the candidates are the row.
    abstract double rowProbability(int id);

    abstract double survivorProbability(int index);

    /// How much likelier the candidate at `index` is than the one at `other`: `ln(p / q)`.
    public abstract float logRatio(int index, int other);

    /// The token at which the running sum of probabilities, in the order of the candidates, reaches `u`.
    ///
    /// @param u in [0, 1)
    /// @throws SamplingException if every candidate is banned
    public final int draw(double u) {
        require(u >= 0 && u < 1, "u must be in [0, 1), got ", u);
        return drawSum(u);
    }

    abstract int drawSum(double u);

    /// The same by probabilities that are rounded to floats first, as the standard library's `discrete_distribution`
    /// has them. With [Numerics#PORTABLE] there is no difference.
    ///
    /// @param u in [0, 1)
    /// @throws SamplingException if every candidate is banned
    public final int drawRounded(double u) {
        require(u >= 0 && u < 1, "u must be in [0, 1), got ", u);
        return drawDiscrete(u);
    }

    abstract int drawDiscrete(double u);

    /// Chooses `token`; what a picker does last.
    public final void select(int token) {
        if (token < 0 || token >= vocabularySize()) {
            throw new SamplingException("a picker must select a token in [0, " + (vocabularySize() - 1) + "], got "
                    + token);
        }
        selected = token;
    }

    /// The chosen token, or [#NONE].
    public final int selected() {
        return selected;
    }

    /// Whether they are all that the row has, in the order of their ids.
    final boolean standAsRow() {
        return uncut && !descending && row.size() == row.vocabularySize();
    }

    /// How many candidates could be drawn.
    final int countDrawable() {
        int count = 0;
        for (int i = 0; i < end(); i++) {
            count += logitAt(i) > Float.NEGATIVE_INFINITY ? 1 : 0;
        }
        return count;
    }

    /// The logit of the candidate at `index` of either form, without bringing the row into the heap.
    final float logitAt(int index) {
        return uncut ? row.logit(index) : survivors.logit(index);
    }

    /// Whether the candidates are the row, and no temperature is pending on it.
    final boolean isBareRow() {
        return uncut && row.temperature() == 1f;
    }

    /// Where indexes end that [#nextAbove], [#logitAt] and [#idAt] take.
    final int end() {
        return uncut ? vocabularySize() : size();
    }

    /// The next index, from `from` on, at which a logit above `threshold` may stand; [#end] if there is none.
    final int nextAbove(int from, float threshold) {
        return uncut ? row.nextAbove(from, threshold) : from;
    }

    /// The id of the candidate at `index` of either form, likewise.
    final int idAt(int index) {
        return uncut ? index : survivors.id(index);
    }

    /// Makes survivors of all candidates, in their order.
    void gather() {
        if (uncut) {
            survivors.collect(row, Float.NEGATIVE_INFINITY);
            uncut = false;
        }
    }

    /// Takes the parts of its message apart, so that nothing is allocated where all is well.
    static void require(boolean holds, String problem, double value) {
        if (!holds) {
            throw new IllegalArgumentException(problem + value);
        }
    }

    private void checkToken(int id) {
        if (id < 0 || id >= vocabularySize()) {
            throw new IllegalArgumentException("a token must be in [0, " + (vocabularySize() - 1) + "], got " + id);
        }
    }

    private int checked(int index) {
        if (index < 0 || index >= size()) {
            throw new IndexOutOfBoundsException("index must be in [0, " + (size() - 1) + "], got " + index);
        }
        return index;
    }
}
