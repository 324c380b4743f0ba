package io.github.javasampler;

import io.github.javasampler.kernel.KernelProvider;
import io.github.javasampler.kernel.Kernels;
import io.github.javasampler.kernel.KeySort;
import io.github.javasampler.kernel.Keys;
import io.github.javasampler.kernel.Largest;
import io.github.javasampler.kernel.Weights;
import java.lang.foreign.MemorySegment;
import java.util.function.IntPredicate;

/// What a stage sees: the tokens that may still be chosen, each with a logit.
///
/// At first the candidates are the row itself, read where it lies, and what a stage asks for is only noted down. The
/// first cut makes one streaming pass over the row and leaves a few survivors; every later stage works on those. So a
/// vocabulary is never sorted, copied or exponentiated unless the mathematics of a stage asks for it.
///
/// Candidates have an order, which the draw walks along: that of the token ids, until [#keepTop] or [#keepMass] makes
/// it descending by logit. Equal logits stand in the order of their ids.
///
/// Stages may use these operations in any order and number. [#keepIf], [#add], [#id], [#logit] and [#probability] look
/// at single candidates: after a cut they cost nothing, on an uncut row they are the slow way, for they bring all of
/// the vocabulary into the heap once. An instance belongs to its session and is only valid during
/// [Sampler#apply]; it is not thread-safe.
public final class Candidates {
    /// No token: what [#selected] returns until a picker has chosen.
    public static final int NONE = -1;

    private static final int FIRST_CAPACITY = 1024;
    /// How many of the best to look at first when mass is asked for, and how much further each time they fall short.
    private static final int FIRST_GUESS = 256;
    private static final int GUESS_GROWTH = 8;

    private final Kernels kernels;
    private final int vocabularySize;
    private final float[] maxima;
    private final float[] largest;
    private final long[] blocks;
    private final KeySort sort = new KeySort();

    private MemorySegment row;
    private long offsetBytes;
    private float rowMax;
    /// What every logit of the row is still to be divided by.
    private float temperature;

    /// Whether the candidates are still the row; otherwise they are the survivors in `keys[0, size)`.
    private boolean uncut;
    private long[] keys = new long[FIRST_CAPACITY];
    private int size;
    /// How many keys the last look at the uncut row brought; they are no survivors until [#adoptCollected].
    private int collected;
    private boolean descending;
    private int selected;

    Candidates(int vocabularySize) {
        this(vocabularySize, KernelProvider.kernels());
    }

    Candidates(int vocabularySize, Kernels kernels) {
        this.kernels = kernels;
        this.vocabularySize = vocabularySize;
        this.maxima = new float[kernels.maximaCount(vocabularySize)];
        this.largest = new float[maxima.length];
        this.blocks = new long[Kernels.blockCount(vocabularySize)];
    }

    /// Starts over with a new row, which the session has checked to hold `vocabularySize` floats.
    void begin(MemorySegment row, long offsetBytes) {
        this.row = row;
        this.offsetBytes = offsetBytes;
        temperature = 1f;
        uncut = true;
        size = vocabularySize;
        descending = false;
        selected = NONE;
        rowMax = kernels.scan(row, offsetBytes, vocabularySize, maxima);
        if (!(rowMax > Float.NEGATIVE_INFINITY)) {
            throw InvalidLogitsException.in(row, offsetBytes, vocabularySize);
        }
    }

    /// How many candidates are left, at least 1.
    public int size() {
        return size;
    }

    /// Whether the candidates stand in descending order of their logits.
    public boolean isDescending() {
        return descending;
    }

    /// The greatest logit.
    public float max() {
        if (uncut) {
            return rowMax / temperature;
        }
        return Keys.logit(keys[best()]);
    }

    /// The token with the greatest logit; of several the one with the lowest id.
    public int argmax() {
        if (uncut) {
            collect(rawThreshold(max()));
            // The survivors are not adopted: asking for the best token cuts nothing.
            return Keys.id(keys[bestOf(collected)]);
        }
        return Keys.id(keys[best()]);
    }

    /// Divides every logit by `divisor`.
    ///
    /// @param divisor greater than 0 and finite
    public void scale(float divisor) {
        require(divisor > 0 && divisor < Float.POSITIVE_INFINITY, "divisor must be a number > 0, got ", divisor);
        if (uncut && temperature == 1f) {
            temperature = divisor;
            return;
        }
        gather();
        for (int i = 0; i < size; i++) {
            keys[i] = Keys.of(Keys.logit(keys[i]) / divisor, Keys.id(keys[i]));
        }
        reorder();
    }

