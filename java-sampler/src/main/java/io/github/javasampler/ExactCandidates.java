package io.github.javasampler;

import io.github.javasampler.kernel.BucketSort;
import io.github.javasampler.kernel.FrontSort;
import io.github.javasampler.kernel.KernelProvider;
import io.github.javasampler.kernel.KeySort;
import io.github.javasampler.kernel.Keys;
import io.github.javasampler.kernel.LazyBucketSort;
import io.github.javasampler.kernel.StdSort;
import java.util.Arrays;

/// [Numerics#LLAMA_CPP]: every operation as llama.cpp's samplers do it on their array, to the bit. Sums are floats,
/// added one by one in the order of the candidates; sorts are those of libstdc++, which move equal logits about; and
/// `descending` is llama.cpp's flag `sorted`, which says what the last sort left, even if logits have changed since.
///
/// What can't be seen is not done. After a sort of many it is open which of several equal logits stands where, until
/// somebody looks: see [LazyBucketSort]. And a term that is too small to change a sum of floats is not computed.
final class ExactCandidates extends Candidates {
    /// Up to so many are selected by a heap, more by buckets.
    private static final int HEAP_LIMIT = 128;
    /// Up to so many are sorted as a whole for their mass; of more the best are tried first.
    private static final int SMALL = 1024;
    private static final int FIRST_GUESS = 256;
    /// Sums look this many candidates ahead for terms that matter.
    private static final int BLOCK = 256;
    private static final double LN_2 = StrictMath.log(2);
    private static final float UNKNOWN = -1;
    /// The greatest `-log(p)` of a float above 0, as a logarithm, rounded up.
    private static final double LOG_OF_GREATEST_SURPRISE = 4.7;

    private final BucketSort bucketSort = new BucketSort();
    private final LazyBucketSort lazySort = new LazyBucketSort();
    private final FrontSort frontSort = new FrontSort();
    private final KeySort keySort = new KeySort();
    private final int[] block = new int[BLOCK];
    /// Room for the best of a row, if they are not many more than [#HEAP_LIMIT].
    private final long[] few = new long[4 * HEAP_LIMIT];
    private final FloatMath math;
    private long[] scratch = new long[0];
    private double[] sums = new double[0];
    private float[] logits = new float[0];
    /// The maximum and the sum of llama.cpp's last softmax, while they hold.
    private boolean normalized;
    private float softmaxMax;
    private float softmaxSum;
    /// While [#weighed], what [#logits] holds of each candidate, less the maximum, exponentiated; or [#UNKNOWN] yet.
    private boolean weighed;
    private float[] weights = new float[0];

    ExactCandidates(int vocabularySize, FloatMath math) {
        super(new Row(vocabularySize, KernelProvider::kernels, false), math);
        this.math = math;
    }

    @Override
    boolean takesInfinity() {
        return true;
    }

    @Override
    void changed() {
        normalized = false;
        weighed = false;
        if (uncut) {
            lazySort.forget();
        }
    }

    /// llama.cpp trusts its flag.
    @Override
    void taken(boolean ordered) {}

    @Override
    void beforeSet() {
        lazySort.settle(survivors.keys(), survivors.size());
    }

    /// llama.cpp leaves its flag as it is; stages that clear it say so by [#markUnsorted].
    @Override
    void logitsMoved() {}

    /// Never less than the least float, where min-p starts.
    @Override
    public float max() {
        return Math.max(-Float.MAX_VALUE, greatest());
    }

    private float greatest() {
        if (uncut) {
            return row.max();
        }
        float max = survivors.logit(0);
        for (int i = 1; i < survivors.size(); i++) {
            max = survivors.logit(i) > max ? survivors.logit(i) : max;
        }
        return max;
    }

    /// Of several the first.
    @Override
    public int argmax() {
        if (uncut) {
            if (row.collect(row.max(), few) <= few.length) {
                return Keys.id(few[0]);
            }
            // So many equals that the first is soon found.
            int first = row.nextAbove(0, Math.nextDown(row.max()));
            return first < row.vocabularySize() ? first : 0;
        }
        long[] keys = survivors.keys();
        int best = 0;
        for (int i = 1; i < survivors.size(); i++) {
            best = Keys.isAbove(keys[i], keys[best]) ? i : best;
        }
        return idOf(best);
    }

    /// With every id where llama.cpp has it.
    @Override
    void gather() {
        super.gather();
        lazySort.settle(survivors.keys(), survivors.size());
    }

    /// With ids among equal logits left open.
    private void gatherOpen() {
        super.gather();
    }

    private void keepFirst(int count) {
        lazySort.settleBorder(survivors.keys(), survivors.size(), count);
        survivors.keepFirst(count);
    }

