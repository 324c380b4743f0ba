package io.github.javasampler.kernel;

/// The weight of a candidate: `2^y`, as a whole number of 2^-40, where `y` is how many bits its logit lies below the
/// best: `(logit - best) / temperature * log2(e)`. Whole numbers have one sum, whatever the order: see ADR 1.
///
/// The power is one polynomial on [-1/2, 1/2], the same operations one by one in the scalar and the vector form, so
/// both round alike.
public final class Weights {
    /// How many units a weight of 1 has. Sums of 2^22 candidates cannot overflow.
    public static final float UNITS_PER_ONE = 0x1p40f;

    /// From here on weight, moment and square are zero; the clamp also takes negative infinity.
    static final int LOWEST_BITS = Float.floatToRawIntBits(-100f);

    /// Adding and subtracting this rounds to the nearest whole number, which stays in the low bits.
    static final float ROUND_TO_INT = 0x1.8p23f;
    static final int MANTISSA_BITS = 23;

    // 2^f = 1 + C1 f + ... + C6 f^6 on [-1/2, 1/2]: minimax by Remez, relative error 6e-9, 6.4e-8 as floats round.
    static final float C1 = 0x1.62e432p-1f;
    static final float C2 = 0x1.ebfbe6p-3f;
    static final float C3 = 0x1.c6adccp-5f;
    static final float C4 = 0x1.3b2518p-7f;
    static final float C5 = 0x1.5fa7b6p-10f;
    static final float C6 = 0x1.481f0ap-13f;

    private static final float LOG2_E = 0x1.715476p0f;

    private Weights() {}

    /// What a raw logit is multiplied by to become an exponent.
    public static float factor(float temperature) {
        return LOG2_E / temperature;
    }

    /// How many bits a raw logit lies below the best one.
    public static float exponent(float logit, float best, float factor) {
        // Of the best this makes -0, which has the sign bit that [#clamp] looks at.
        return (best - logit) * -factor;
    }

    /// The weight of `2^y`.
    ///
    /// @param y negative infinity weighs nothing, and neither does what is above -0: no candidate is above the best
    public static long of(float y) {
        return ofPower(power(y));
    }

    /// A power that [Kernels#powers] gave, or a product of it, in whole units.
    public static long ofPower(float power) {
        return (long) Math.rint((double) power * UNITS_PER_ONE);
    }

    /// `2^y * y`, in the same units: what an entropy sums up.
    public static long moment(float y) {
        return ofPower(power(y) * clamp(y));
    }

    /// `2^y * y^2`, in the same units: what a varentropy sums up.
    public static long square(float y) {
        return ofPower(power(y) * clamp(y) * clamp(y));
    }

    /// `2^y` for `y` in [-100, -0]; what lies outside is taken as -100.
    static float power(float y) {
        float x = clamp(y);
        float shifted = x + ROUND_TO_INT;
        float f = x - (shifted - ROUND_TO_INT);
        float p = Math.fma(Math.fma(Math.fma(C6, f, C5), f, C4), f, C3);
        p = Math.fma(Math.fma(Math.fma(p, f, C2), f, C1), f, 1f);
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << MANTISSA_BITS));
    }

    /// By one comparison of whole numbers: of negative floats the greater bits are those farther from 0, and those of
    /// positive ones and of NaN are greater still.
    static float clamp(float y) {
        return Float.intBitsToFloat(Math.min(Float.floatToRawIntBits(y), LOWEST_BITS));
    }
}
