package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.FloatMath;
import io.github.javasampler.Sampler;
import io.github.javasampler.Vocabulary;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/// DRY, "don't repeat yourself": a token that would lengthen a repetition of the last `n` tokens to `n + 1` loses
/// `multiplier * base^(n - allowedLength)` of its logit, if `n` is at least `allowedLength`. Repetitions end at
/// sequence breakers, such as a line's end.
///
/// Breakers need a vocabulary that knows the tokens' texts; the first session of each looks at all of them. A breaker
/// is cut to 40 bytes, and what is left of it after its first token to 20 tokens. A token that holds a whole breaker is
/// never penalized.
///
/// **Properties**: changes logits of few tokens; the row stays uncut. The time is linear in `lastN`.
/// **Source**: p-e-w, text-generation-webui PR 5677; pi6am, koboldcpp PR 982; `dry` of llama.cpp. As there, the prompt
/// counts only if it was accepted.
public final class Dry extends EqualByText implements Sampler {
    /// llama.cpp's breakers where none are named: a line's end, a colon, a double quote, an asterisk.
    public static final List<String> DEFAULT_BREAKERS = List.of("\n", ":", "\"", "*");

    private static final int MAX_LAST_N = 1 << 24;
    /// The logarithm of the greatest float.
    private static final float LOG_OF_MAX = 88.7228391f;
    /// Powers of a lesser base stay small.
    private static final float LEAST_LIMITED_BASE = 1.000001f;
    private static final int NONE = -1;

    private final float multiplier;
    private final float base;
    private final int allowedLength;
    private final int lastN;
    private final List<String> sequenceBreakers;

    private final int vocabularySize;
    /// Null until it is bound to a vocabulary.
    private final SequenceBreakers breakers;
    /// Those of the vocabulary that it was bound to last, for the next session.
    private volatile SequenceBreakers lastBound = SequenceBreakers.NONE;

    private final LastTokens history;
    /// The history, the last token first.
    private final int[] recent;
    /// By place in `recent`: how many tokens from there on are as those from the start on.
    private final int[] repeats;
    /// By token of the history: the longest repetition that it would lengthen.
    private int[] longest = new int[0];

    /// @param multiplier at least 0; 0 turns it off
    /// @param base a number; one below 1 turns it off
    /// @param allowedLength at least 0: a repetition of this many tokens may go on at the price of `multiplier`
    /// @param lastN how many tokens to look back, at most 16777216; 0 or less turns it off
    /// @param sequenceBreakers texts that end a repetition, none of them empty
    public Dry(float multiplier, float base, int allowedLength, int lastN, List<String> sequenceBreakers) {
        Settings.require(Settings.atLeast(multiplier, 0), "dry_multiplier must be a number >= 0", multiplier,
                "0.0 turns it off");
        Settings.require(Float.isFinite(base), "dry_base must be a number", base, "one below 1.0 turns it off");
        Settings.require(allowedLength >= 0, "dry_allowed_length must be >= 0", allowedLength, "2 is usual");
        Settings.require(lastN <= MAX_LAST_N, "dry_penalty_last_n must be at most " + MAX_LAST_N, lastN,
                "64 is usual, 0 turns it off");
        for (String breaker : sequenceBreakers) {
            Settings.require(!breaker.isEmpty() && breaker.indexOf('\0') < 0,
                    "a sequence breaker must have a character, and none that is NUL", '"' + breaker + '"',
                    "leave it out");
        }
        this.multiplier = multiplier;
        this.base = base;
        this.allowedLength = allowedLength;
        this.lastN = lastN;
        this.sequenceBreakers = List.copyOf(sequenceBreakers);
        vocabularySize = Integer.MAX_VALUE;
        breakers = isOff() || sequenceBreakers.isEmpty() ? SequenceBreakers.NONE : null;
        history = new LastTokens(Math.max(lastN, 0));
        recent = new int[history.capacity()];
        repeats = new int[history.capacity()];
    }

    private Dry(Dry source, SequenceBreakers breakers, int vocabularySize) {
        multiplier = source.multiplier;
        base = source.base;
        allowedLength = source.allowedLength;
        lastN = source.lastN;
        sequenceBreakers = source.sequenceBreakers;
        this.vocabularySize = vocabularySize;
        this.breakers = breakers;
        history = source.history.copy();
        recent = new int[history.capacity()];
        repeats = new int[history.capacity()];
    }