    /// The id that llama.cpp has at a place among the candidates.
    private int idOf(int index) {
        return uncut ? index : lazySort.id(survivors.keys(), survivors.size(), index);
    }

    @Override
    void divide(float divisor) {
        if (uncut && row.canScale()) {
            row.scale(divisor);
        } else {
            gatherOpen();
            survivors.scale(divisor);
            survivors.divideKeys();
        }
    }

    /// Of the leading run only.
    @Override
    public int countAtLeast(double probability) {
        gatherOpen();
        softmax();
        int count = 0;
        while (count < size() && probabilityAt(count) >= probability) {
            count++;
        }
        return count;
    }

    @Override
    public void sort() {
        if (!descending) {
            changed();
            sortBest(size());
        }
    }

    @Override
    void cutToTop(int k) {
        if (descending) {
            keepFirst(k);
        } else {
            sortBest(k);
        }
    }

    /// llama.cpp's partial sort in place.
    private void sortBest(int count) {
        if (count > SMALL && count == size()) {
            gather();
            sortAll();
        } else if (count > HEAP_LIMIT) {
            collectBuckets(count);
            long[] sorted = scratch();
            bucketSort.sort(survivors.keys(), survivors.size(), count, sorted);
            System.arraycopy(sorted, 0, survivors.keys(), 0, count);
        } else if (!uncut) {
            gather();
            StdSort.partialSort(survivors.keys(), 0, count, survivors.size());
        } else if (!sortBestUntied(count)) {
            selectFromRow(count);
        }
        uncut = false;
        survivors.size(count);
        descending = true;
    }

    /// Lets the survivors be the candidates in their order; of a row only those that a sort of the best `count` by
    /// buckets looks at.
    private void collectBuckets(int count) {
        if (uncut) {
            survivors.collect(row, BucketSort.leastInBucketOf(row.boundOfTop(count), row.max()));
        } else {
            gather();
        }
    }

    /// Sorts the best `count` of the row, if among them there are no equals: whatever sorts, the result is one.
    private boolean sortBestUntied(int count) {
        int found = row.collectTop(count, few);
        if (found > few.length) {
            return false;
        }
        keySort.sort(few, found);
        if (count < row.size() && Keys.logit(few[count - 1]) == Float.NEGATIVE_INFINITY) {
            // Perhaps not all of those were found.
            return false;
        }
        for (int i = 1; i < Math.min(count + 1, found); i++) {
            if (!Keys.isAbove(few[i - 1], few[i])) {
                return false;
            }
        }
        System.arraycopy(few, 0, survivors.keysFor(count), 0, count);
        return true;
    }

    private void sortAll() {
        if (!lazySort.sort(survivors.keys(), survivors.size())) {
            long[] sorted = scratch();
            bucketSort.sort(survivors.keys(), survivors.size(), survivors.size(), sorted);
            System.arraycopy(sorted, 0, survivors.keys(), 0, survivors.size());
        }
    }

    /// `std::partial_sort` over the row: what is not above the worst of the heap changes nothing, so whole strips are
    /// passed over.
    private void selectFromRow(int count) {
        long[] keys = survivors.keysFor(count);
        for (int id = 0; id < count; id++) {
            keys[id] = Keys.of(row.logit(id), id);
        }
        StdSort.makeHeap(keys, 0, count);
        int id = row.nextAbove(count, Keys.logit(keys[0]));
        while (id < row.vocabularySize()) {
            StdSort.replaceWorst(keys, 0, count, Keys.of(row.logit(id), id));
            id = row.nextAbove(id + 1, Keys.logit(keys[0]));
        }
        StdSort.sortHeap(keys, 0, count);
    }

    @Override
    void cutToNear(float offset, int minKeep) {
        if (!descending) {
            float threshold = max() + offset;
            int found = uncut ? survivors.collect(row, threshold) : survivors.countAtLeast(threshold);
            if (found > 0 && found >= minKeep) {
                if (!uncut) {
                    gather();
                    survivors.keepAtLeast(threshold);
                }
                uncut = false;
                return;
            }
            sortBest(size());
        }
        float threshold = survivors.logit(0) + offset;
        int kept = 1;
        while (kept < survivors.size() && !(survivors.logit(kept) < threshold && kept >= minKeep)) {
            kept++;
        }
        keepFirst(kept);
    }

    @Override
    void cutToMass(float mass, int minKeep) {
        softmax();
        if (!descending && size() > SMALL && cutToMassOfBest(mass, minKeep)) {
            return;
        }
        gatherOpen();
        int size = survivors.size();
        if (!descending) {
            weighed = false;
            sortBest(size);
        }
        float sum = 0;
        int kept = size;
        for (int i = 0; i < size; i++) {
            sum += weighed ? probabilityAt(i) : probabilityOf(survivors.keys()[i]);
            if (sum >= mass && i + 1 >= minKeep) {
                kept = i + 1;
                break;
            }
        }
        keepFirst(kept);
        changed();
    }

