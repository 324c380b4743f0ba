package io.github.javasampler;

/// How probable a token is.
///
/// @param id the token
/// @param logprob the natural logarithm of its probability, at most 0 but for rounding; negative infinity if it can't
///     be drawn
public record Logprob(int id, double logprob) {
    /// The probability itself, in [0, 1] but for rounding.
    public double probability() {
        return StrictMath.exp(logprob);
    }
}
