package io.github.javasampler;

import io.github.javasampler.grammar.TokenMask;
import io.github.javasampler.kernel.Keys;
import java.util.function.IntPredicate;

/// The candidates after the first cut: a key each, in an order that the draw walks along.
final class Survivors {
    private static final int FIRST_CAPACITY = 1024;

    private long[] keys = new long[FIRST_CAPACITY];
    private int size;
    /// What the logits in the keys are still to be divided by.
    private float divisor = 1f;

    /// Takes what the row has of at least `threshold`, in order of id; returns how many that are.
    int collect(Row row, float threshold) {
        divisor = row.keyDivisor();
        size = row.collect(threshold, keys);
        if (size > keys.length) {
            keys = new long[row.capacity()];
            size = row.collect(threshold, keys);
        }
        return size;
    }

    /// Takes at least the best `k` of the row, in no particular order.
    void collectTop(Row row, int k) {
        divisor = row.keyDivisor();
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

    /// Takes candidates of somebody else, in their order.
    void take(int[] ids, float[] logits, int count) {
        keysFor(count);
        for (int i = 0; i < count; i++) {
            keys[i] = Keys.of(logits[i], ids[i]);
        }
        size = count;
        divisor = 1f;
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
        return Keys.logit(keys[index]) / divisor;
    }

    /// The logit that the key carries, before it is divided by [#divisor].
    float keyLogit(int index) {
        return Keys.logit(keys[index]);
    }

    float divisor() {
        return divisor;
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
        divideKeys();
        keys[index] = Keys.of(logit, Keys.id(keys[index]));
    }

    /// Notes down that every logit is to be divided once more.
    void scale(float by) {
        divideKeys();
        divisor = by;
    }

    /// Makes the keys carry the logits themselves.
    void divideKeys() {
        for (int i = 0; i < size && divisor != 1f; i++) {
            keys[i] = Keys.of(Keys.logit(keys[i]) / divisor, Keys.id(keys[i]));
        }
        divisor = 1f;
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
            count += logit(i) >= threshold ? 1 : 0;
        }
        return count;
    }

    void keepAtLeast(float threshold) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (logit(i) >= threshold) {
                keys[kept++] = keys[i];
            }
        }
        size = kept;
    }

    /// Lets logits below `threshold` become negative infinity.
    void maskBelow(float threshold) {
        for (int i = 0; i < size; i++) {
            if (logit(i) < threshold) {
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

    /// Lets the logits of tokens that are not allowed become negative infinity.
    void mask(TokenMask allowed) {
        for (int i = 0; i < size; i++) {
            if (!allowed.allows(id(i))) {
                set(i, Float.NEGATIVE_INFINITY);
            }
        }
    }

    /// Whether one is above negative infinity.
    boolean hasDrawable() {
        for (int i = 0; i < size; i++) {
            if (logit(i) > Float.NEGATIVE_INFINITY) {
                return true;
            }
        }
        return false;
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
        divisor = 1f;
    }
}