    /// Adds `bias` to the logit of token `id`, if that token is still a candidate. Negative infinity bans the token.
    ///
    /// @param bias a number, or negative infinity
    public void add(int id, float bias) {
        require(bias < Float.POSITIVE_INFINITY, "bias must be a number or -Infinity, got ", bias);
        gather();
        for (int i = 0; i < size; i++) {
            if (Keys.id(keys[i]) == id) {
                keys[i] = Keys.of(Keys.logit(keys[i]) + bias, id);
            }
        }
        reorder();
    }

    /// Keeps the `k` candidates of the greatest logits, in descending order.
    ///
    /// @param k at least 1; all are kept, and put in order, if there are no more than `k`
    public void keepTop(int k) {
        if (k < 1) {
            throw new IllegalArgumentException("k must be at least 1, got " + k);
        }
        if (uncut) {
            adopt(rawThreshold(boundOfTop(Math.min(k, size)) / temperature));
        }
        sortDescending();
        size = Math.min(k, size);
    }

    /// Keeps the candidates of at least `threshold`, in the order they stand, but never fewer than `minKeep` of the
    /// best (at least one): if too few are left, those come in descending order.
    public void keepAtLeast(float threshold, int minKeep) {
        require(threshold == threshold, "threshold must be a number, got ", threshold);
        int least = Math.max(minKeep, 1);
        if (uncut) {
            if (collect(rawThreshold(threshold)) < least) {
                keepTop(least);
            } else {
                adoptCollected();
            }
            return;
        }
        int kept = 0;
        for (int i = 0; i < size; i++) {
            kept += Keys.logit(keys[i]) >= threshold ? 1 : 0;
        }
        if (kept < least) {
            keepTop(least);
            return;
        }
        kept = 0;
        for (int i = 0; i < size; i++) {
            if (Keys.logit(keys[i]) >= threshold) {
                keys[kept++] = keys[i];
            }
        }
        size = kept;
    }

    /// Keeps the fewest best candidates whose probabilities sum up to at least `mass`, in descending order, but never
    /// fewer than `minKeep` of them (at least one). Probabilities are those among the candidates at the time.
    ///
    /// @param mass in [0, 1]
    public void keepMass(float mass, int minKeep) {
        require(mass >= 0 && mass <= 1, "mass must be in [0, 1], got ", mass);
        float max = max();
        double target = (double) mass * totalWeight();
        if (uncut) {
            int guess = Math.max(FIRST_GUESS, minKeep);
            while (collectTop(guess, max) < target && collected < size) {
                guess = (int) Math.min((long) guess * GUESS_GROWTH, size);
            }
            adoptCollected();
        }
        sortDescending();
        long sum = 0;
        int kept = 0;
        while (kept < size && (kept < Math.max(minKeep, 1) || sum < target)) {
            sum += Weights.of(Keys.logit(keys[kept++]) - max);
        }
        size = kept;
    }

