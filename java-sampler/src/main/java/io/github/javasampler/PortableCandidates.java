package io.github.javasampler;

import static io.github.javasampler.kernel.KernelProvider.keyKernels;

import io.github.javasampler.kernel.KernelProvider;
import io.github.javasampler.kernel.Kernels;
import io.github.javasampler.kernel.KeySort;
import io.github.javasampler.kernel.Keys;
import io.github.javasampler.kernel.MassSelect;
import io.github.javasampler.kernel.Moments;
import io.github.javasampler.kernel.Weights;
import java.util.Arrays;
import java.util.function.Supplier;

/// [Numerics#PORTABLE]: weights are whole numbers (see [Weights]), equal logits stand in the order of their ids.
///
/// Sorting is deferred too. `descending` says in which order the candidates count as standing, `sorted` whether the
/// survivors really stand so; a cut by mass and a draw need only the one candidate where a sum is reached, which is
/// found among a few of the best. While the candidates are still the row, the survivors are a view of some of them.
final class PortableCandidates extends Candidates {
    /// How far below the best, in nats, to look first where mass is asked for, and how much further then.
    private static final float FIRST_REACH = 6f;
    private static final float REACH_STEP = 1.5f;
    /// So many times the error of an estimate should a candidate weigh for the estimate to tell it from the next.
    private static final double LIKELY_STEP = 8;
    /// How far from what is typical, in nats, to look first.
    private static final float FIRST_RADIUS = 3f;
    /// Nothing beyond this weighs anything.
    private static final float FARTHEST = 32f;
    /// Few enough to sort at once.
    private static final int FEW = 64;
    private static final int FIRST_PREFIX = 32;
    private static final double LN_2 = StrictMath.log(2);
    private static final long UNKNOWN = -1;

    private final KeySort sort = new KeySort();
    private final CloseCalls closeCalls = new CloseCalls();
    private final RowWeights rowWeights = new RowWeights(row);
    private final MassSelect massSelect = new MassSelect();
    private long[] weights = new long[FEW];
    private long[] scores = new long[0];
    private long[] spare = new long[0];
    private boolean sorted;
    /// Whether [#weights] are those of the survivors, in their order.
    private boolean weighed;
    /// How many of the best the view holds, in order.
    private int prefix;
    /// Whether the mass that was asked for last lay near the best, or probably so: then it is looked for there first,
    /// without a sample. It changes no result, only the time.
    private boolean nearSuffices = true;

    /// The sum of all weights, [#UNKNOWN] until somebody asks. The weight of a survivor is that of
    /// `(logit of its key - best) * factor`.
    private long total;
    /// The sums of `2^y * y`, a whole number like [#total], and of `2^y * y^2`.
    private boolean hasMoments;
    private long firstMoment;
    private double secondMoment;
    private float best;
    private float factor;

    PortableCandidates(int vocabularySize, FloatMath math) {
        this(vocabularySize, math, KernelProvider::kernels);
    }

    /// @param kernels asked for each row
    PortableCandidates(int vocabularySize, FloatMath math, Supplier<Kernels> kernels) {
        super(new Row(vocabularySize, kernels, true), math);
    }

    @Override
    boolean takesInfinity() {
        return false;
    }

    @Override
    void changed() {
        total = UNKNOWN;
        hasMoments = false;
        prefix = 0;
        weighed = false;
    }

    /// What is said of the order counts only if it is true.
    @Override
    void taken(boolean ordered) {
        descending &= ordered;
        sorted = descending;
    }

    /// The survivors are to stand where they did before the logit changes.
    @Override
    void beforeSet() {
        if (descending) {
            gather();
        }
    }

    @Override
    void logitsMoved() {
        descending = false;
        sorted = false;
    }

    @Override
    void gather() {
        if (uncut) {
            super.gather();
            sorted = false;
            weighed = false;
            prefix = 0;
        }
        if (descending && !sorted) {
            sort.sort(survivors.keys(), survivors.size());
            sorted = true;
            weighed = false;
        }
    }

