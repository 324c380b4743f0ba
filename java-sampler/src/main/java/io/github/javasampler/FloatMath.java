package io.github.javasampler;

/// The elementary functions that the formulas of the stages need, in floats.
///
/// With [Numerics#PORTABLE] these are one answer everywhere. With [Numerics#LLAMA_CPP] they are those that llama.cpp
/// calls, of the host's C library: the core calls nothing native, so a service of this type must bring them, as
/// `java-sampler-bindings` does. Implementations are stateless and thread-safe and do not allocate.
public interface FloatMath {
    /// `e^x`; C's `expf`.
    float exp(float x);

    /// `ln x`; C's `logf`.
    float log(float x);

    /// The logarithm to base 2; C's `log2f`.
    float log2(float x);

    /// `base^exponent`; C's `powf`.
    float pow(float base, float exponent);

    /// `base^exponent` in doubles; C's `pow`.
    double pow(double base, double exponent);
}
