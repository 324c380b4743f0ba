package io.github.javasampler.llama;

import java.util.Arrays;

/// What was generated.
///
/// @param text the text, without the stop string
/// @param promptTokens how many tokens the prompt had
/// @param tokens the ids that were generated, without the one that ended it; the array is the record's own
/// @param stop why it ended
/// @param promptNanos nanoseconds in which the prompt was decoded
/// @param decodeNanos nanoseconds in which what was generated was decoded
/// @param samplingNanos nanoseconds spent choosing tokens
public record Generation(String text, int promptTokens, int[] tokens, StopReason stop, long promptNanos,
        long decodeNanos, long samplingNanos) {

    @Override
    public boolean equals(Object other) {
        return other instanceof Generation that && text.equals(that.text) && promptTokens == that.promptTokens
                && Arrays.equals(tokens, that.tokens) && stop == that.stop && promptNanos == that.promptNanos
                && decodeNanos == that.decodeNanos && samplingNanos == that.samplingNanos;
    }

    @Override
    public int hashCode() {
        return text.hashCode() * 31 + Arrays.hashCode(tokens);
    }

    @Override
    public String toString() {
        return "Generation[" + tokens.length + " tokens, " + stop + ": " + text + ']';
    }
}
