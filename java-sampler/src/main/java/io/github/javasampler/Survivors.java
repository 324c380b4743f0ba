package io.github.javasampler;

import io.github.javasampler.kernel.Keys;
import io.github.javasampler.kernel.Weights;
import java.util.function.IntPredicate;

/// The candidates after the first cut: a key each, in an order that the draw walks along.
final class Survivors {
    private static final int FIRST_CAPACITY = 1024;

    private long[] keys = new long[FIRST_CAPACITY];
    private int size;

    /// Takes what the row has of at least `threshold`, in order of id; returns how many that are.
    int collect(Row row, float threshold) {
        size = row.collect(threshold, keys);
        if (size > keys.length) {
            keys = new long[row.capacity()];
            size = row.collect(threshold, keys);
        }
        return size;
    }

    /// Takes at least the best `k` of the row, in no particular order.
    void collectTop(Row row, int k) {
        size = row.collectTop(k, keys);
        if (size > keys.length) {
            keys = new long[row.capacity()];
            size = row.collectTop(k, keys);
        }
    }

    /// Takes what the row has above negative infinity, in order of id.
    void collectUnmasked(Row row) {
        collect(row, -Float.MAX_VALUE);
    }

    /// The keys themselves, of which the first [#size] count.
    long[] keys() {
        return keys;
    }

    /// The keys themselves, with room for `capacity` of them; what they hold is to be overwritten.
    long[] keysFor(int capacity) {
        if (keys.length < capacity) {
            keys = new long[capacity];
        }
        return keys;
    }

    int size() {
        return size;
    }

    void size(int count) {
        size = count;
    }

    int id(int index) {
        return Keys.id(keys[index]);
    }

    float logit(int index) {
        return Keys.logit(keys[index]);
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

    void set(int index, float logit) {
        keys[index] = Keys.of(logit, Keys.id(keys[index]));
    }

    void scale(float divisor) {
        for (int i = 0; i < size; i++) {
            keys[i] = Keys.of(Keys.logit(keys[i]) / divisor, Keys.id(keys[i]));
        }
    }

    /// The index of the greatest logit; of several that of the lowest id.
    int best() {
        int best = 0;
        for (int i = 1; i < size; i++) {
            best = keys[i] < keys[best] ? i : best;
        }
        return best;
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

    /// The sum of `exp(logit - max)`, in the order as it stands.
    double sumOfWeights(float max) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += Weights.unrounded(Keys.logit(keys[i]), max);
        }
        return sum;
    }

    /// Lets logits below `threshold` become negative infinity.
    void maskBelow(float threshold) {
        for (int i = 0; i < size; i++) {
            if (Keys.logit(keys[i]) < threshold) {
                set(i, Float.NEGATIVE_INFINITY);
            }
        }
    }

    /// Lets all logits but that at `index` become negative infinity.
    void maskAllBut(int index) {
        for (int i = 0; i < size; i++) {
            if (i != index) {
                set(i, Float.NEGATIVE_INFINITY);
            }
        }
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

    /// Leaves one candidate.
    void replaceBy(int id, float logit) {
        keys[0] = Keys.of(logit, id);
        size = 1;
    }
}
