package io.github.javasampler.grammar;

/// An element of a rule's alternate as an int: what it is in the upper bits, an index in the lower ones.
final class Item {
    /// Ends an alternate.
    static final int END = 0;
    /// A character of the class with this index.
    static final int CHARACTER = 1;
    /// The rule with this index.
    static final int RULE = 2;
    /// The token that the reference with this index names.
    static final int TOKEN = 3;
    /// Any token but that.
    static final int OTHER_TOKEN = 4;

    private static final int KIND_SHIFT = 28;
    private static final int INDEX_MASK = (1 << KIND_SHIFT) - 1;

    private Item() {
    }

    static int of(int kind, int index) {
        return kind << KIND_SHIFT | index;
    }

    static int kind(int item) {
        return item >>> KIND_SHIFT;
    }

    static int index(int item) {
        return item & INDEX_MASK;
    }
}
