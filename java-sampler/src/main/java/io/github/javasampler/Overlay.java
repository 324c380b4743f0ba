package io.github.javasampler;

import io.github.javasampler.kernel.KeySort;
import java.util.Arrays;

/// A few tokens of a row that have logits of their own, or are removed: in the order in which they came, found by a
/// hash of the id (Knuth, TAOCP 3, 6.4, linear probing), and in order of id for who asks.
final class Overlay {
    private static final int FIRST_CAPACITY = 64;
    private static final int FREE = -1;
    private static final int GOLDEN_RATIO = 0x9E3779B9;

    private final KeySort keySort = new KeySort();
    /// A bit for each token of the vocabulary: whether it is overlaid.
    private final long[] bits;
    private int size;
    private int[] ids = new int[FIRST_CAPACITY];
    /// At the pending temperature; NaN for tokens that are removed.
    private float[] logits = new float[FIRST_CAPACITY];
    /// What the row would have to hold for these logits.
    private float[] raws = new float[FIRST_CAPACITY];
    private int[] slots = freeSlots(FIRST_CAPACITY);
    /// Ids and indexes of those that were put in order.
    private long[] order = new long[FIRST_CAPACITY];

    Overlay(int vocabularySize) {
        bits = new long[(vocabularySize + Long.SIZE - 1) / Long.SIZE];
    }

    private static int[] freeSlots(int capacity) {
        int[] slots = new int[2 * capacity];
        Arrays.fill(slots, FREE);
        return slots;
    }

    void clear() {
        if (size > 0) {
            for (int i = 0; i < size; i++) {
                bits[ids[i] >> 6] = 0;
            }
            Arrays.fill(slots, FREE);
            size = 0;
        }
    }

    int size() {
        return size;
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
        return slots[slotOf(id)];
    }

    /// Adds a token that is not contained.
    void add(int id, float logit, float raw) {
        if (size == ids.length) {
            grow();
        }
        ids[size] = id;
        logits[size] = logit;
        raws[size] = raw;
        slots[slotOf(id)] = size;
        bits[id >> 6] |= 1L << id;
        size++;
    }

    void set(int index, float logit, float raw) {
        logits[index] = logit;
        raws[index] = raw;
    }

    void ban(int index) {
        set(index, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY);
    }

    void divide(float divisor) {
        for (int i = 0; i < size; i++) {
            logits[i] /= divisor;
        }
    }

    int id(int index) {
        return ids[index];
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
        for (int i = 0; i < size; i++) {
            order[i] = entry(i);
        }
        keySort.sort(order, size);
    }

    /// Puts the tokens with a logit of at least `threshold` in order of id, for [#inOrder]; returns how many these are.
    int orderAtLeast(float threshold) {
        int count = 0;
        for (int i = 0; i < size; i++) {
            if (logits[i] >= threshold) {
                order[count++] = entry(i);
            }
        }
        keySort.sort(order, count);
        return count;
    }

    private long entry(int index) {
        return (long) ids[index] << Integer.SIZE | index;
    }

    /// The index of the token with the `rank`-th lowest id, from 0 on, of those that were put in order last.
    int inOrder(int rank) {
        return (int) order[rank];
    }

    /// Where a token is, or may be put.
    private int slotOf(int id) {
        int mask = slots.length - 1;
        int slot = (id * GOLDEN_RATIO) >>> Integer.numberOfLeadingZeros(mask);
        while (slots[slot] != FREE && ids[slots[slot]] != id) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        int capacity = 2 * size;
        ids = Arrays.copyOf(ids, capacity);
        logits = Arrays.copyOf(logits, capacity);
        raws = Arrays.copyOf(raws, capacity);
        order = new long[capacity];
        slots = freeSlots(capacity);
        for (int i = 0; i < size; i++) {
            slots[slotOf(ids[i])] = i;
        }
    }
}
