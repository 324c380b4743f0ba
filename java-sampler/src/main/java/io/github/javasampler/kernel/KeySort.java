package io.github.javasampler.kernel;

import java.util.Arrays;

/// Sorts keys without allocating: insertion for a handful, radix for many (Knuth, TAOCP 3, 5.2.1 and 5.2.5), and the
/// JDK's in between, which allocates nothing there and runs on vectors.
public final class KeySort {
    private static final int INSERTION_LIMIT = 64;
    private static final int JDK_LIMIT = 4_096;
    private static final int DIGIT_BITS = 11;
    private static final int DIGITS = 6;
    private static final int RADIX = 1 << DIGIT_BITS;

    private final int[] counts = new int[RADIX];
    private long[] spare = new long[0];

    /// Sorts `keys[0, size)` ascending: best candidate first.
    public void sort(long[] keys, int size) {
        if (size <= INSERTION_LIMIT) {
            insertionSort(keys, size);
        } else if (size <= JDK_LIMIT) {
            Arrays.sort(keys, 0, size);
        } else {
            radixSort(keys, size);
        }
    }

    private static void insertionSort(long[] keys, int size) {
        for (int i = 1; i < size; i++) {
            long key = keys[i];
            int j = i - 1;
            for (; j >= 0 && keys[j] > key; j--) {
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
