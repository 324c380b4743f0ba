package io.github.javasampler.kernel;

import java.util.Arrays;

/// Finds where a running sum of weights reaches a target, in the order of the keys, without sorting: of many keys first
/// the bin of a histogram, then quickselect by weight (Hoare, "Algorithm 65: find", 1961).
public final class MassSelect {
    private static final int FEW = 24;
    private static final int MANY = 512;
    private static final int BIN_BITS = 10;

    private final long[] bins = new long[1 << BIN_BITS];

    /// Moves the fewest least keys whose weights sum up to `target` to the front and returns how many these are, all if
    /// the sum never reaches it. The last of them stands last; otherwise their order is lost.
    ///
    /// @param keys all different
    /// @param weights one for each key, at least 0; moved along
    /// @param size at least 1
    public int select(long[] keys, long[] weights, int size, double target) {
        return size < MANY ? select(keys, weights, 0, size, 0, target) : selectByBins(keys, weights, size, target);
    }

    private int selectByBins(long[] keys, long[] weights, int size, double target) {
        long least = Long.MAX_VALUE;
        long greatest = Long.MIN_VALUE;
        for (int i = 0; i < size; i++) {
            least = Math.min(least, keys[i]);
            greatest = Math.max(greatest, keys[i]);
        }
        int shift = Math.max(Long.SIZE - Long.numberOfLeadingZeros(greatest - least) - BIN_BITS, 0);
        Arrays.fill(bins, 0);
        for (int i = 0; i < size; i++) {
            bins[(int) ((keys[i] - least) >>> shift)] += weights[i];
        }
        long before = 0;
        int bin = 0;
        while (bin < bins.length - 1 && before + bins[bin] < target) {
            before += bins[bin++];
        }
        long from = least + ((long) bin << shift);
        int lower = moveBelow(keys, weights, 0, size, from);
        // The subtraction may wrap round: what lies beyond the last bin is as good as the greatest there is.
        long width = 1L << shift;
        int upper = from > Long.MAX_VALUE - width ? size : moveBelow(keys, weights, lower, size, from + width);
        return select(keys, weights, lower, upper, before, target);
    }

    /// Moves the keys below a bound to the front of `[from, to)` and returns where they end.
    private static int moveBelow(long[] keys, long[] weights, int from, int to, long bound) {
        int end = from;
        for (int i = from; i < to; i++) {
            if (keys[i] < bound) {
                if (i != end) {
                    swap(keys, weights, i, end);
                }
                end++;
            }
        }
        return end;
    }

    /// Within `[start, end)`, where what stands before weighs `sumBefore`.
    private static int select(long[] keys, long[] weights, int start, int end, long sumBefore, double target) {
        int from = start;
        int to = end;
        long before = sumBefore;
        while (to - from > FEW) {
            int pivot = partition(keys, weights, from, to);
            long left = 0;
            for (int i = from; i < pivot; i++) {
                left += weights[i];
            }
            if (before + left >= target && pivot > from) {
                to = pivot;
            } else {
                // The pivot is the least of what is left.
                before += left + weights[pivot];
                from = pivot + 1;
                if (before >= target) {
                    return from;
                }
            }
        }
        sort(keys, weights, from, to);
        for (int i = from; i < to; i++) {
            before += weights[i];
            if (before >= target) {
                return i + 1;
            }
        }
        return to;
    }

    /// Puts the lesser keys before the pivot and the greater behind it; returns its place.
    private static int partition(long[] keys, long[] weights, int from, int to) {
        swap(keys, weights, median(keys, from, (from + to) >>> 1, to - 1), to - 1);
        int place = moveBelow(keys, weights, from, to - 1, keys[to - 1]);
        swap(keys, weights, place, to - 1);
        return place;
    }

    private static int median(long[] keys, int a, int b, int c) {
        if (keys[a] < keys[b]) {
            return keys[b] < keys[c] ? b : keys[a] < keys[c] ? c : a;
        }
        return keys[a] < keys[c] ? a : keys[b] < keys[c] ? c : b;
    }

    private static void sort(long[] keys, long[] weights, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            for (int j = i; j > from && keys[j] < keys[j - 1]; j--) {
                swap(keys, weights, j, j - 1);
            }
        }
    }

    private static void swap(long[] keys, long[] weights, int i, int j) {
        long key = keys[i];
        keys[i] = keys[j];
        keys[j] = key;
        long weight = weights[i];
        weights[i] = weights[j];
        weights[j] = weight;
    }
}