    /// Of a row in descending order the best are enough.
    @Override
    void bring(int index) {
        if (!uncut || !descending) {
            gather();
        } else if (index >= prefix) {
            prefix = Math.min(Math.max(2 * index, FIRST_PREFIX), row.size());
            survivors.collectTop(row, prefix);
            sort.sort(survivors.keys(), survivors.size());
            weighed = false;
        }
    }

    /// Lets the view hold what is at most `reach` nats below the best, in order of id.
    private void look(double reach) {
        prefix = 0;
        weighed = false;
        survivors.collect(row, reach > FARTHEST ? Float.NEGATIVE_INFINITY : row.max() - (float) reach);
    }

    @Override
    public float max() {
        return uncut ? row.max() : survivors.logit(indexOfBest());
    }

    /// Of several the one with the lowest id.
    @Override
    public int argmax() {
        if (uncut) {
            look(0);
            return survivors.id(survivors.best());
        }
        return survivors.id(indexOfBest());
    }

    private int indexOfBest() {
        return sorted ? 0 : survivors.best();
    }

    @Override
    void divide(float divisor) {
        if (Float.isInfinite(max() / divisor)) {
            // So close to 0 that the best logit would become infinite is 0.
            banAllButBest();
        } else if (uncut && row.canScale()) {
            row.scale(divisor);
        } else {
            gather();
            survivors.scale(divisor);
        }
    }

    @Override
    public int countAtLeast(double probability) {
        double least = probability * total();
        if (uncut) {
            look(1 - StrictMath.log(least / Weights.UNITS_PER_ONE));
        }
        int count = 0;
        for (int i = 0; i < survivors.size(); i++) {
            count += weight(i) >= least ? 1 : 0;
        }
        return count;
    }

    @Override
    public void sort() {
        if (!descending) {
            descending = true;
            sorted = false;
        }
    }

    @Override
    void cutToTop(int k) {
        if (uncut) {
            survivors.collectTop(row, k);
            uncut = false;
            sorted = false;
            weighed = false;
        }
        sort();
        gather();
        survivors.keepFirst(k);
    }

    @Override
    void cutFirst(int count) {
        if (!uncut || !descending) {
            super.cutFirst(count);
            changed();
            return;
        }
        bring(count - 1);
        long left = total;
        for (int i = 0; i < count; i++) {
            left -= total == UNKNOWN ? 0 : weight(i);
            row.remove(survivors.id(i));
        }
        changed();
        // Whole numbers: what is left of the sum is the sum of what is left.
        total = left;
    }

    @Override
    void cutToNear(float offset, int minKeep) {
        float threshold = max() + offset;
        int least = Math.max(minKeep, 1);
        if (uncut) {
            sorted = false;
            uncut = survivors.collect(row, threshold) < least;
            if (uncut) {
                cutToTop(Math.min(least, size()));
            }
        } else if (survivors.countAtLeast(threshold) < least) {
            cutToTop(Math.min(least, size()));
        } else {
            survivors.keepAtLeast(threshold);
        }
    }

    @Override
    void cutToMass(float mass, int minKeep) {
        if (uncut) {
            long last = findInRow(mass);
            sort();
            if (keepUpTo(last) < minKeep) {
                cutToTop(Math.min(minKeep, size()));
                changed();
            }
            uncut = false;
            return;
        }
        double target = (double) mass * total();
        sort();
        if (minKeep > 1 || sorted || survivors.size() <= FEW) {
            gather();
            survivors.keepFirst(Math.max(countMass(target), minKeep));
            changed();
            return;
        }
        if (!weighed) {
            weigh();
        }
        keepUpTo(massSelect.find(keyKernels(), survivors.keys(), weights, survivors.size(), target));
    }

    /// After [MassSelect#find]: keeps the weighed survivors up to the one that it found; returns how many these are.
    private int keepUpTo(long last) {
        long[] keys = survivors.keys();
        int kept = keyKernels().select(keys, weights, survivors.size(), Long.MIN_VALUE, last, keys, weights);
        survivors.size(kept);
        changed();
        weighed = true;
        total = massSelect.sum();
        return kept;
    }

