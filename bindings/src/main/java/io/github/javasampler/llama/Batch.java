package io.github.javasampler.llama;

import java.util.Arrays;

/// Tokens for one decode, each with its position, its sequence and whether logits are wanted after it.
///
/// For one thread at a time. It grows as needed, and can be cleared and filled again.
public final class Batch {
    private int[] tokens = new int[16];
    private int[] positions = new int[16];
    private int[] sequences = new int[16];
    private boolean[] outputs = new boolean[16];
    private int size;

    /// An empty batch.
    public Batch() {
    }

    /// Adds a token.
    ///
    /// @param token in [0, vocabulary size)
    /// @param position the place in its sequence, which must be the next one there
    /// @param sequence in [0, [ContextOptions#sequences])
    /// @param output whether the logits after this token are wanted
    /// @return this
    public Batch add(int token, int position, int sequence, boolean output) {
        if (size == tokens.length) {
            int capacity = size * 2;
            tokens = Arrays.copyOf(tokens, capacity);
            positions = Arrays.copyOf(positions, capacity);
            sequences = Arrays.copyOf(sequences, capacity);
            outputs = Arrays.copyOf(outputs, capacity);
        }
        tokens[size] = token;
        positions[size] = position;
        sequences[size] = sequence;
        outputs[size] = output;
        size++;
        return this;
    }

    /// How many tokens it holds.
    public int size() {
        return size;
    }

    /// Removes all tokens.
    ///
    /// @return this
    public Batch clear() {
        size = 0;
        return this;
    }

    int token(int index) {
        return tokens[index];
    }

    int position(int index) {
        return positions[index];
    }

    int sequence(int index) {
        return sequences[index];
    }

    boolean output(int index) {
        return outputs[index];
    }
}
