package io.github.javasampler.kernel;

import java.util.Arrays;

/// Sorts keys without allocating: insertion for a handful, quicksort for hundreds, radix for many (Knuth, TAOCP 3,
/// 5.2.1, 5.2.2 and 5.2.5). `Arrays.sort` allocates where it meets runs.
public final class KeySort {
    private static final int INSERTION_LIMIT = 48;
    private static final int QUICK_LIMIT = 4_096;
    private static final int DIGIT_BITS = 11;
    private static final int DIGITS = 6;
    private static final int RADIX = 1 << DIGIT_BITS;

    private final int[] counts = new int[RADIX];
    private long[] spare = new long[0];

    /// Sorts `keys[0, size)` ascending: best candidate first.
    public void sort(long[] keys, int size) {
        int deepest = 2 * (Integer.SIZE - Integer.numberOfLeadingZeros(size));
        if (size > QUICK_LIMIT || !quicksort(keys, 0, size, deepest)) {
            radixSort(keys, size);
        }
    }

    /// Gives up, with the keys in some other order, where pivots are too bad.
    private static boolean quicksort(long[] keys, int from, int to, int depth) {
        if (to - from <= INSERTION_LIMIT) {
            insertionSort(keys, from, to);
            return true;
        }
        int pivot = partition(keys, from, to);
        return depth > 0 && quicksort(keys, from, pivot, depth - 1) && quicksort(keys, pivot + 1, to, depth - 1);
    }

    /// Around the median of three; returns its place (Lomuto).
    private static int partition(long[] keys, int from, int to) {
        int middle = (from + to) >>> 1;
        int last = to - 1;
        long least = Math.min(keys[from], Math.min(keys[middle], keys[last]));
        long greatest = Math.max(keys[from], Math.max(keys[middle], keys[last]));
        int median = isBetween(keys[from], least, greatest) ? from
                : isBetween(keys[middle], least, greatest) ? middle : last;
        swap(keys, median, last);
        int place = from;
        for (int i = from; i < last; i++) {
            if (keys[i] < keys[last]) {
                swap(keys, i, place++);
            }
        }
        swap(keys, place, last);
        return place;
    }

    private static boolean isBetween(long key, long least, long greatest) {
        return key > least && key < greatest;
    }

    private static void swap(long[] keys, int i, int j) {
        long key = keys[i];
        keys[i] = keys[j];
        keys[j] = key;
    }

    private static void insertionSort(long[] keys, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            long key = keys[i];
            int j = i - 1;
            for (; j >= from && keys[j] > key; j--) {
                keys[j + 1] = keys[j];
            }
            keys[j + 1] = key;
        }
    }

    /// Six stable passes over eleven bits each; a digit that all keys share (high bits of small ids) costs one count.
    private void radixSort(long[] keys, int size) {
        if (spare.length < size) {
            spare = new long[keys.length];
        }
        long[] from = keys;
        long[] to = spare;
        for (int digit = 0; digit < DIGITS; digit++) {
            int shift = digit * DIGIT_BITS;
            if (scatter(from, to, size, shift)) {
                long[] swap = from;
                from = to;
                to = swap;
            }
        }
        if (from != keys) {
            System.arraycopy(from, 0, keys, 0, size);
        }
    }

    private boolean scatter(long[] from, long[] to, int size, int shift) {
        Arrays.fill(counts, 0);
        for (int i = 0; i < size; i++) {
            counts[digit(from[i], shift)]++;
        }
        if (counts[digit(from[0], shift)] == size) {
            return false;
        }
        int start = 0;
        for (int d = 0; d < RADIX; d++) {
            int count = counts[d];
            counts[d] = start;
            start += count;
        }
        for (int i = 0; i < size; i++) {
            to[counts[digit(from[i], shift)]++] = from[i];
        }
        return true;
    }

    /// The sign bit is flipped, so that negative keys (the better half) come first.
    private static int digit(long key, int shift) {
        return (int) ((key ^ Long.MIN_VALUE) >>> shift) & (RADIX - 1);
    }
}