    /// Keeps the candidates whose ids pass the test, in the order they stand.
    ///
    /// @throws SamplingException if none passes
    public void keepIf(IntPredicate test) {
        gather();
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (test.test(Keys.id(keys[i]))) {
                keys[kept++] = keys[i];
            }
        }
        if (kept == 0) {
            throw new SamplingException("a stage must leave at least one candidate, none of " + size
                    + " passed; loosen the stage or put it before the cuts");
        }
        size = kept;
    }

    /// The id of the candidate at `index`.
    ///
    /// @param index in [0, size)
    public int id(int index) {
        gather();
        return Keys.id(keys[checked(index)]);
    }

    /// The logit of the candidate at `index`.
    ///
    /// @param index in [0, size)
    public float logit(int index) {
        gather();
        return Keys.logit(keys[checked(index)]);
    }

    /// The probability among the candidates of the one at `index`: softmax of the logits. It costs a pass over all of
    /// them, so ask in a loop only of a few.
    ///
    /// @param index in [0, size)
    public double probability(int index) {
        return weight(index) / totalWeight();
    }

    /// The token at which the running sum of probabilities, in the order of the candidates, reaches `u`.
    ///
    /// @param u in [0, 1)
    /// @throws SamplingException if every candidate is banned
    public int draw(double u) {
        require(u >= 0 && u < 1, "u must be in [0, 1), got ", u);
        float max = max();
        if (max == Float.NEGATIVE_INFINITY) {
            throw new SamplingException("at least one of the " + size + " candidates must have a logit above -Infinity,"
                    + " none has; the stages before have banned them all");
        }
        double target = u * totalWeight();
        return uncut ? drawFromRow(target, max) : drawFromSurvivors(target, max);
    }

    /// Chooses `token`; what a picker does last.
    public void select(int token) {
        if (token < 0 || token >= vocabularySize) {
            throw new SamplingException(
                    "a picker must select a token in [0, " + (vocabularySize - 1) + "], got " + token);
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
        float max = max();
        return uncut
                ? kernels.weigh(row, offsetBytes, vocabularySize, temperature, max, blocks)
                : weightOf(size, max);
    }

    /// Two steps: the block in which the running sum reaches the target, then the candidate in it.
    private int drawFromRow(double target, float max) {
        long sum = 0;
        int block = 0;
        while (block < blocks.length - 1 && (blocks[block] == 0 || sum + blocks[block] < target)) {
            sum += blocks[block++];
        }
        int id = block * Kernels.BLOCK;
        int last = id;
        int end = Math.min(id + Kernels.BLOCK, vocabularySize);
        for (; id < end; id++) {
            long weight = Weights.of(Kernels.logit(row, offsetBytes, id) / temperature - max);
            sum += weight;
            if (weight > 0) {
                last = id;
                if (sum >= target) {
                    break;
                }
            }
        }
        return last;
    }

    private int drawFromSurvivors(double target, float max) {
        long sum = 0;
        int last = 0;
        for (int i = 0; i < size; i++) {
            long weight = Weights.of(Keys.logit(keys[i]) - max);
            sum += weight;
            if (weight > 0) {
                last = i;
                if (sum >= target) {
                    break;
                }
            }
        }
        return Keys.id(keys[last]);
    }

    /// Brings at least the best `k` of the row into `keys` and returns their weight.
    private long collectTop(int k, float max) {
        return weightOf(collect(rawThreshold(boundOfTop(k) / temperature)), max);
    }

    private long weightOf(int count, float max) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Weights.of(Keys.logit(keys[i]) - max);
        }
        return sum;
    }

    /// A raw logit that at least `k` candidates of the row reach: the k-th largest of the stored maxima, since each of
    /// those stands for another candidate.
    private float boundOfTop(int k) {
        return k > maxima.length ? Float.NEGATIVE_INFINITY : Largest.kth(maxima, k, largest);
    }

    /// The least raw logit that, divided by the temperature, is at least `threshold`.
    private float rawThreshold(float threshold) {
        if (temperature == 1f || threshold == Float.NEGATIVE_INFINITY) {
            return threshold;
        }
        // Division rounds, but never changes the order, so the border can be found by halving the range of floats.
        int low = Keys.ordered(Float.floatToRawIntBits(-Float.MAX_VALUE));
        int high = Keys.ordered(Float.floatToRawIntBits(Float.POSITIVE_INFINITY));
        while (low < high) {
            int middle = (int) (((long) low + high) >> 1);
            if (Float.intBitsToFloat(Keys.ordered(middle)) / temperature >= threshold) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return Float.intBitsToFloat(Keys.ordered(low));
    }

    /// Brings the candidates of the row that reach a raw logit into `keys`, without making them the survivors yet.
    private int collect(float rawThreshold) {
        collected = kernels.collect(row, offsetBytes, vocabularySize, maxima, rawThreshold, temperature, keys);
        if (collected > keys.length) {
            keys = new long[vocabularySize];
            kernels.collect(row, offsetBytes, vocabularySize, maxima, rawThreshold, temperature, keys);
        }
        return collected;
    }

    private void adopt(float rawThreshold) {
        collect(rawThreshold);
        adoptCollected();
    }

    private void adoptCollected() {
        size = collected;
        uncut = false;
    }

    /// Makes survivors of all candidates.
    private void gather() {
        if (uncut) {
            adopt(Float.NEGATIVE_INFINITY);
        }
    }

    /// Keeps the promise of [#isDescending] after logits have changed.
    private void reorder() {
        if (descending) {
            sort.sort(keys, size);
        }
    }

    private void sortDescending() {
        gather();
        if (!descending) {
            sort.sort(keys, size);
            descending = true;
        }
    }

    private int best() {
        return descending ? 0 : bestOf(size);
    }

    private int bestOf(int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (keys[i] < keys[best]) {
                best = i;
            }
        }
        return best;
    }

    /// Takes the parts of its message apart, so that nothing is allocated where all is well.
    private static void require(boolean holds, String problem, double value) {
        if (!holds) {
            throw new IllegalArgumentException(problem + value);
        }
    }

    private int checked(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("index must be in [0, " + (size - 1) + "], got " + index);
        }
        return index;
    }
}
