package io.github.javasampler.sampler;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/// The last tokens of a sequence, and how often each stands among them. Fixed memory: a ring, and a hash table with
/// linear probing (Knuth, TAOCP 3, 6.4, algorithms L and R).
final class TokenHistory {
    private static final int FREE = -1;
    private static final int GOLDEN_RATIO = 0x9E3779B9;

    private final int[] ring;
    private final int[] tokens;
    private final int[] counts;
    private final int shift;
    private int size;
    private int next;

    /// @param capacity how many tokens to remember, at least 1
    TokenHistory(int capacity) {
        ring = new int[capacity];
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(capacity) + 1;
        tokens = new int[1 << bits];
        counts = new int[1 << bits];
        shift = Integer.SIZE - bits;
        Arrays.fill(tokens, FREE);
    }

    private TokenHistory(TokenHistory source) {
        ring = source.ring.clone();
        tokens = source.tokens.clone();
        counts = source.counts.clone();
        shift = source.shift;
        size = source.size;
        next = source.next;
    }

    TokenHistory copy() {
        return new TokenHistory(this);
    }

    void clear() {
        Arrays.fill(tokens, FREE);
        size = 0;
        next = 0;
    }

    /// Appends a token; the oldest is forgotten where there is no room.
    void add(int token) {
        if (size == ring.length) {
            forget(ring[next]);
        } else {
            size++;
        }
        ring[next] = token;
        next = (next + 1) % ring.length;
        int slot = slot(token);
        if (tokens[slot] == FREE) {
            tokens[slot] = token;
            counts[slot] = 0;
        }
        counts[slot]++;
    }

    /// Writes how many tokens there are, then these, the oldest first.
    void save(DataOutput out) throws IOException {
        out.writeInt(size);
        for (int i = 0; i < size; i++) {
            out.writeInt(ring[(next + ring.length - size + i) % ring.length]);
        }
    }

    /// Holds from now on what was saved.
    ///
    /// @param vocabularySize tokens must be below
    /// @throws IOException if `in` ends too early, or holds too many tokens or such that do not exist
    void restore(DataInput in, int vocabularySize) throws IOException {
        clear();
        int count = in.readInt();
        if (count < 0 || count > ring.length) {
            throw new IOException("a history must have [0, " + ring.length + "] tokens, got " + count);
        }
        for (int i = 0; i < count; i++) {
            int token = in.readInt();
            if (token < 0 || token >= vocabularySize) {
                throw new IOException("a token must be in [0, " + (vocabularySize - 1) + "], got " + token);
            }
            add(token);
        }
    }

    /// How many slots there are to walk along with [#token] and [#count].
    int slots() {
        return tokens.length;
    }

    /// The token in a slot, or -1 if there is none.
    int token(int slot) {
        return tokens[slot];
    }

    /// How often the token in a slot stands in the history.
    int count(int slot) {
        return counts[slot];
    }

    private int home(int token) {
        return (token * GOLDEN_RATIO) >>> shift;
    }

    private int slot(int token) {
        int slot = home(token);
        while (tokens[slot] != FREE && tokens[slot] != token) {
            slot = (slot + 1) & (tokens.length - 1);
        }
        return slot;
    }

    private void forget(int token) {
        int hole = slot(token);
        if (--counts[hole] > 0) {
            return;
        }
        int mask = tokens.length - 1;
        for (int slot = (hole + 1) & mask; tokens[slot] != FREE; slot = (slot + 1) & mask) {
            int home = home(tokens[slot]);
            // A token may fill the hole unless its home lies behind it.
            if (((slot - home) & mask) >= ((slot - hole) & mask)) {
                tokens[hole] = tokens[slot];
                counts[hole] = counts[slot];
                hole = slot;
            }
        }
        tokens[hole] = FREE;
    }
}