    /// The key at which the sum over the row's best reaches a share of all, with a view of those before it: by bounds
    /// of the total, unless that is too close to call.
    ///
    /// @param share in [0, 1]
    private long findInRow(double share) {
        if (estimateIsWorthwhile()) {
            useScaleOfRow();
            double estimate = rowWeights.estimate();
            double error = rowWeights.errorOf(estimate);
            double high = share * (estimate + error);
            if (lookForMass(high, estimate - high, LIKELY_STEP * error)) {
                long last = massSelect.find(keyKernels(), survivors.keys(), weights, survivors.size(),
                        share * (estimate - error));
                if (massSelect.sum() >= high) {
                    closeCalls.decided();
                    return last;
                }
            }
            closeCalls.tooClose();
        }
        double target = share * total();
        lookForMass(target, total - target, 0);
        return massSelect.find(keyKernels(), survivors.keys(), weights, survivors.size(), target);
    }

    private boolean estimateIsWorthwhile() {
        return total == UNKNOWN && rowWeights.canEstimate() && closeCalls.mayDecide();
    }

    /// Lets the view hold enough of the best to weigh `target`: some that lie near, else as many as a sample tells.
    ///
    /// @param rest about what the others weigh
    /// @param leastStep what the last of them should weigh
    /// @return false if they probably weigh less, and were not looked for
    private boolean lookForMass(double target, double rest, double leastStep) {
        if (nearSuffices) {
            look(FIRST_REACH);
            if (weigh() >= target) {
                return true;
            }
        }
        double sampled = rowWeights.reachOfTail(rest);
        double reach = nearSuffices ? Math.max(sampled, FIRST_REACH + REACH_STEP) : sampled;
        nearSuffices = sampled <= FIRST_REACH;
        if (Weights.of((float) (-reach / LN_2)) < leastStep) {
            return false;
        }
        look(reach);
        while (weigh() < target && reach <= FARTHEST) {
            reach += REACH_STEP;
            look(reach);
        }
        return true;
    }

    /// How many of the best survivors, which are sorted, weigh `target` together.
    private int countMass(double target) {
        long sum = 0;
        for (int i = 0; i < survivors.size(); i++) {
            sum += weight(i);
            if (sum >= target) {
                return i + 1;
            }
        }
        return survivors.size();
    }

    /// The token at which the sum over the best survivors reaches `target`.
    private int drawBest(double target) {
        if (sorted) {
            return survivors.id(countMass(target) - 1);
        }
        if (!weighed) {
            weigh();
        }
        return Keys.id(massSelect.find(keyKernels(), survivors.keys(), weights, survivors.size(), target));
    }

    @Override
    void cutToNearest(double surprise, float mass, int minKeep) {
        double target = Math.nextUp((double) mass * total());
        double centre = logWeights() - surprise;
        int size;
        if (uncut) {
            size = lookForNearest(centre, target, minKeep);
            uncut = false;
        } else {
            gather();
            size = score(centre, Double.POSITIVE_INFINITY);
        }
        sorted = false;
        long last = massSelect.find(keyKernels(), scores, weights, size, target);
        int kept = size;
        if (minKeep > 1) {
            sort.sort(scores, size);
            kept = Math.clamp(Arrays.binarySearch(scores, 0, size, last) + 1, Math.min(minKeep, size), size);
        } else {
            kept = keyKernels().select(scores, weights, size, Long.MIN_VALUE, last, scores, weights);
            sort.sort(scores, kept);
        }
        long[] keys = survivors.keys();
        for (int i = 0; i < kept; i++) {
            spare[i] = keys[Keys.id(scores[i])];
        }
        System.arraycopy(spare, 0, keys, 0, kept);
        survivors.size(kept);
        changed();
    }

