package io.github.javasampler;

import io.github.javasampler.kernel.KernelProvider;
import io.github.javasampler.kernel.Kernels;
import io.github.javasampler.kernel.KeySort;
import io.github.javasampler.kernel.Keys;
import io.github.javasampler.kernel.Weights;

/// [Numerics#PORTABLE]: weights are whole numbers (see [Weights]), equal logits stand in the order of their ids.
final class PortableCandidates extends Candidates {
    /// How many of the best to look at first when mass is asked for, and how much further each time they fall short.
    private static final int FIRST_GUESS = 256;
    private static final int GUESS_GROWTH = 8;
    private static final double LN_UNITS = StrictMath.log(Weights.UNITS_PER_ONE);
    private static final double LN_2 = StrictMath.log(2);
    private static final long UNKNOWN = -1;

    private final KeySort sort = new KeySort();
    private long[] order = new long[0];
    private long[] spare = new long[0];
    /// The greatest logit and the sum of all weights relative to it; the sum is [#UNKNOWN] until somebody asks.
    private float totalMax;
    private long total;

    PortableCandidates(int vocabularySize, FloatMath math) {
        this(vocabularySize, math, KernelProvider.kernels());
    }

    PortableCandidates(int vocabularySize, FloatMath math, Kernels kernels) {
        super(new Row(vocabularySize, kernels), math);
    }

    @Override
    boolean takesInfinity() {
        return false;
    }

    @Override
    void changed() {
        total = UNKNOWN;
    }

    @Override
    void logitsMoved() {
        descending = false;
    }

    @Override
    public float max() {
        return uncut ? row.max() : survivors.logit(best());
    }

    /// Of several the one with the lowest id.
    @Override
    public int argmax() {
        if (uncut) {
            // Asking for the best cuts nothing: the survivors are only looked at.
            survivors.collect(row, row.max());
            return survivors.id(survivors.best());
        }
        return survivors.id(best());
    }

    private int best() {
        return descending ? 0 : survivors.best();
    }

    @Override
    void divide(float divisor) {
        // So close to 0 that the best logit would become infinite is 0.
        if (Float.isInfinite(max() / divisor)) {
            banAllButBest();
        } else if (uncut && row.canScale()) {
            row.scale(divisor);
        } else {
            gather();
            survivors.scale(divisor);
            if (descending) {
                // Division may have made equal what was not.
                sort.sort(survivors.keys(), survivors.size());
            }
        }
    }

    @Override
    public int countAtLeast(double probability) {
        double least = probability * total();
        int count = 0;
        for (int i = 0; i < size(); i++) {
            count += Weights.of(logitAt(i) - totalMax) >= least ? 1 : 0;
        }
        return count;
    }

    @Override
    public void sort() {
        gather();
        sortSurvivors();
    }

    private void sortSurvivors() {
        if (!descending) {
            sort.sort(survivors.keys(), survivors.size());
            descending = true;
        }
    }

    @Override
    void cutToTop(int k) {
        if (uncut) {
            survivors.collectTop(row, k);
            uncut = false;
        }
        sortSurvivors();
        survivors.keepFirst(k);
    }

    @Override
    void cutToNear(float offset, int minKeep) {
        float threshold = max() + offset;
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

    @Override
    void cutToMass(float mass, int minKeep) {
        double target = (double) mass * total();
        int guess = Math.max(FIRST_GUESS, minKeep);
        while (uncut) {
            int k = Math.min(guess, row.size());
            survivors.collectTop(row, k);
            uncut = weigh(survivors.size()) < target && survivors.size() < row.size();
            guess = (int) Math.min((long) k * GUESS_GROWTH, row.size());
        }
        sortSurvivors();
        survivors.keepFirst(countOfMass(target, Math.max(minKeep, 1)));
    }

    @Override
    void cutToNearest(double surprise, float mass, int minKeep) {
        double target = (double) mass * total();
        double logTotal = logTotal();
        int size = size();
        if (order.length < size) {
            order = new long[survivors.keys().length];
            spare = new long[order.length];
        }
        for (int i = 0; i < size; i++) {
            order[i] = Keys.of((float) -Math.abs(logTotal - (survivors.logit(i) - totalMax) - surprise), i);
        }
        sort.sort(order, size);
        long[] keys = survivors.keys();
        for (int i = 0; i < size; i++) {
            spare[i] = keys[Keys.id(order[i])];
        }
        System.arraycopy(spare, 0, keys, 0, size);
        survivors.keepFirst(countOfMass(Math.nextUp(target), Math.max(minKeep, 1)));
    }

    /// `-log2 p <= bits`, as a bound on the logit: `-ln p = logTotal - (logit - max)`.
    @Override
    void cutToSurprise(float bits) {
        float offset = (float) (logTotal() - LN_2 * bits);
        if (offset > 0) {
            // Not even the best is within it. Added to a great logit the offset would get lost.
            cutToTop(1);
        } else {
            cutToNear(offset, 1);
            sortSurvivors();
        }
    }

    /// How many of the first, at least `least`, weigh `target` together.
    private int countOfMass(double target, int least) {
        long sum = 0;
        int count = 0;
        while (count < survivors.size() && (count < least || sum < target)) {
            sum += weight(count++);
        }
        return count;
    }

    @Override
    public double entropy() {
        long total = total();
        long moments = 0;
        for (int i = 0; i < size(); i++) {
            moments += Weights.moment(logitAt(i) - totalMax);
        }
        return logTotal() - (double) moments / total;
    }

    @Override
    public float deviation() {
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
        return (float) Math.sqrt(squares / count);
    }

    @Override
    double probabilityAt(float logit) {
        long total = total();
        return (double) Weights.of(logit - totalMax) / total;
    }

    @Override
    public float logRatio(int index, int other) {
        return logit(index) - logit(other);
    }

    @Override
    int drawSum(double u) {
        if (max() == Float.NEGATIVE_INFINITY) {
            throw new SamplingException("at least one of the " + size() + " candidates must have a logit above "
                    + "-Infinity, none has; the stages before have banned them all");
        }
        if (uncut && row.isMasked()) {
            // What is masked weighs nothing.
            survivors.collectUnmasked(row);
            uncut = false;
        }
        double target = u * total();
        return uncut ? row.draw(target, totalMax) : drawSurvivor(target);
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

    private long weight(int index) {
        return Weights.of(survivors.logit(index) - totalMax);
    }

    private long weigh(int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += weight(i);
        }
        return sum;
    }

    /// The sum of all weights; afterwards [#totalMax] is known too.
    private long total() {
        if (total == UNKNOWN) {
            totalMax = max();
            if (uncut && row.isMasked()) {
                survivors.collectUnmasked(row);
                total = weigh(survivors.size());
            } else {
                total = uncut ? row.weigh(totalMax) : weigh(survivors.size());
            }
        }
        return total;
    }

    /// The logarithm of the sum of `exp(logit - max)`, in nats.
    private double logTotal() {
        return StrictMath.log(total()) - LN_UNITS;
    }
}
