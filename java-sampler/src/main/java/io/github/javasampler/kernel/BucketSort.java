package io.github.javasampler.kernel;

/// llama.cpp's sort of many candidates: 128 buckets over the logits of [-10, 10], filled in order, each then sorted by
/// [StdSort]. Where a logit does not fit an `int` (infinity, above 3.3e8) x86 makes that the least one, so the bucket
/// is the worst.
///
/// Source: llama.cpp PR 5101, `llama_token_data_array_partial_sort`.
public final class BucketSort {
    static final int BUCKETS = 128;
    private static final float SCALE = BUCKETS / 20f;
    private static final float OFFSET = 10f * SCALE;
    /// Far more than the rounding of a bucket's border.
    private static final float SLACK = 1e-3f;

    private final int[] counts = new int[BUCKETS];
    /// Where each bucket ends among the sorted ones.
    private final int[] ends = new int[BUCKETS];
    private byte[] buckets = new byte[0];

    /// Puts the best `count` of `keys[0, size)` into `sorted`, best first. What follows them there is of no use.
    ///
    /// @param sorted another array, with room for `size` keys
    public void sort(long[] keys, int size, int count, long[] sorted) {
        int lowest = scatter(keys, size, count, sorted);
        for (int bucket = BUCKETS - 1; bucket >= lowest; bucket--) {
            sortBucket(bucket, count, sorted);
        }
    }

    /// Puts the best buckets, as many as it takes to have `count` keys, one after another into `sorted`; returns the
    /// lowest of them.
    int scatter(long[] keys, int size, int count, long[] sorted) {
        countBuckets(keys, size);
        int lowest = BUCKETS;
        int have = 0;
        while (have < count) {
            ends[--lowest] = have;
            have += counts[lowest];
        }
        for (int i = 0; i < size; i++) {
            int bucket = buckets[i];
            if (bucket >= lowest) {
                sorted[ends[bucket]++] = keys[i];
            }
        }
        return lowest;
    }

    /// Sorts one of the buckets that [#scatter] has made; of the lowest only what belongs to the best `count`.
    void sortBucket(int bucket, int count, long[] sorted) {
        int end = ends[bucket];
        int from = end - counts[bucket];
        if (end < count) {
            StdSort.sort(sorted, from, end);
        } else {
            StdSort.partialSort(sorted, from, count, end);
        }
    }

    private void countBuckets(long[] keys, int size) {
        if (buckets.length < size) {
            buckets = new byte[keys.length];
        }
        java.util.Arrays.fill(counts, 0);
        for (int i = 0; i < size; i++) {
            int bucket = bucket(Keys.logit(keys[i]));
            buckets[i] = (byte) bucket;
            counts[bucket]++;
        }
    }

    /// Rises with the logit, as long as that [#fits].
    static int bucket(float logit) {
        return fits(logit) ? Math.clamp((int) (SCALE * logit + OFFSET), 0, BUCKETS - 1) : 0;
    }

    /// A logit that is not above any in the bucket of `logit`, if no logit is above `max`.
    public static float leastInBucketOf(float logit, float max) {
        int bucket = bucket(logit);
        return bucket == 0 || !fits(max) ? Float.NEGATIVE_INFINITY : (bucket - OFFSET) / SCALE - SLACK;
    }

    /// Whether a logit does not land in the worst bucket for being too great.
    static boolean fits(float logit) {
        return SCALE * logit + OFFSET < 0x1p31f;
    }
}