    /// Lets the view hold all that is nearer to `centre`, in nats below the best, than what is needed; returns how many
    /// have a score.
    private int lookForNearest(double centre, double target, int minKeep) {
        double radius = FIRST_RADIUS;
        look(radius - centre);
        while (radius <= FARTHEST && weighBand(centre, radius, minKeep) < target) {
            radius += REACH_STEP;
            look(radius - centre);
        }
        // Of two that are as near the better comes first.
        sort.sort(survivors.keys(), survivors.size());
        return score(centre, radius > FARTHEST ? Double.POSITIVE_INFINITY : radius);
    }

    /// The sum of what is at most `radius` from `centre`; -1 if these are fewer than `minKeep`.
    private long weighBand(double centre, double radius, int minKeep) {
        long sum = 0;
        int count = 0;
        for (int i = 0; i < survivors.size(); i++) {
            float y = exponent(i);
            if ((float) Math.abs(y * LN_2 - centre) <= radius) {
                sum += Weights.of(y);
                count++;
            }
        }
        return count < minKeep ? -1 : sum;
    }

    /// Scores the survivors at most `radius` from `centre`, a negative number of nats, and weighs those; returns how
    /// many they are.
    private int score(double centre, double radius) {
        int size = survivors.size();
        weighed = false;
        if (scores.length < size || weights.length < size) {
            scores = new long[survivors.keys().length];
            spare = new long[scores.length];
            weights = new long[scores.length];
        }
        int count = 0;
        for (int i = 0; i < size; i++) {
            float y = exponent(i);
            float score = (float) Math.abs(y * LN_2 - centre);
            if (score <= radius) {
                weights[count] = Weights.of(y);
                scores[count++] = Keys.of(-score, i);
            }
        }
        return count;
    }

    /// `-log2 p <= bits`, as a distance from the best: `-ln p = logTotal - (logit - max)`.
    @Override
    void cutToSurprise(float bits) {
        double reach = LN_2 * bits - logTotal();
        if (reach < 0) {
            // Not even the best is within it. Taken off a great logit it would get lost.
            keepTop(1);
        } else if (reach <= FARTHEST) {
            // Farther away nothing weighs anything, so there would be nothing to gain.
            keepNear((float) reach, 1);
        }
        sort();
    }

    @Override
    public double entropy() {
        weighMoments();
        return logWeights() - LN_2 * firstMoment / total;
    }

    /// The variance of the candidates' surprise, in nats squared.
    double varentropy() {
        weighMoments();
        double mean = (double) firstMoment / total;
        // Rounding may leave a little less than nothing.
        return LN_2 * LN_2 * Math.max(Math.rint(secondMoment * Weights.UNITS_PER_ONE) / total - mean * mean, 0);
    }

    private void weighMoments() {
        if (hasMoments) {
            return;
        }
        hasMoments = true;
        if (uncut && !row.isMasked()) {
            useScaleOfRow();
            Moments moments = rowWeights.weighMoments();
            total = moments.total();
            firstMoment = moments.first();
            secondMoment = moments.second();
            return;
        }
        total();
        firstMoment = 0;
        long squares = 0;
        for (int i = 0; i < survivors.size(); i++) {
            float y = exponent(i);
            firstMoment += Weights.moment(y);
            squares += Weights.square(y);
        }
        secondMoment = (double) squares / Weights.UNITS_PER_ONE;
    }

    @Override
    public float deviation() {
        float ofRow = uncut && !row.isMasked() ? row.deviation() : Float.NaN;
        return ofRow == ofRow ? ofRow : deviationOneByOne();
    }

    private float deviationOneByOne() {
        // What is masked does not count, so a view of the rest will do.
        boolean view = uncut && row.isMasked();
        if (view) {
            prefix = 0;
            weighed = false;
            survivors.collectUnmasked(row);
        }
        int end = view ? survivors.size() : end();
        double sum = 0;
        int count = 0;
        for (int i = 0; i < end; i++) {
            float logit = view ? survivors.logit(i) : logitAt(i);
            if (logit != Float.NEGATIVE_INFINITY) {
                sum += logit;
                count++;
            }
        }
        double mean = sum / count;
        double squares = 0;
        for (int i = 0; i < end; i++) {
            float logit = view ? survivors.logit(i) : logitAt(i);
            if (logit != Float.NEGATIVE_INFINITY) {
                squares += (logit - mean) * (logit - mean);
            }
        }
        return (float) Math.sqrt(squares / count);
    }