    /// What a token loses at the allowed length.
    public float multiplier() {
        return multiplier;
    }

    /// How much more it loses for each token beyond.
    public float base() {
        return base;
    }

    /// The length from which on repetitions are penalized.
    public int allowedLength() {
        return allowedLength;
    }

    /// How many tokens it looks back.
    public int lastN() {
        return lastN;
    }

    /// The texts that end a repetition.
    public List<String> sequenceBreakers() {
        return sequenceBreakers;
    }

    private boolean isOff() {
        return multiplier == 0 || base < 1 || lastN <= 0;
    }

    @Override
    public String name() {
        return isOff() ? "?dry" : "dry";
    }

    /// Finds the breakers in the vocabulary, if there are any.
    @Override
    public Dry bind(Vocabulary vocabulary) {
        if (isOff() || sequenceBreakers.isEmpty()) {
            return new Dry(this, SequenceBreakers.NONE, vocabulary.size());
        }
        SequenceBreakers found = lastBound;
        if (!found.isOf(vocabulary)) {
            found = SequenceBreakers.of(sequenceBreakers, vocabulary);
            lastBound = found;
        }
        return new Dry(this, found, vocabulary.size());
    }

    @Override
    public void apply(Candidates candidates) {
        int count = history.size();
        if (isOff() || count <= allowedLength) {
            return;
        }
        Settings.bound(breakers, "dry");
        history.copyTo(recent);
        int limit = breakers.tokensSince(recent, count);
        if (limit < allowedLength) {
            return;
        }
        findRepeats(count);
        if (longest.length < candidates.vocabularySize()) {
            longest = new int[candidates.vocabularySize()];
        }
        findLongest(count, limit);
        penalize(candidates, count);
        candidates.markUnsorted();
    }

    /// The Z-algorithm (Gusfield, "Algorithms on Strings, Trees and Sequences", 1.4), backwards in time. In
    /// `a b c c b c y a b c`, three tokens up to the first `c` are as the last three, and two up to the third `c`.
    private void findRepeats(int count) {
        // What is known to be a repetition and reaches furthest: [left, right).
        int left = 0;
        int right = 0;
        for (int k = 1; k < count; k++) {
            int length = k < right ? Math.min(repeats[k - left], right - k) : 0;
            while (k + length < count && recent[length] == recent[k + length]) {
                length++;
            }
            repeats[k] = length;
            if (k + length > right) {
                left = k;
                right = k + length;
            }
        }
    }

    /// The token that came after a repetition would lengthen it if it came again.
    private void findLongest(int count, int limit) {
        for (int k = 0; k < count; k++) {
            longest[recent[k]] = NONE;
        }
        for (int k = 1; k < count; k++) {
            int length = Math.min(repeats[k], limit);
            int follower = recent[k - 1];
            if (length >= allowedLength && length > longest[follower]) {
                longest[follower] = length;
            }
        }
    }

    private void penalize(Candidates candidates, int count) {
        FloatMath math = candidates.math();
        int maxExponent = base > LEAST_LIMITED_BASE ? (int) (LOG_OF_MAX / math.log(base)) : 0;
        for (int k = 0; k < count; k++) {
            int token = recent[k];
            if (longest[token] != NONE && !breakers.isBreaker(token)) {
                int exponent = longest[token] - allowedLength;
                exponent = maxExponent > 0 ? Math.min(exponent, maxExponent) : exponent;
                float penalty = (float) (multiplier * math.pow((double) base, (double) exponent));
                candidates.add(token, -penalty);
            }
            longest[token] = NONE;
        }
    }

    @Override
    public void accept(int token) {
        if (!isOff()) {
            history.add(token);
        }
    }

    @Override
    public void reset() {
        history.clear();
    }

    @Override
    public Dry fork() {
        return new Dry(this, breakers, vocabularySize);
    }

    /// Writes the history.
    @Override
    public void save(DataOutput out) throws IOException {
        history.save(out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        history.restore(in, vocabularySize);
    }

    /// Breakers are percent-encoded.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("dry=" + multiplier + ":" + base + ":" + allowedLength + ":" + lastN);
        for (String breaker : sequenceBreakers) {
            text.append(':').append(Settings.encoded(breaker));
        }
        return text.toString();
    }
}
