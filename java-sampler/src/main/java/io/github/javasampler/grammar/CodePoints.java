package io.github.javasampler.grammar;

import java.util.Arrays;

/// A set of Unicode scalar values: the code points without the surrogates, which no UTF-8 text holds.
///
/// Immutable, equal by value, safe for threads.
public final class CodePoints {
    /// No code point.
    public static final CodePoints NONE = new CodePoints(new int[0]);
    /// Every scalar value.
    public static final CodePoints ALL = new CodePoints(new int[] {
        0, Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1, Character.MAX_CODE_POINT + 1
    });

    /// The first code point of a range, the one after its last, and so on; strictly ascending.
    private final int[] bounds;

    private CodePoints(int[] bounds) {
        this.bounds = bounds;
    }

    /// One code point; a surrogate gives the empty set.
    public static CodePoints of(int codePoint) {
        return range(codePoint, codePoint);
    }

    /// The scalar values from `first` to `last`, both included.
    ///
    /// @throws IllegalArgumentException when `first` is above `last`, or one of them no code point
    public static CodePoints range(int first, int last) {
        if (first < 0 || first > last || last > Character.MAX_CODE_POINT) {
            throw new IllegalArgumentException("a range of code points must ascend within 0 and 10FFFF, got "
                    + Integer.toHexString(first) + " to " + Integer.toHexString(last));
        }
        return new CodePoints(new int[] {first, last + 1}).and(ALL);
    }

    /// Those that stand in `characters`.
    public static CodePoints of(String characters) {
        CodePoints all = NONE;
        for (int codePoint : characters.codePoints().toArray()) {
            all = all.or(of(codePoint));
        }
        return all;
    }

    /// Those in either.
    public CodePoints or(CodePoints other) {
        return combine(other, Combination.OR);
    }

    /// Those in both.
    public CodePoints and(CodePoints other) {
        return combine(other, Combination.AND);
    }

    /// Those that are not in the other.
    public CodePoints minus(CodePoints other) {
        return combine(other, Combination.MINUS);
    }

    private CodePoints combine(CodePoints other, Combination combination) {
        int[] a = bounds;
        int[] b = other.bounds;
        int[] result = new int[a.length + b.length];
        int size = 0;
        boolean in = false;
        for (int i = 0, j = 0; i < a.length || j < b.length; ) {
            int at = Math.min(i < a.length ? a[i] : Integer.MAX_VALUE, j < b.length ? b[j] : Integer.MAX_VALUE);
            i += i < a.length && a[i] == at ? 1 : 0;
            j += j < b.length && b[j] == at ? 1 : 0;
            if (combination.keeps(i % 2 == 1, j % 2 == 1) != in) {
                result[size++] = at;
                in = !in;
            }
        }
        return new CodePoints(Arrays.copyOf(result, size));
    }

    /// Whether it holds none.
    public boolean isEmpty() {
        return bounds.length == 0;
    }

    /// Whether it holds this one.
    public boolean contains(int codePoint) {
        int at = Arrays.binarySearch(bounds, codePoint);
        return (at >= 0 ? at + 1 : -at - 1) % 2 == 1;
    }

    /// The number of ranges.
    public int ranges() {
        return bounds.length / 2;
    }

    /// The first code point of a range, counted from 0.
    public int first(int range) {
        return bounds[2 * range];
    }

    /// The last code point of a range, counted from 0.
    public int last(int range) {
        return bounds[2 * range + 1] - 1;
    }

    /// Whether it holds exactly one.
    public boolean isSingle() {
        return bounds.length == 2 && bounds[0] + 1 == bounds[1];
    }

    int[] bounds() {
        return bounds;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CodePoints set && Arrays.equals(bounds, set.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }

    /// As a character class of GBNF.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < ranges(); i++) {
            GbnfText.appendInClass(text, first(i));
            if (last(i) > first(i)) {
                GbnfText.appendInClass(last(i) > first(i) + 1 ? text.append('-') : text, last(i));
            }
        }
        return text.append(']').toString();
    }
}