    @Override
    double rowProbability(int id) {
        long sum = total();
        return (double) rowWeights.weight(id) / sum;
    }

    @Override
    double survivorProbability(int index) {
        long sum = total();
        if (uncut) {
            // The sum over a masked row takes a view of its own.
            bring(index);
        }
        return (double) weight(index) / sum;
    }

    @Override
    public float logRatio(int index, int other) {
        return logit(index) - logit(other);
    }

    @Override
    int drawSum(double u) {
        if (total <= 0 && max() == Float.NEGATIVE_INFINITY) {
            throw new SamplingException("at least one of the " + size() + " candidates must have a logit above "
                    + "-Infinity, none has; the stages before have banned them all");
        }
        if (uncut && descending) {
            return Keys.id(findInRow(u));
        }
        if (uncut && estimateIsWorthwhile()) {
            useScaleOfRow();
            rowWeights.estimate();
            int token = rowWeights.drawEstimated(u);
            if (token >= 0) {
                closeCalls.decided();
                return token;
            }
            closeCalls.tooClose();
        }
        double target = u * total();
        if (descending) {
            return drawBest(Math.max(target, 1));
        }
        if (uncut && row.isMasked()) {
            // What is masked weighs nothing, so a view of the rest will do.
            survivors.collectUnmasked(row);
            weighed = false;
            return drawSurvivor(target);
        }
        return uncut ? rowWeights.draw(target) : drawSurvivor(target);
    }

    @Override
    int drawDiscrete(double u) {
        return drawSum(u);
    }

    /// The token at which the running sum of weights reaches `target`.
    private int drawSurvivor(double target) {
        long sum = 0;
        int last = 0;
        for (int i = 0; i < survivors.size(); i++) {
            long weight = weight(i);
            sum += weight;
            if (weight > 0) {
                last = i;
                if (sum >= target) {
                    break;
                }
            }
        }
        return survivors.id(last);
    }

    private float exponent(int index) {
        return Weights.exponent(survivors.keyLogit(index), best, factor);
    }

    private long weight(int index) {
        return Weights.of(exponent(index));
    }

    /// Weighs the survivors; returns the sum.
    private long weigh() {
        int size = survivors.size();
        if (weights.length < size) {
            weights = new long[survivors.keys().length];
        }
        weighed = true;
        return keyKernels().weigh(survivors.keys(), size, best, factor, weights);
    }

    /// The sum of all weights; afterwards those of single candidates can be had.
    private long total() {
        if (total != UNKNOWN) {
            return total;
        }
        if (uncut) {
            useScaleOfRow();
            if (row.isMasked()) {
                prefix = 0;
                survivors.collectUnmasked(row);
                total = weigh();
            } else {
                total = rowWeights.weigh();
            }
        } else {
            useScaleOf(survivors.keyLogit(indexOfBest()), Weights.factor(survivors.divisor()));
            total = weigh();
        }
        return total;
    }

    private void useScaleOfRow() {
        rowWeights.setReference();
        useScaleOf(rowWeights.best(), rowWeights.factor());
    }

    private void useScaleOf(float newBest, float newFactor) {
        best = newBest;
        factor = newFactor;
    }

    /// The logarithm of the sum of weights, which is relative to the logit that they are.
    private double logWeights() {
        return StrictMath.log((double) total() / Weights.UNITS_PER_ONE);
    }

    /// The weights may still be relative to a logit that [#cutFirst] has taken away.
    @Override
    double logTotal() {
        double logWeights = logWeights();
        double greatest = uncut ? row.keyMax() : survivors.keyLogit(indexOfBest());
        return greatest == best ? logWeights : logWeights - LN_2 * (greatest - best) * factor;
    }
}
