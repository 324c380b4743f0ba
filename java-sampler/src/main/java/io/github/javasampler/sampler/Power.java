package io.github.javasampler.sampler;

/// Powers on the token path: `StrictMath.pow` allocates wherever the compiler does not see through it.
final class Power {
    private Power() {}

    /// `base^exponent`, within a few ulps.
    ///
    /// @param base at least 0
    static double of(double base, double exponent) {
        return exponent == 0 ? 1 : StrictMath.exp(exponent * StrictMath.log(base));
    }
}
