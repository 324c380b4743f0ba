package io.github.javasampler;

/// One answer everywhere: `StrictMath` in doubles, rounded. Not by `StrictMath.pow`, which allocates wherever the
/// compiler does not see through it.
final class StrictFloatMath implements FloatMath {
    private static final double LN_2 = StrictMath.log(2);

    @Override
    public float exp(float x) {
        return (float) StrictMath.exp(x);
    }

    @Override
    public float log(float x) {
        return (float) StrictMath.log(x);
    }

    @Override
    public float log2(float x) {
        return (float) (StrictMath.log(x) / LN_2);
    }

    @Override
    public float pow(float base, float exponent) {
        return (float) pow((double) base, (double) exponent);
    }

    @Override
    public double pow(double base, double exponent) {
        return exponent == 0 ? 1 : StrictMath.exp(exponent * StrictMath.log(base));
    }
}
