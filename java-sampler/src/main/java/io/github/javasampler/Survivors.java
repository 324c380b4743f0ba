package io.github.javasampler;

import io.github.javasampler.kernel.KeySort;
import io.github.javasampler.kernel.Keys;
import io.github.javasampler.kernel.Weights;
import java.util.function.IntPredicate;

/// The candidates after the first cut: a key each, in an order that the draw walks along.
final class Survivors {
    private static final int FIRST_CAPACITY = 1024;

    private final KeySort sort = new KeySort();
    private long[] keys = new long[FIRST_CAPACITY];
    private long[] spare = new long[0];
    private long[] order = new long[0];
    private int size;
    private boolean descending;

    /// Takes what the row has of at least `threshold`, in order of id; returns how many that are.
    int collect(Row row, float threshold) {
        size = row.collect(threshold, keys);
        if (size > keys.length) {
            keys = new long[row.capacity()];
            size = row.collect(threshold, keys);
        }
        descending = false;
        return size;
    }

    int size() {
        return size;
    }

    int id(int index) {
        return Keys.id(keys[index]);
    }

    float logit(int index) {
        return Keys.logit(keys[index]);
    }

    boolean isDescending() {
        return descending;
    }

    /// Where `id` stands, or -1.
    int indexOf(int id) {
        for (int i = 0; i < size; i++) {
            if (Keys.id(keys[i]) == id) {
                return i;
            }
        }
        return -1;
    }

    /// Changes a logit; the order is then as it is, whatever the logits say.
    void set(int index, float logit) {
        keys[index] = Keys.of(logit, Keys.id(keys[index]));
        descending = false;
    }

    void scale(float divisor) {
        for (int i = 0; i < size; i++) {
            keys[i] = Keys.of(Keys.logit(keys[i]) / divisor, Keys.id(keys[i]));
        }
        if (descending) {
            // Division may have made equal what was not.
            sort.sort(keys, size);
        }
    }

    /// The index of the best.
    int best() {
        int best = 0;
        for (int i = 1; i < size && !descending; i++) {
            best = keys[i] < keys[best] ? i : best;
        }
        return best;
    }

    void sort() {
        if (!descending) {
            sort.sort(keys, size);
            descending = true;
        }
    }

    /// Keeps the first `count` in the order as it stands.
    void keepFirst(int count) {
        size = Math.min(count, size);
    }

    /// Drops the first `count` in the order as it stands.
    void dropFirst(int count) {
        System.arraycopy(keys, count, keys, 0, size - count);
        size -= count;
    }

    int countAtLeast(float threshold) {
        int count = 0;
        for (int i = 0; i < size; i++) {
            count += Keys.logit(keys[i]) >= threshold ? 1 : 0;
        }
        return count;
    }

    void keepAtLeast(float threshold) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (Keys.logit(keys[i]) >= threshold) {
                keys[kept++] = keys[i];
            }
        }
        size = kept;
    }

    /// Keeps those whose ids pass, and returns how many do; if none does, all stay.
    int keepIf(IntPredicate test) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (test.test(Keys.id(keys[i]))) {
                keys[kept++] = keys[i];
            }
        }
        size = kept == 0 ? size : kept;
        return kept;
    }

    /// Puts the candidates in ascending order of `scores`, one each; equal scores by id.
    void sortBy(float[] scores) {
        if (spare.length < size) {
            spare = new long[keys.length];
            order = new long[keys.length];
        }
        for (int i = 0; i < size; i++) {
            order[i] = Keys.of(-scores[i], i);
        }
        sort.sort(order, size);
        for (int i = 0; i < size; i++) {
            spare[i] = keys[Keys.id(order[i])];
        }
        System.arraycopy(spare, 0, keys, 0, size);
        descending = false;
    }

    long totalWeight(float max) {
        long total = 0;
        for (int i = 0; i < size; i++) {
            total += Weights.of(Keys.logit(keys[i]) - max);
        }
        return total;
    }

    /// How many of the first, at least `least`, weigh `target` together.
    int countOfMass(double target, int least, float max) {
        long sum = 0;
        int count = 0;
        while (count < size && (count < least || sum < target)) {
            sum += Weights.of(Keys.logit(keys[count++]) - max);
        }
        return count;
    }

    /// The token at which the running sum of weights reaches `target`.
    int draw(double target, float max) {
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
}
