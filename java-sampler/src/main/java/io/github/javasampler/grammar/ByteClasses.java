package io.github.javasampler.grammar;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/// Which bytes are alike: those of one class lead to the same state, from wherever they are read, so that it has to be
/// found only once for all of them. A table gives the class of a byte, from 0 on.
final class ByteClasses {
    private static final int BYTES = 256;

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

    /// What a first byte means: how many follow it, the byte itself where what follows decides, else 0, and the
    /// characters' classes that match all that may come of it.
    private record Meaning(int missing, int itself, BitSet matching) {}

    private ByteClasses() {}

    /// Of the bytes that begin a character, as far as some classes of characters tell them apart.
    static byte[] ofFirst(CharClass[] classes) {
        byte[] table = new byte[BYTES];
        Map<Meaning, Integer> known = new HashMap<>();
        for (int b = 0; b < BYTES; b++) {
            Meaning meaning = meaning(b, classes);
            table[b] = (byte) (int) known.computeIfAbsent(meaning, ignored -> known.size());
        }
        return table;
    }

    private static Meaning meaning(int b, CharClass[] classes) {
        int missing = Utf8.missing(b);
        BitSet matching = new BitSet();
        if (missing < 0) {
            return new Meaning(missing, 0, matching);
        }
        int value = Utf8.lead(b, missing);
        int first = CharClass.first(value, missing);
        int last = CharClass.last(value, missing);
        boolean alike = missing == 0 || !Utf8.mayBeOverlong(value);
        for (int i = 0; i < classes.length; i++) {
            if (classes[i].matchesAll(first, last)) {
                matching.set(i);
            } else {
                alike &= classes[i].matchesNone(first, last);
            }
        }
        return new Meaning(missing, alike ? 0 : b, matching);
    }
}
