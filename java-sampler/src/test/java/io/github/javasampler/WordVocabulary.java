package io.github.javasampler;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;

/// A made-up vocabulary: token `i` is the `i`-th word, of several equal ones the first. Texts are split into the
/// longest words from the left; what is in no word is left out.
public final class WordVocabulary implements Vocabulary {
    /// Bits, so that asking for one boxes nothing.
    private final BitSet ends = new BitSet();
    private final byte[][] words;

    public WordVocabulary(Set<Integer> ends, String... words) {
        ends.forEach(this.ends::set);
        this.words = Arrays.stream(words).map(word -> word.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    }

    /// `<0>`, `<1>` and so on; the first ends a generation.
    public static WordVocabulary numbered(int size) {
        String[] words = new String[size];
        Arrays.setAll(words, i -> "<" + i + ">");
        return new WordVocabulary(Set.of(0), words);
    }

    @Override
    public int size() {
        return words.length;
    }

    @Override
    public byte[] piece(int token) {
        return words[token];
    }

    @Override
    public byte[] text(int token) {
        return words[token];
    }

    @Override
    public int[] tokenize(byte[] text) {
        int[] tokens = new int[text.length];
        int count = 0;
        for (int at = 0; at < text.length;) {
            int best = NO_TOKEN;
            for (int token = 0; token < words.length; token++) {
                byte[] word = words[token];
                boolean fits = at + word.length <= text.length
                        && Arrays.equals(text, at, at + word.length, word, 0, word.length);
                best = fits && word.length > (best == NO_TOKEN ? 0 : words[best].length) ? token : best;
            }
            if (best != NO_TOKEN) {
                tokens[count++] = best;
            }
            at += best == NO_TOKEN ? 1 : words[best].length;
        }
        return Arrays.copyOf(tokens, count);
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        return ends.get(token);
    }

    @Override
    public int endOfTurn() {
        return ends.nextSetBit(0);
    }
}
