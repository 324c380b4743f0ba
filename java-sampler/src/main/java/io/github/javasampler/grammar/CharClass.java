package io.github.javasampler.grammar;

import java.util.Arrays;

/// A set of code points, or all but a set. Code points are what llama.cpp makes of bytes, up to 0x3FFFFF, so that the
/// complement of a set holds what is no Unicode.
final class CharClass {
    /// What four bytes decode to at most.
    static final int LAST = 0x3FFFFF;
    static final CharClass ANY = new CharClass(false, new int[] {0, LAST});

    private static final int ASCII = 128;

    private final boolean negated;
    /// First and last of each range, in order and apart.
    private final int[] ranges;
    /// Of ASCII, a bit each, complement and all.
    private final long lowBits;
    private final long highBits;

    private CharClass(boolean negated, int[] ranges) {
        this.negated = negated;
        this.ranges = ranges;
        long low = 0;
        long high = 0;
        for (int i = 0; i < Long.SIZE; i++) {
            low |= (holds(i) != negated ? 1L : 0L) << i;
            high |= (holds(i + Long.SIZE) != negated ? 1L : 0L) << i;
        }
        lowBits = low;
        highBits = high;
    }

    static CharClass of(int codePoint) {
        return new CharClass(false, codePoint > LAST ? new int[0] : new int[] {codePoint, codePoint});
    }

    /// @param bounds first and last of each range, in any order, overlapping or empty
    static CharClass of(boolean negated, long[] bounds) {
        long[] sorted = new long[bounds.length / 2];
        int count = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            long last = Math.min(bounds[i + 1], LAST);
            if (bounds[i] <= last) {
                sorted[count++] = bounds[i] << Integer.SIZE | last;
            }
        }
        Arrays.sort(sorted, 0, count);
        int[] merged = new int[2 * count];
        int length = 0;
        for (int i = 0; i < count; i++) {
            int first = (int) (sorted[i] >>> Integer.SIZE);
            int last = (int) sorted[i];
            if (length > 0 && first <= merged[length - 1] + 1) {
                merged[length - 1] = Math.max(merged[length - 1], last);
            } else {
                merged[length++] = first;
                merged[length++] = last;
            }
        }
        return new CharClass(negated, Arrays.copyOf(merged, length));
    }

    boolean matches(int codePoint) {
        if (codePoint < ASCII) {
            return ((codePoint < Long.SIZE ? lowBits : highBits) >>> codePoint & 1) != 0;
        }
        return holds(codePoint) != negated;
    }

    /// Whether it matches all of these code points.
    boolean matchesAll(int first, int last) {
        return negated ? !overlaps(first, last) : covers(first, last);
    }

    /// Whether it matches none of these code points.
    boolean matchesNone(int first, int last) {
        return negated ? covers(first, last) : !overlaps(first, last);
    }

    /// Whether a token may end within a character here. As llama.cpp judges it: a set must hold one of the characters
    /// that may come of it, and the complement of a set is refused as soon as the set does.
    ///
    /// @param value the bits so far
    /// @param remaining how many bytes are missing, at least 1
    boolean matchesBeginning(int value, int remaining) {
        if (remaining == 1 && value < 2) {
            return false;
        }
        int first = first(value, remaining);
        int last = last(value, remaining);
        if (first == 0 && remaining > 1) {
            first = remaining == 2 ? 1 << 11 : 1 << 16;
        }
        return overlaps(first, last) != negated;
    }

    /// The least code point that begins like this.
    static int first(int value, int remaining) {
        return value << 6 * remaining;
    }

    /// The greatest code point that begins like this.
    static int last(int value, int remaining) {
        return first(value, remaining) | (1 << 6 * remaining) - 1;
    }

    private boolean holds(int codePoint) {
        int range = rangeUpTo(codePoint);
        return range >= 0 && codePoint <= ranges[range + 1];
    }

    private boolean overlaps(int first, int last) {
        int range = rangeUpTo(last);
        return range >= 0 && first <= ranges[range + 1];
    }

    private boolean covers(int first, int last) {
        int range = rangeUpTo(first);
        return range >= 0 && last <= ranges[range + 1];
    }

    /// The last range that begins at this code point or before it, or a negative number.
    private int rangeUpTo(int codePoint) {
        int low = 0;
        int high = ranges.length / 2 - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            if (ranges[2 * middle] <= codePoint) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return 2 * high;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CharClass that && that.negated == negated && Arrays.equals(that.ranges, ranges);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ranges) * 2 + (negated ? 1 : 0);
    }
}
