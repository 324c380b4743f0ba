package io.github.javasampler.schema;

import java.math.BigDecimal;

/// One end of a range of numbers; `null` stands for no bound.
record Bound(BigDecimal value, boolean exclusive) {
    static Bound higher(Bound a, Bound b) {
        return a == null || b != null && (b.value.compareTo(a.value) > 0 || b.value.compareTo(a.value) == 0
                && b.exclusive) ? b : a;
    }

    static Bound lower(Bound a, Bound b) {
        return a == null || b != null && (b.value.compareTo(a.value) < 0 || b.value.compareTo(a.value) == 0
                && b.exclusive) ? b : a;
    }

    boolean allowsFromBelow(BigDecimal number) {
        return number.compareTo(value) < (exclusive ? 0 : 1);
    }

    boolean allowsFromAbove(BigDecimal number) {
        return number.compareTo(value) > (exclusive ? 0 : -1);
    }

    /// Whether no number lies between a lower and an upper bound.
    static boolean isEmpty(Bound low, Bound high) {
        return low != null && high != null && (low.value.compareTo(high.value) > 0
                || low.value.compareTo(high.value) == 0 && (low.exclusive || high.exclusive));
    }
}
