package io.github.javasampler.kernel;

/// The loops over survivors: keys (see [Keys]) and, where they have been weighed, a weight for each at the same index.
///
/// Every implementation gives the same result to the bit, and none allocates.
public interface KeyKernels {
    /// Stores the weight `2^((logit - best) * factor)` of each key and returns their sum.
    ///
    /// @param weights room for `size`
    long weigh(long[] keys, int size, float best, float factor, long[] weights);

    /// Stores the keys in `[from, to]` and their weights elsewhere, in the order they stand; returns how many they are.
    ///
    /// @param outKeys room for `size`, or `keys` itself
    /// @param outWeights room for `size`, or `weights` itself
    int select(long[] keys, long[] weights, int size, long from, long to, long[] outKeys, long[] outWeights);
}
