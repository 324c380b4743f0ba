package io.github.javasampler.kernel;

/// A survivor as one `long` whose natural order is the order of sampling: higher logit first, then lower token id.
///
/// The high word holds the logit's bits, made so that a greater logit is a smaller number; the low word holds the id.
public final class Keys {
    private Keys() {}

    /// The key of a token; `-0` counts as `+0`, so the two tie.
    public static long of(float logit, int id) {
        return ((long) ~ordered(Float.floatToRawIntBits(logit + 0f)) << 32) | id;
    }

    public static int id(long key) {
        return (int) key;
    }

    /// The key of another token with the same logit.
    public static long withId(long key, int id) {
        return key & 0xffffffff_00000000L | id;
    }

    public static float logit(long key) {
        return Float.intBitsToFloat(ordered(~(int) (key >> 32)));
    }

    /// Whether the first has the greater logit; ids do not count.
    public static boolean isAbove(long key, long other) {
        return (int) (key >> 32) < (int) (other >> 32);
    }

    /// Float bits as a whole number of the same order, and back: the map is its own inverse.
    public static int ordered(int bits) {
        return bits ^ ((bits >> 31) & 0x7fffffff);
    }
}
