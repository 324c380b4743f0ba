package io.github.javasampler.kernel;

/// llama.cpp's sort of many candidates: 128 buckets over the logits of [-10, 10], filled in order, each then sorted by
/// [StdSort]. Where a logit does not fit an `int` (infinity, above 3.3e8) x86 makes that the least one, so the bucket
/// is the worst.
///
/// Source: llama.cpp PR 5101, `llama_token_data_array_partial_sort`.
public final class BucketSort {
    private static final int BUCKETS = 128;
    private static final float SCALE = BUCKETS / 20f;
    private static final float OFFSET = 10f * SCALE;

    private final int[] counts = new int[BUCKETS];
    private final int[] next = new int[BUCKETS];
    private byte[] buckets = new byte[0];

    /// Puts the best `count` of `keys[0, size)` into `sorted`, best first. What follows them there is of no use.
    ///
    /// @param sorted another array, with room for `size` keys
    public void sort(long[] keys, int size, int count, long[] sorted) {
        countBuckets(keys, size);
        int lowest = BUCKETS;
        int have = 0;
        while (have < count) {
            next[--lowest] = have;
            have += counts[lowest];
        }
        for (int i = 0; i < size; i++) {
            int bucket = buckets[i];
            if (bucket >= lowest) {
                sorted[next[bucket]++] = keys[i];
            }
        }
        int from = 0;
        for (int bucket = BUCKETS - 1; bucket > lowest; bucket--) {
            StdSort.sort(sorted, from, next[bucket]);
            from = next[bucket];
        }
        StdSort.partialSort(sorted, from, count, have);
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

    private static int bucket(float logit) {
        float at = SCALE * logit + OFFSET;
        return at < 0x1p31f ? Math.clamp((int) at, 0, BUCKETS - 1) : 0;
    }
}
