package io.github.javasampler.sampler;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// The last tokens of a sequence, in fixed memory.
final class LastTokens {
    private final int[] ring;
    private int size;
    private int next;

    /// @param capacity how many tokens to remember, at least 0
    LastTokens(int capacity) {
        ring = new int[capacity];
    }

    private LastTokens(LastTokens source) {
        ring = source.ring.clone();
        size = source.size;
        next = source.next;
    }

    LastTokens copy() {
        return new LastTokens(this);
    }

    void clear() {
        size = 0;
        next = 0;
    }

    int capacity() {
        return ring.length;
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size == ring.length;
    }

    /// The one that [#add] would forget; there must be one.
    int oldest() {
        return ring[size < ring.length ? 0 : next];
    }

    /// The token that came `back` before the last.
    ///
    /// @param back in [0, size)
    int get(int back) {
        int at = next - 1 - back;
        return ring[at < 0 ? at + ring.length : at];
    }

    /// Appends a token; the oldest is forgotten where there is no room.
    void add(int token) {
        ring[next] = token;
        next = next + 1 == ring.length ? 0 : next + 1;
        size = Math.min(size + 1, ring.length);
    }

    /// Writes them into `recent`, the last one first.
    void copyTo(int[] recent) {
        for (int i = 0; i < size; i++) {
            recent[i] = get(i);
        }
    }

    /// Writes how many there are, and them, the oldest first.
    void save(DataOutput out) throws IOException {
        out.writeInt(size);
        for (int i = size - 1; i >= 0; i--) {
            out.writeInt(get(i));
        }
    }

    /// Reads what [#save] wrote. They stay as they are if that fails.
    ///
    /// @param vocabularySize what every token must be below
    void restore(DataInput in, int vocabularySize) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > ring.length) {
            throw new IOException("a history must hold 0 to " + ring.length + " tokens, got " + count
                    + "; restore it into a stage with the same settings");
        }
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = in.readInt();
            if (tokens[i] < 0 || tokens[i] >= vocabularySize) {
                throw new IOException("a token of a history must be in [0, " + (vocabularySize - 1) + "], got "
                        + tokens[i] + "; the state is damaged, or of another vocabulary");
            }
        }
        clear();
        for (int token : tokens) {
            add(token);
        }
    }
}
