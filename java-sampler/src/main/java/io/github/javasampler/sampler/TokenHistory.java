package io.github.javasampler.sampler;

import io.github.javasampler.kernel.IdList;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// The last tokens of a sequence, and how often each stands among them, in fixed memory.
final class TokenHistory {
    private final LastTokens last;
    private final IdList distinct;
    /// One for each of the distinct ones.
    private final int[] counts;

    /// @param capacity how many tokens to remember, at least 1
    TokenHistory(int capacity) {
        last = new LastTokens(capacity);
        distinct = new IdList(capacity);
        counts = new int[capacity];
    }

    private TokenHistory(TokenHistory source) {
        last = source.last.copy();
        distinct = source.distinct.copy();
        counts = source.counts.clone();
    }

    TokenHistory copy() {
        return new TokenHistory(this);
    }

    void clear() {
        distinct.clear();
        last.clear();
    }

    /// Appends a token; the oldest is forgotten where there is no room.
    void add(int token) {
        if (last.isFull()) {
            forget(last.oldest());
        }
        last.add(token);
        addOne(token);
    }

    private void addOne(int token) {
        int index = distinct.indexOf(token);
        if (index >= 0) {
            counts[index]++;
        } else {
            counts[distinct.add(token)] = 1;
        }
    }

    private void forget(int token) {
        int index = distinct.indexOf(token);
        if (--counts[index] == 0) {
            counts[index] = counts[distinct.size() - 1];
            distinct.remove(index);
        }
    }

    /// As [LastTokens#save].
    void save(DataOutput out) throws IOException {
        last.save(out);
    }

    /// Holds from now on what was saved; it stays as it is if that fails.
    ///
    /// @param vocabularySize tokens must be below
    /// @throws IOException if `in` ends too early, or holds too many tokens or such that do not exist
    void restore(DataInput in, int vocabularySize) throws IOException {
        last.restore(in, vocabularySize);
        distinct.clear();
        for (int back = last.size() - 1; back >= 0; back--) {
            addOne(last.get(back));
        }
    }

    /// How many different tokens there are.
    int size() {
        return distinct.size();
    }

    /// One of the different tokens.
    ///
    /// @param index in [0, size)
    int token(int index) {
        return distinct.id(index);
    }

    /// How often that token stands in the history.
    int count(int index) {
        return counts[index];
    }
}
