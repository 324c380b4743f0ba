package io.github.javasampler.sampler;

import io.github.javasampler.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The token sequences that spell out a breaker: a *head*, the token in which the breaker begins, and a *tail*, the
/// tokens of what is left of it. Where the head holds the whole breaker the tail is empty.
final class SequenceBreakers {
    static final SequenceBreakers NONE = new SequenceBreakers(null, List.of(), List.of());

    /// Longer ones are cut, so that looking for them takes a bounded time.
    private static final int MAX_BYTES = 40;
    private static final int MAX_TAIL = 20;
    private static final int NO_MATCH = -1;

    private final Vocabulary vocabulary;
    /// In ascending order.
    private final int[] heads;
    private final int[][][] tails;

    private SequenceBreakers(Vocabulary vocabulary, List<Integer> heads, List<int[][]> tails) {
        this.vocabulary = vocabulary;
        this.heads = new int[heads.size()];
        for (int i = 0; i < this.heads.length; i++) {
            this.heads[i] = heads.get(i);
        }
        this.tails = tails.toArray(int[][][]::new);
    }

    /// Looks at the text of every token.
    static SequenceBreakers of(List<String> breakers, Vocabulary vocabulary) {
        List<Breaker> spellings = new ArrayList<>();
        for (String breaker : breakers) {
            spellings.add(new Breaker(breaker, vocabulary));
        }
        List<Integer> heads = new ArrayList<>();
        List<int[][]> tails = new ArrayList<>();
        Set<int[]> found = new TreeSet<>(Arrays::compare);
        for (int token = 0; token < vocabulary.size(); token++) {
            byte[] text = vocabulary.text(token);
            for (Breaker breaker : spellings) {
                breaker.findTails(text, found);
            }
            if (!found.isEmpty()) {
                heads.add(token);
                tails.add(found.toArray(int[][]::new));
                found.clear();
            }
        }
        return new SequenceBreakers(vocabulary, heads, tails);
    }

    /// Whether they were looked for in this vocabulary.
    boolean isOf(Vocabulary other) {
        return other.equals(vocabulary);
    }

    /// Whether a token holds a whole breaker.
    boolean isBreaker(int token) {
        int head = Arrays.binarySearch(heads, token);
        // Tails are in order, the empty one first.
        return head >= 0 && tails[head][0].length == 0;
    }

    /// How many tokens have come since the last breaker; all of them if there was none.
    ///
    /// @param recent the last token first
    int tokensSince(int[] recent, int count) {
        for (int i = 0; i < count; i++) {
            int head = Arrays.binarySearch(heads, recent[i]);
            int length = head < 0 ? NO_MATCH : longestTail(tails[head], recent, i);
            if (length != NO_MATCH) {
                return i - length;
            }
        }
        return count;
    }

    /// The length of the longest tail that follows the head at `recent[at]`.
    private static int longestTail(int[][] tails, int[] recent, int at) {
        int longest = NO_MATCH;
        for (int[] tail : tails) {
            if (tail.length > longest && tail.length <= at && follows(tail, recent, at)) {
                longest = tail.length;
            }
        }
        return longest;
    }

    private static boolean follows(int[] tail, int[] recent, int at) {
        for (int i = 0; i < tail.length; i++) {
            if (tail[i] != recent[at - 1 - i]) {
                return false;
            }
        }
        return true;
    }

    /// One breaker, and the tokens of its ends as they are needed.
    private static final class Breaker {
        private final byte[] bytes;
        private final int[][] tailFrom;
        private final Vocabulary vocabulary;

        Breaker(String text, Vocabulary vocabulary) {
            byte[] whole = text.getBytes(StandardCharsets.UTF_8);
            this.bytes = Arrays.copyOf(whole, Math.min(whole.length, MAX_BYTES));
            this.tailFrom = new int[bytes.length][];
            this.vocabulary = vocabulary;
        }

        /// Adds the tails with which a token of this text spells out the breaker.
        void findTails(byte[] text, Set<int[]> found) {
            if (isWithin(text)) {
                found.add(new int[0]);
                return;
            }
            for (int begun = 1; begun < bytes.length && begun <= text.length; begun++) {
                if (Arrays.equals(text, text.length - begun, text.length, bytes, 0, begun)) {
                    found.add(tail(begun));
                }
            }
        }

        private boolean isWithin(byte[] text) {
            for (int at = 0; at + bytes.length <= text.length; at++) {
                if (Arrays.equals(text, at, at + bytes.length, bytes, 0, bytes.length)) {
                    return true;
                }
            }
            return false;
        }

        private int[] tail(int from) {
            if (tailFrom[from] == null) {
                int[] tokens = vocabulary.tokenize(Arrays.copyOfRange(bytes, from, bytes.length));
                tailFrom[from] = Arrays.copyOf(tokens, Math.min(tokens.length, MAX_TAIL));
            }
            return tailFrom[from];
        }
    }
}
