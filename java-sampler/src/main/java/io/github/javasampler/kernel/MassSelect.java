package io.github.javasampler.kernel;

/// Finds where a running sum of weights reaches a target, in the order of the keys, without sorting: quickselect by
/// weight (Hoare, "Algorithm 65: find", 1961).
public final class MassSelect {
    private static final int FEW = 24;

    private MassSelect() {}

    /// Moves the fewest least keys whose weights sum up to `target` to the front and returns how many these are, all if
    /// the sum never reaches it. The last of them stands last; otherwise their order is lost.
    ///
    /// @param keys all different
    /// @param weights one for each key, at least 0; moved along
    /// @param size at least 1
    public static int select(long[] keys, long[] weights, int size, double target) {
        int from = 0;
        int to = size;
        long before = 0;
        while (to - from > FEW) {
            int pivot = partition(keys, weights, from, to);
            long left = 0;
            for (int i = from; i < pivot; i++) {
                left += weights[i];
            }
            if (before + left >= target && pivot > from) {
                to = pivot;
            } else {
                before += left;
                from = pivot;
                // The pivot is the least of what is left; alone it is done with.
                if (before + weights[pivot] >= target) {
                    return pivot + 1;
                }
                before += weights[pivot];
                from++;
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
        int middle = (from + to) >>> 1;
        int median = median(keys, from, middle, to - 1);
        swap(keys, weights, median, to - 1);
        long pivot = keys[to - 1];
        int place = from;
        for (int i = from; i < to - 1; i++) {
            if (keys[i] < pivot) {
                swap(keys, weights, i, place++);
            }
        }
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
