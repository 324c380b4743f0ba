package io.github.javasampler.grammar;

/// Which bytes are alike: those of one class lead to the same state, from wherever they are read, so that it has to be
/// found only once for all of them. A table gives the class of a byte, from 0 on.
final class ByteClasses {
    private static final int BYTES = 256;
    private static final int ASCII = 128;

    /// Each byte on its own.
    static final byte[] EACH = new byte[BYTES];
    /// Those that continue a character, and the others.
    static final byte[] CONTINUATION = new byte[BYTES];
    /// All of them.
    static final byte[] ONE = new byte[BYTES];

    static {
        for (int b = 0; b < BYTES; b++) {
            EACH[b] = (byte) b;
            CONTINUATION[b] = (byte) (Utf8.continues(b) ? 1 : 0);
        }
    }

    private ByteClasses() {}

    /// Of the bytes that begin a character, as far as some classes of characters tell them apart. Begins with a group
    /// for each number of bytes that follow, and splits the groups by one class of characters after the other.
    static byte[] ofFirst(CharClass[] classes) {
        int[] group = new int[BYTES];
        // What follows decides.
        boolean[] alone = new boolean[BYTES];
        for (int b = 0; b < BYTES; b++) {
            int missing = Utf8.missing(b);
            group[b] = missing + 1;
            alone[b] = missing > 0 && Utf8.mayBeOverlong(Utf8.lead(b, missing));
        }
        int groups = number(group);
        for (CharClass charClass : classes) {
            split(group, charClass, alone);
            groups = number(group);
        }
        for (int b = 0; b < BYTES; b++) {
            group[b] = alone[b] ? groups + b : group[b];
        }
        number(group);
        byte[] table = new byte[BYTES];
        for (int b = 0; b < BYTES; b++) {
            table[b] = (byte) group[b];
        }
        return table;
    }

    /// Makes groups of those that the class matches and of those that it does not.
    private static void split(int[] group, CharClass charClass, boolean[] alone) {
        boolean allBeyond = charClass.matchesAll(ASCII, CharClass.LAST);
        boolean someBeyond = !allBeyond && !charClass.matchesNone(ASCII, CharClass.LAST);
        for (int b = 0; b < BYTES; b++) {
            int missing = Utf8.missing(b);
            boolean matches = missing == 0 ? charClass.matches(b) : missing > 0 && allBeyond;
            if (missing > 0 && someBeyond && !alone[b]) {
                int value = Utf8.lead(b, missing);
                int first = CharClass.first(value, missing);
                int last = CharClass.last(value, missing);
                matches = charClass.matchesAll(first, last);
                alone[b] = !matches && !charClass.matchesNone(first, last);
            }
            group[b] = 2 * group[b] + (matches ? 1 : 0);
        }
    }

    /// Numbers the groups anew, from 0 on in the order of their first bytes; returns how many there are.
    private static int number(int[] group) {
        int[] numbers = new int[2 * BYTES];
        int count = 0;
        for (int b = 0; b < BYTES; b++) {
            int known = numbers[group[b]];
            numbers[group[b]] = known == 0 ? ++count : known;
            group[b] = numbers[group[b]] - 1;
        }
        return count;
    }
}
