package io.github.javasampler.sampler;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/// The last tokens of a sequence, and how often each stands among them: a hash table with linear probing, in fixed
/// memory (Knuth, TAOCP 3, 6.4, algorithms L and R).
final class TokenHistory {
    private static final int FREE = -1;
    private static final int GOLDEN_RATIO = 0x9E3779B9;

    private final LastTokens last;
    private final int[] tokens;
    private final int[] counts;
    private final int shift;

    /// @param capacity how many tokens to remember, at least 1
    TokenHistory(int capacity) {
        last = new LastTokens(capacity);
        // Half of the slots at least stay free.
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(capacity - 1) + 1;
        tokens = new int[1 << bits];
        counts = new int[1 << bits];
        shift = Integer.SIZE - bits;
        Arrays.fill(tokens, FREE);
    }

    private TokenHistory(TokenHistory source) {
        last = source.last.copy();
        tokens = source.tokens.clone();
        counts = source.counts.clone();
        shift = source.shift;
    }

    TokenHistory copy() {
        return new TokenHistory(this);
    }

    void clear() {
        Arrays.fill(tokens, FREE);
        last.clear();
    }

    /// Appends a token; the oldest is forgotten where there is no room.
    void add(int token) {
        if (last.isFull()) {
            forget(last.oldest());
        }
        last.add(token);
        int slot = slot(token);
        if (tokens[slot] == FREE) {
            tokens[slot] = token;
            counts[slot] = 0;
        }
        counts[slot]++;
    }

    /// As [LastTokens#save].
    void save(DataOutput out) throws IOException {
        last.save(out);
    }

    /// Holds from now on what was saved.
    ///
    /// @param vocabularySize tokens must be below
    /// @throws IOException if `in` ends too early, or holds too many tokens or such that do not exist
    void restore(DataInput in, int vocabularySize) throws IOException {
        clear();
        int count = in.readInt();
        if (count < 0 || count > last.capacity()) {
            throw new IOException("a history must have [0, " + last.capacity() + "] tokens, got " + count);
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
