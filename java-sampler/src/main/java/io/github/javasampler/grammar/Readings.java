package io.github.javasampler.grammar;

import java.util.Arrays;

/// What is still to be read: a place in a text, as a number, and the stack to read on from there; each once. Scratch,
/// which makes no garbage once it is big enough.
final class Readings {
    /// A pair's key is never this one.
    private static final long FREE = -1;

    private int[] places = new int[64];
    private Frame[] stacks = new Frame[64];
    private int size;
    private long[] seen = new long[128];
    private int seenCount;

    Readings() {
        Arrays.fill(seen, FREE);
    }

    /// Forgets all.
    void clear() {
        if (seenCount > 0) {
            Arrays.fill(seen, FREE);
            seenCount = 0;
        }
        size = 0;
    }

    /// Adds a pair unless it was there before, done or not.
    ///
    /// @param place at least 0
    void add(int place, Frame stack) {
        if (!see((long) place << Integer.SIZE | stack.id)) {
            return;
        }
        if (size == places.length) {
            places = Arrays.copyOf(places, 2 * size);
            stacks = Arrays.copyOf(stacks, 2 * size);
        }
        places[size] = place;
        stacks[size++] = stack;
    }

    /// Whether there is one left, which is the current one from now on.
    boolean next() {
        return size-- > 0;
    }

    int place() {
        return places[size];
    }

    Frame stack() {
        return stacks[size];
    }

    private boolean see(long key) {
        int slot = slot(key);
        while (seen[slot] != FREE) {
            if (seen[slot] == key) {
                return false;
            }
            slot = slot + 1 & seen.length - 1;
        }
        seen[slot] = key;
        if (2 * ++seenCount > seen.length) {
            long[] old = seen;
            seen = new long[2 * old.length];
            Arrays.fill(seen, FREE);
            for (long known : old) {
                if (known != FREE) {
                    int free = slot(known);
                    while (seen[free] != FREE) {
                        free = free + 1 & seen.length - 1;
                    }
                    seen[free] = known;
                }
            }
        }
        return true;
    }

    private int slot(long key) {
        long mixed = key * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> Integer.SIZE) & seen.length - 1;
    }
}
