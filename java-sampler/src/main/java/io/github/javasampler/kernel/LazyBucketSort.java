package io.github.javasampler.kernel;

import java.util.Arrays;

/// llama.cpp's sort of all candidates, as [BucketSort] does it, but only as far as anybody looks.
///
/// Whatever sorts, the logits come out in the same order; only of equal ones it depends on every step which id stands
/// first. So a radix sort by the logits, several times as fast, comes first, and ids among equals are left open until
/// somebody asks for one. Then the bucket that it stands in is sorted step by step, the others are not.
public final class LazyBucketSort {
    private static final int LOW_DIGIT_BITS = 11;
    private static final int RADIX = 1 << LOW_DIGIT_BITS;
    private static final int LOW_SHIFT = Integer.SIZE;
    private static final int MIDDLE_SHIFT = LOW_SHIFT + LOW_DIGIT_BITS;
    private static final int HIGH_SHIFT = MIDDLE_SHIFT + LOW_DIGIT_BITS;

    private final BucketSort bucketSort = new BucketSort();
    private final boolean[] settled = new boolean[BucketSort.BUCKETS];
    private final int[] low = new int[RADIX];
    private final int[] middle = new int[RADIX];
    private final int[] high = new int[RADIX];
    private int size;
    /// The keys before the sort.
    private long[] before = new long[0];
    /// The buckets, if [#scattered]; each is sorted as libstdc++ sorts it, if [#settled].
    private long[] buckets = new long[0];
    private boolean scattered;
    /// Whether ids among equal logits may stand otherwise than llama.cpp's sort leaves them.
    private boolean open;
    /// How many of the sorted keys have been taken off at the front since.
    private int dropped;

    /// Sorts `keys[0, count)` by their logits, the best first. Keys of equal logits keep their order for now.
    ///
    /// @return false if a logit fits no bucket, so that llama.cpp's order is another; the keys then are as they were
    public boolean sort(long[] keys, int count) {
        size = count;
        scattered = false;
        open = false;
        dropped = 0;
        if (before.length < count) {
            before = new long[keys.length];
            buckets = new long[keys.length];
        }
        if (count == 0 || !BucketSort.fits(bestLogit(keys, count))) {
            return count == 0;
        }
        System.arraycopy(keys, 0, before, 0, count);
        countDigits(keys, count);
        long[] from = keys;
        long[] to = buckets;
        for (int shift = LOW_SHIFT; shift <= HIGH_SHIFT; shift += LOW_DIGIT_BITS) {
            int[] counts = shift == LOW_SHIFT ? low : shift == MIDDLE_SHIFT ? middle : high;
            if (counts[digit(from[0], shift)] < count) {
                scatter(from, to, count, counts, shift);
                long[] swap = from;
                from = to;
                to = swap;
            }
        }
        if (from != keys) {
            System.arraycopy(from, 0, keys, 0, count);
        }
        open = true;
        return true;
    }

    /// Says that the keys are no longer those of the last sort, or stand in another order.
    public void forget() {
        open = false;
    }

    /// Says that the first of the keys have been taken off. Taking off the last needs no word.
    public void dropFirst(int count) {
        dropped += count;
    }

    /// The id at a place among what is left of the keys, of which a logit may have become another if the order of
    /// logits is still the same.
    ///
    /// @param count how many are left
    public int id(long[] keys, int count, int index) {
        return open && isTied(keys, count, index) ? settledId(dropped + index) : Keys.id(keys[index]);
    }

    /// Lets all ids stand as llama.cpp's sort leaves them.
    public void settle(long[] keys, int count) {
        settle(keys, count, 0, count);
        open = false;
    }

    /// Lets the keys before `index` be those that llama.cpp's sort leaves there, in any order of equals.
    public void settleBorder(long[] keys, int count, int index) {
        if (open && isTiedToNext(keys, count, index - 1)) {
            int from = index - 1;
            while (isTiedToNext(keys, count, from - 1)) {
                from--;
            }
            int to = index + 1;
            while (isTiedToNext(keys, count, to - 1)) {
                to++;
            }
            settle(keys, count, from, to);
        }
    }

    private void settle(long[] keys, int count, int from, int to) {
        for (int i = from; i < to && open; i++) {
            if (isTied(keys, count, i)) {
                keys[i] = Keys.withId(keys[i], settledId(dropped + i));
            }
        }
    }

    private static boolean isTied(long[] keys, int count, int index) {
        return isTiedToNext(keys, count, index) || isTiedToNext(keys, count, index - 1);
    }

    /// Whether a key has the logit of the next one.
    private static boolean isTiedToNext(long[] keys, int count, int index) {
        return index >= 0 && index + 1 < count && !Keys.isAbove(keys[index], keys[index + 1]);
    }

    private int settledId(int place) {
        if (!scattered) {
            bucketSort.scatter(before, size, size, buckets);
            Arrays.fill(settled, false);
            scattered = true;
        }
        int bucket = BucketSort.bucket(Keys.logit(buckets[place]));
        if (!settled[bucket]) {
            bucketSort.sortBucket(bucket, size, buckets);
            settled[bucket] = true;
        }
        return Keys.id(buckets[place]);
    }

    private static float bestLogit(long[] keys, int count) {
        long best = keys[0];
        for (int i = 1; i < count; i++) {
            best = Math.min(best, keys[i]);
        }
        return Keys.logit(best);
    }

    private void countDigits(long[] keys, int count) {
        Arrays.fill(low, 0);
        Arrays.fill(middle, 0);
        Arrays.fill(high, 0);
        for (int i = 0; i < count; i++) {
            long key = keys[i];
            low[digit(key, LOW_SHIFT)]++;
            middle[digit(key, MIDDLE_SHIFT)]++;
            high[digit(key, HIGH_SHIFT)]++;
        }
    }

    /// A stable pass: what has the same digit keeps its order.
    private static void scatter(long[] from, long[] to, int count, int[] counts, int shift) {
        int start = 0;
        for (int d = 0; d < RADIX; d++) {
            int length = counts[d];
            counts[d] = start;
            start += length;
        }
        for (int i = 0; i < count; i++) {
            long key = from[i];
            to[counts[digit(key, shift)]++] = key;
        }
    }

    /// The sign bit is flipped, so that negative keys (the better half) come first.
    private static int digit(long key, int shift) {
        return (int) ((key ^ Long.MIN_VALUE) >>> shift) & (RADIX - 1);
    }
}
