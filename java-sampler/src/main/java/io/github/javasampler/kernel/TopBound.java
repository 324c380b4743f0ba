package io.github.javasampler.kernel;

/// A value that at least `k` of many floats reach, and not many more. It begins where the last row had it and halves
/// what lies between too many and too few: four or five counts by a kernel, sooner than a heap of the `k` best.
///
/// For one thread at a time. What it remembers changes how many reach the bound, never that `k` do.
public final class TopBound {
    private static final float FIRST_REACH = 1;
    private static final float REACH_GROWTH = 1.5f;
    private static final int MOST_GROWTHS = 20;
    private static final int MOST_HALVINGS = 16;

    /// How far below the greatest value it lay.
    private float reach = FIRST_REACH;

    /// The bound, or negative infinity if it is not soon found, as where too few values are above that.
    ///
    /// @param values none is NaN
    /// @param k in [1, count]
    /// @param greatest no value is above it; NaN if nobody knows
    public float of(Kernels kernels, float[] values, int count, int k, float greatest) {
        float high = greatest;
        float low = greatest - reach;
        int reached = kernels.countAtLeast(values, count, low);
        for (int growths = 0; reached < k; growths++) {
            if (growths == MOST_GROWTHS) {
                reach = FIRST_REACH;
                return Float.NEGATIVE_INFINITY;
            }
            high = low;
            reach *= REACH_GROWTH;
            low = greatest - reach;
            reached = kernels.countAtLeast(values, count, low);
        }
        int enough = k + k / 8 + 4;
        for (int halvings = 0; reached > enough && halvings < MOST_HALVINGS; halvings++) {
            float middle = low + (high - low) / 2;
            int reachMiddle = kernels.countAtLeast(values, count, middle);
            if (reachMiddle < k) {
                high = middle;
            } else {
                low = middle;
                reached = reachMiddle;
            }
        }
        reach = greatest - low;
        return low;
    }
}
