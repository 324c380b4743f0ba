package io.github.javasampler.kernel;

/// The loops over survivors without the Vector API.
public final class ScalarKeys implements KeyKernels {
    @Override
    public long weigh(long[] keys, int size, float best, float factor, long[] weights) {
        return weighRange(keys, 0, size, best, factor, weights);
    }

    @Override
    public int select(long[] keys, long[] weights, int size, long from, long to, long[] outKeys, long[] outWeights) {
        return selectRange(keys, weights, 0, size, from, to, outKeys, outWeights, 0);
    }

    static long weighRange(long[] keys, int start, int end, float best, float factor, long[] weights) {
        long sum = 0;
        for (int i = start; i < end; i++) {
            weights[i] = Weights.of(Weights.exponent(Keys.logit(keys[i]), best, factor));
            sum += weights[i];
        }
        return sum;
    }

    /// Stores each at first and counts it afterwards: there is no branch to mispredict.
    static int selectRange(long[] keys, long[] weights, int start, int end, long from, long to, long[] outKeys,
            long[] outWeights, int found) {
        int count = found;
        for (int i = start; i < end; i++) {
            long key = keys[i];
            outKeys[count] = key;
            outWeights[count] = weights[i];
            count += key >= from && key <= to ? 1 : 0;
        }
        return count;
    }
}
