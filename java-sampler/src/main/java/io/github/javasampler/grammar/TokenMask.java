package io.github.javasampler.grammar;

/// Which tokens of a vocabulary are allowed: a bit for each, set if it is. Immutable, thread-safe.
public final class TokenMask {
    private final int size;
    private final long[] words;
    private final int count;

    /// Takes over the array.
    TokenMask(int size, long[] words) {
        this.size = size;
        this.words = words;
        int bits = 0;
        for (long word : words) {
            bits += Long.bitCount(word);
        }
        count = bits;
    }

    /// The words, not to be changed.
    long[] words() {
        return words;
    }

    /// How many tokens the vocabulary has.
    public int size() {
        return size;
    }

    /// How many of them are allowed.
    public int count() {
        return count;
    }

    /// Whether a token is allowed.
    ///
    /// @param token in [0, size)
    public boolean allows(int token) {
        return (words[token >> 6] >>> token & 1) != 0;
    }

    /// How many words of 64 bits there are: `(size + 63) / 64`.
    public int wordCount() {
        return words.length;
    }

    /// Tokens `64 * index` to `64 * index + 63`, the first as the lowest bit; bits beyond the last token are 0.
    ///
    /// @param index in [0, wordCount)
    public long word(int index) {
        return words[index];
    }

    /// The first allowed token from one on, or -1 if there is none.
    ///
    /// @param token at least 0
    public int next(int token) {
        int index = token >> 6;
        if (index >= words.length) {
            return -1;
        }
        long word = words[index] & -1L << token;
        while (word == 0) {
            if (++index == words.length) {
                return -1;
            }
            word = words[index];
        }
        return (index << 6) + Long.numberOfTrailingZeros(word);
    }
}
