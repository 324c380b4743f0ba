package io.github.javasampler.kernel;

import java.util.Arrays;

/// A few token ids, all different, in a list without gaps, and where each stands in it: by a hash with linear probing
/// (Knuth, TAOCP 3, 6.4, algorithms L and R).
public final class IdList {
    private static final int NONE = -1;
    private static final int GOLDEN_RATIO = 0x9E3779B9;

    private int size;
    private int[] ids;
    /// Indexes of ids; half of the slots at least stay free.
    private int[] slots;
    private int shift;

    /// @param capacity for how many ids to make room, at least 1
    public IdList(int capacity) {
        ids = new int[capacity];
        makeSlots();
    }

    private IdList(IdList source) {
        size = source.size;
        ids = source.ids.clone();
        slots = source.slots.clone();
        shift = source.shift;
    }

    /// Another list with the same ids.
    public IdList copy() {
        return new IdList(this);
    }

    /// How many ids there are.
    public int size() {
        return size;
    }

    /// How many there may be before the list grows.
    public int capacity() {
        return ids.length;
    }

    /// The id at an index in [0, size).
    public int id(int index) {
        return ids[index];
    }

    /// Where an id stands, or -1 if it is not in the list.
    public int indexOf(int id) {
        return slots[slot(id)];
    }

    /// Appends an id that is not in the list; returns its index.
    public int add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
            makeSlots();
        }
        ids[size] = id;
        slots[slot(id)] = size;
        return size++;
    }

    /// Takes the id at an index out; the last one takes its place.
    public void remove(int index) {
        free(slot(ids[index]));
        size--;
        if (index < size) {
            slots[slot(ids[size])] = index;
            ids[index] = ids[size];
        }
    }

    /// Takes all out.
    public void clear() {
        if (size > 0) {
            Arrays.fill(slots, NONE);
            size = 0;
        }
    }

    private void makeSlots() {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(2 * ids.length - 1);
        shift = Integer.SIZE - bits;
        slots = new int[1 << bits];
        Arrays.fill(slots, NONE);
        for (int i = 0; i < size; i++) {
            slots[slot(ids[i])] = i;
        }
    }

    private int home(int id) {
        return (id * GOLDEN_RATIO) >>> shift;
    }

    /// Where an id is, or may be put.
    private int slot(int id) {
        int slot = home(id);
        while (slots[slot] != NONE && ids[slots[slot]] != id) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private void free(int freed) {
        int mask = slots.length - 1;
        int hole = freed;
        for (int slot = (hole + 1) & mask; slots[slot] != NONE; slot = (slot + 1) & mask) {
            // An id may fill the hole unless its home lies behind it.
            if (((slot - home(ids[slots[slot]])) & mask) >= ((slot - hole) & mask)) {
                slots[hole] = slots[slot];
                hole = slot;
            }
        }
        slots[hole] = NONE;
    }
}
