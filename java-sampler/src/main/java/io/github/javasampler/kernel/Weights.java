package io.github.javasampler.kernel;

/// The weight of a candidate: `exp(d)` for `d = logit - max <= 0`, as a whole number of [#UNITS_PER_ONE].
///
/// Whole numbers add up to the same sum in any order, so the total of a row, a block or a handful of survivors is
/// the same on every CPU, at every vector width and in every JIT state. The exponential is our own for the same
/// reason: neither `Math.exp` nor `VectorOperators.EXP` gives the same bits interpreted and compiled. Every
/// constant of it is here, and the vector kernel follows the scalar one operation by operation.
///
/// See docs/adr/0001-integer-weights.md.
public final class Weights {
    /// `2^35`: a candidate more than 24.6 below the best one weighs nothing, and 2^28 candidates cannot overflow.
    public static final float UNITS_PER_ONE = 0x1p35f;

    /// Below this the weight is zero; the clamp also takes negative infinity.
    static final float LOWEST = -30f;

    static final float LOG2_E = 0x1.715476p0f;
    /// Adding and subtracting this rounds to the nearest whole number, which stays in the low bits.
    static final float ROUND_TO_INT = 0x1.8p23f;
    /// The high part of ln 2 has 12 trailing zero bits, so that its product with a small whole number is exact.
    static final float LN2_HIGH = 0x1.62ep-1f;
    static final float LN2_LOW = 0x1.0bfbe8p-15f;
    static final int MANTISSA_BITS = 23;

    // exp(r) = 1 + r + r^2 (C2 + C3 r + ... + C6 r^4) on [-ln(2)/2, ln(2)/2]: minimax by Remez, relative error 3e-9.
    static final float C2 = 0x1.fffffcp-2f;
    static final float C3 = 0x1.555492p-3f;
    static final float C4 = 0x1.5558f2p-5f;
    static final float C5 = 0x1.123a2p-7f;
    static final float C6 = 0x1.6a23dp-10f;

    private Weights() {}

    /// The weight at distance `d` below the maximum.
    ///
    /// @param d `logit - max`; negative infinity weighs nothing, above 0 counts as 0
    public static long of(float d) {
        return (long) Math.rint((double) exp(d) * UNITS_PER_ONE);
    }

    /// `exp(logit - max)` itself, for sums that nothing is drawn by: they depend on their order. It is 1 at the
    /// maximum, an infinite one too, and nothing more than 30 below.
    public static double unrounded(float logit, float max) {
        float d = logit == max ? 0 : logit - max;
        return d > LOWEST ? exp(d) : 0;
    }

    /// `exp(d) * d`, in the same units: what an entropy sums up.
    ///
    /// @param d `logit - max`, at most 0
    public static long moment(float d) {
        float x = d > LOWEST ? d : LOWEST;
        return (long) Math.rint((double) exp(x) * x * UNITS_PER_ONE);
    }

    /// `e^d` for `d` in [-30, 0], correct to one ulp; what lies outside is taken as the nearer end.
    static float exp(float d) {
        float x = d > LOWEST ? d : LOWEST;
        x = x < 0f ? x : 0f;
        float shifted = Math.fma(x, LOG2_E, ROUND_TO_INT);
        float n = shifted - ROUND_TO_INT;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
        float q = Math.fma(Math.fma(Math.fma(Math.fma(C6, r, C5), r, C4), r, C3), r, C2);
        float p = Math.fma(q, r * r, r) + 1f;
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << MANTISSA_BITS));
    }
}
