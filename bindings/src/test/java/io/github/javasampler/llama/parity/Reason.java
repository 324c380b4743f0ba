package io.github.javasampler.llama.parity;

/// Why portable numerics chose another token than llama.cpp.
public enum Reason {
    /// Equal logits stand in another order, or other ones of them were kept.
    TIES,
    /// A float sum, at a cut or in a temperature, is off by more than the whole numbers are.
    ROUNDING,
    /// The draw fell on the border of two tokens.
    DRAW,
    /// llama.cpp took an order for sorted that logits had left since.
    STALE_ORDER,
    /// A probability is 0 as a float, and llama.cpp's logarithm of it is infinite or NaN.
    ZERO_PROBABILITY,
    /// A logit is too great for llama.cpp's buckets or for the square of a float.
    OVERFLOW,
    /// None of these: a bug on one side.
    NONE
}
