package io.github.javasampler;

import io.github.javasampler.kernel.IdList;
import io.github.javasampler.kernel.KeySort;
import java.util.Arrays;

/// A few tokens of a row that have logits of their own, or are removed: in the order in which they came, and in order
/// of id for who asks.
final class Overlay {
    private static final int FIRST_CAPACITY = 64;

    private final KeySort keySort = new KeySort();
    /// A bit for each token of the vocabulary: whether it is overlaid.
    private final long[] bits;
    private final IdList ids = new IdList(FIRST_CAPACITY);
    /// At the pending temperature; NaN for tokens that are removed.
    private float[] logits = new float[FIRST_CAPACITY];
    /// What the row would have to hold for these logits.
    private float[] raws = new float[FIRST_CAPACITY];
    /// Ids and indexes of those that were put in order.
    private long[] order = new long[FIRST_CAPACITY];

    Overlay(int vocabularySize) {
        bits = new long[(vocabularySize + Long.SIZE - 1) / Long.SIZE];
    }

    void clear() {
        for (int i = 0; i < ids.size(); i++) {
            bits[ids.id(i) >> 6] = 0;
        }
        ids.clear();
    }

    int size() {
        return ids.size();
    }

    boolean contains(int id) {
        return (bits[id >> 6] >>> id & 1) != 0;
    }

    /// Whether one of the ids `[from, to)` is contained.
    boolean containsAny(int from, int to) {
        for (int id = from; id < to; id = (id | Long.SIZE - 1) + 1) {
            long upTo = to - id < Long.SIZE ? (1L << to - id) - 1 : -1;
            if ((bits[id >> 6] >>> id & upTo) != 0) {
                return true;
            }
        }
        return false;
    }

    /// The index of a token that is contained.
    int indexOf(int id) {
        return ids.indexOf(id);
    }

    /// Adds a token that is not contained.
    void add(int id, float logit, float raw) {
        int index = ids.add(id);
        if (index == logits.length) {
            int capacity = ids.capacity();
            logits = Arrays.copyOf(logits, capacity);
            raws = Arrays.copyOf(raws, capacity);
            order = new long[capacity];
        }
        set(index, logit, raw);
        bits[id >> 6] |= 1L << id;
    }

    void set(int index, float logit, float raw) {
        logits[index] = logit;
        raws[index] = raw;
    }

    void ban(int index) {
        set(index, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY);
    }

    void divide(float divisor) {
        for (int i = 0; i < ids.size(); i++) {
            logits[i] /= divisor;
        }
    }

    int id(int index) {
        return ids.id(index);
    }

    /// At the pending temperature; NaN if the token is removed.
    float logit(int index) {
        return logits[index];
    }

    /// What the row would have to hold; NaN if the token is removed.
    float raw(int index) {
        return raws[index];
    }

    /// Puts all tokens in order of id, for [#inOrder].
    void orderAll() {
        for (int i = 0; i < ids.size(); i++) {
            order[i] = entry(i);
        }
        keySort.sort(order, ids.size());
    }

    /// Puts the tokens with a logit of at least `threshold` in order of id, for [#inOrder]; returns how many these are.
    int orderAtLeast(float threshold) {
        int count = 0;
        for (int i = 0; i < ids.size(); i++) {
            if (logits[i] >= threshold) {
                order[count++] = entry(i);
            }
        }
        keySort.sort(order, count);
        return count;
    }

    private long entry(int index) {
        return (long) ids.id(index) << Integer.SIZE | index;
    }

    /// The index of the token with the `rank`-th lowest id, from 0 on, of those that were put in order last.
    int inOrder(int rank) {
        return (int) order[rank];
    }
}