    /// [#cutToMass] where the best [#FIRST_GUESS] hold enough, which by themselves come out in an order of their own;
    /// else false, and the candidates are as they were.
    private boolean cutToMassOfBest(float mass, int minKeep) {
        collectBuckets(FIRST_GUESS);
        long[] best = scratch();
        bucketSort.sort(survivors.keys(), survivors.size(), FIRST_GUESS, best);
        float sum = 0;
        for (int kept = 1; kept <= FIRST_GUESS; kept++) {
            sum += probabilityOf(best[kept - 1]);
            if (sum >= mass && kept >= minKeep) {
                System.arraycopy(best, 0, survivors.keys(), 0, kept);
                survivors.size(kept);
                uncut = false;
                descending = true;
                changed();
                return true;
            }
        }
        return false;
    }

    @Override
    void cutToNearest(double surprise, float mass, int minKeep) {
        int size = survivors.size();
        softmax();
        long[] order = scratch();
        // llama.cpp's entropy is NaN where a probability is 0 or NaN, and with it every score.
        boolean comparable = surprise == surprise && probabilityAt(size - 1) > 0;
        for (int i = 0; i < size && comparable; i++) {
            float p = probabilityAt(i);
            comparable = p > 0;
            float score = Math.abs(-math.log(p) - (float) surprise);
            order[i] = Keys.of(-score, i);
        }
        for (int i = 0; i < size && !comparable; i++) {
            order[i] = Keys.of(0, i);
        }
        frontSort.begin(order, size);
        int sorted = 0;
        float sum = 0;
        int kept = 0;
        boolean enough = false;
        while (kept < size && !enough) {
            sorted = kept < sorted ? sorted : frontSort.sortTo(kept + 1);
            int index = Keys.id(order[kept]);
            order[kept++] = Keys.withId(survivors.keys()[index], idOf(index));
            sum += probabilityAt(index);
            enough = sum > mass && kept >= minKeep;
        }
        System.arraycopy(order, 0, survivors.keys(), 0, kept);
        survivors.keepFirst(kept);
        lazySort.forget();
        changed();
    }

    @Override
    void cutToSurprise(float bits) {
        sort();
        softmax();
        int kept = 0;
        while (kept < survivors.size() && !(-math.log2(probabilityAt(kept)) > bits)) {
            kept++;
        }
        keepFirst(Math.max(kept, 1));
        // The weights of those that stay are the same.
        normalized = false;
    }

    @Override
    void cutFirst(int count) {
        gatherOpen();
        lazySort.settleBorder(survivors.keys(), survivors.size(), count);
        survivors.dropFirst(count);
        lazySort.dropFirst(count);
        changed();
    }

    @Override
    public double entropy() {
        softmax();
        int size = size();
        // What is added is p log(p), of which the logarithm is at most that of p and this.
        double logOfFactor = LOG_OF_GREATEST_SURPRISE - LN_2 * Math.getExponent(softmaxSum);
        float entropy = 0;
        for (int from = 0; from < size; from += BLOCK) {
            int found = findAtLeast(leastThatCounts(entropy, logOfFactor), from, Math.min(from + BLOCK, size));
            for (int i = 0; i < found; i++) {
                float p = probabilityAt(block[i]);
                if (p > 0) {
                    entropy -= p * math.log(p);
                }
            }
        }
        return entropy;
    }

