package io.github.javasampler.kernel;

import java.util.Arrays;

/// Finds where a running sum of weights reaches a target, in the order of the keys, without sorting: by histograms of
/// weights, each of the bin that the one before found, until a few are left to sort.
public final class MassSelect {
    private static final int FEW = 24;
    private static final int BIN_BITS = 9;

    private final long[] bins = new long[1 << BIN_BITS];
    private long[] keys = new long[FEW];
    private long[] weights = new long[FEW];
    private long sum;

    /// The key at which the sum of the weights of the least keys reaches `target`; the greatest if it never does.
    ///
    /// @param kernels the loops to use
    /// @param allKeys all different; they and the weights stay as they are
    /// @param allWeights one for each key, at least 0
    /// @param size at least 1
    public long find(KeyKernels kernels, long[] allKeys, long[] allWeights, int size, double target) {
        makeRoom(size);
        long[] fromKeys = allKeys;
        long[] fromWeights = allWeights;
        int left = size;
        long before = 0;
        while (left > FEW) {
            long least = Long.MAX_VALUE;
            long greatest = Long.MIN_VALUE;
            for (int i = 0; i < left; i++) {
                least = Math.min(least, fromKeys[i]);
                greatest = Math.max(greatest, fromKeys[i]);
            }
            int shift = Math.max(Long.SIZE - Long.numberOfLeadingZeros(greatest - least) - BIN_BITS, 0);
            Arrays.fill(bins, 0);
            for (int i = 0; i < left; i++) {
                bins[(int) ((fromKeys[i] - least) >>> shift)] += fromWeights[i];
            }
            int bin = 0;
            int lastBin = (int) ((greatest - least) >>> shift);
            while (bin < lastBin && before + bins[bin] < target) {
                before += bins[bin++];
            }
            long first = least + ((long) bin << shift);
            // The bin may end beyond the greatest number there is.
            long last = first + ((1L << shift) - 1);
            left = kernels.select(fromKeys, fromWeights, left, first, last < first ? Long.MAX_VALUE : last, keys,
                    weights);
            fromKeys = keys;
            fromWeights = weights;
        }
        if (fromKeys == allKeys) {
            System.arraycopy(allKeys, 0, keys, 0, size);
            System.arraycopy(allWeights, 0, weights, 0, size);
        }
        return walk(left, before, target);
    }

    /// What the keys up to the one that was found weigh.
    public long sum() {
        return sum;
    }

    private long walk(int size, long before, double target) {
        sort(size);
        sum = before;
        for (int i = 0; i < size; i++) {
            sum += weights[i];
            if (sum >= target) {
                return keys[i];
            }
        }
        return keys[size - 1];
    }

    private void sort(int size) {
        for (int i = 1; i < size; i++) {
            long key = keys[i];
            long weight = weights[i];
            int j = i;
            for (; j > 0 && keys[j - 1] > key; j--) {
                keys[j] = keys[j - 1];
                weights[j] = weights[j - 1];
            }
            keys[j] = key;
            weights[j] = weight;
        }
    }

    private void makeRoom(int size) {
        if (keys.length < size) {
            keys = new long[2 * size];
            weights = new long[keys.length];
        }
    }
}