    /// For reports, not for the token: in doubles, and of logits at infinity each weighs one.
    @Override
    double logTotal() {
        float max = greatest();
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            float logit = logitAt(i);
            sum += logit == max ? 1 : StrictMath.exp((double) logit - max);
        }
        return StrictMath.log(sum);
    }

    @Override
    public float deviation() {
        float[] all = logits();
        int size = size();
        float sum = 0;
        long count = 0;
        for (int i = 0; i < size; i++) {
            float logit = all[i];
            if (logit != Float.NEGATIVE_INFINITY) {
                sum += logit;
                count++;
            }
        }
        float mean = count > 0 ? sum / count : 0;
        float squares = 0;
        for (int i = 0; i < size; i++) {
            float logit = all[i];
            if (logit != Float.NEGATIVE_INFINITY) {
                double distance = logit - mean;
                squares = (float) (squares + distance * distance);
            }
        }
        return count > 0 ? (float) Math.sqrt(squares / count) : 0;
    }

    @Override
    double rowProbability(int id) {
        softmax();
        return probabilityAt(id);
    }

    @Override
    double survivorProbability(int index) {
        softmax();
        return probabilityAt(index);
    }

    @Override
    public float logRatio(int index, int other) {
        gatherOpen();
        softmax();
        return math.log(probabilityAt(index) / probabilityAt(other));
    }

    @Override
    int drawSum(double u) {
        int size = size();
        if (size == 1) {
            return idAt(0);
        }
        float[] all = logits();
        float max = maxOfLogits();
        double total = 0;
        double[] weights = sums();
        for (int i = 0; i < size; i++) {
            weights[i] = math.exp(all[i] - max);
            total += weights[i];
        }
        double target = total * u;
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += weights[i];
            if (sum >= target) {
                return idOf(i);
            }
        }
        return idOf(size - 1);
    }

    @Override
    int drawDiscrete(double u) {
        softmax();
        int size = size();
        double[] cumulative = sums();
        double total = 0;
        for (int i = 0; i < size; i++) {
            cumulative[i] = probabilityAt(i);
            total += cumulative[i];
        }
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += cumulative[i] / total;
            cumulative[i] = sum;
        }
        cumulative[size - 1] = 1;
        int first = 0;
        for (int count = size; count > 0;) {
            int half = count >> 1;
            if (cumulative[first + half] < u) {
                first += half + 1;
                count -= half + 1;
            } else {
                count = half;
            }
        }
        return idOf(first);
    }

    /// llama.cpp's softmax without a sort: the maximum, and the sum of floats in the order of the candidates.
    private void softmax() {
        if (normalized) {
            return;
        }
        int size = size();
        if (!weighed) {
            logits();
            softmaxMax = maxOfLogits();
            if (weights.length < size) {
                weights = new float[vocabularySize()];
            }
            Arrays.fill(weights, 0, size, UNKNOWN);
            weighed = true;
        }
        float sum = 0;
        for (int from = 0; from < size; from += BLOCK) {
            int found = findAtLeast(leastThatCounts(sum, 0), from, Math.min(from + BLOCK, size));
            for (int i = 0; i < found; i++) {
                sum += weight(block[i]);
            }
        }
        softmaxSum = sum;
        normalized = true;
    }

    /// Of a candidate while [#weighed].
    private float weight(int index) {
        float weight = weights[index];
        if (weight == UNKNOWN) {
            weight = math.exp(logits[index] - softmaxMax);
            weights[index] = weight;
        }
        return weight;
    }

    /// A logit below which `exp(logit - max)`, times at most a factor, is less than half of the last bit of `sum`, so
    /// that adding it changes nothing. There is another bit to spare, for what functions of the host round.
    private float leastThatCounts(float sum, double logOfFactor) {
        float distance = (float) (LN_2 * (Math.getExponent(sum) - 25) - logOfFactor);
        float least = Math.nextDown(distance + softmaxMax);
        return Float.isFinite(sum) && Float.isFinite(least) ? least : Float.NEGATIVE_INFINITY;
    }

    /// Puts into [#block] which of the candidates `[from, to)` have a logit of `least` or more, and returns how many.
    private int findAtLeast(float least, int from, int to) {
        int found = 0;
        for (int i = from; i < to; i++) {
            block[found] = i;
            // NaN counts, too.
            found += logits[i] < least ? 0 : 1;
        }
        return found;
    }

    /// What llama.cpp takes for the greatest of [#logits].
    private float maxOfLogits() {
        if (uncut) {
            return row.max();
        }
        float max = logits[0];
        for (int i = 1; i < survivors.size() && !descending; i++) {
            max = logits[i] > max ? logits[i] : max;
        }
        return max;
    }

    /// After [#softmax], unless the order has changed since.
    private float probabilityAt(int index) {
        return weight(index) / softmaxSum;
    }

    /// After [#softmax] of the same logits in any order.
    private float probabilityOf(long key) {
        return math.exp(Keys.logit(key) - softmaxMax) / softmaxSum;
    }

    /// The logits in the order of the candidates, for sums that go over all of them one by one.
    private float[] logits() {
        if (logits.length < size()) {
            logits = new float[vocabularySize()];
        }
        if (uncut) {
            row.copyLogits(logits);
        } else {
            long[] keys = survivors.keys();
            for (int i = 0; i < survivors.size(); i++) {
                logits[i] = Keys.logit(keys[i]);
            }
        }
        return logits;
    }

    private long[] scratch() {
        if (scratch.length < survivors.size()) {
            scratch = new long[survivors.keys().length];
        }
        return scratch;
    }

    private double[] sums() {
        if (sums.length < size()) {
            sums = new double[vocabularySize()];
        }
        return sums;
    }
}
