package io.github.javasampler.grammar;

/// The characters that most texts are made of, as far as grammars mostly take them all or none: no controls, no
/// separators of lines, no quotation mark, no backslash and no surrogates, which are no characters. Where a grammar
/// takes any of them for a while, such as in a string of JSON, tokens of nothing else need no look at their bytes.
final class PlainText {
    private static final int[] RANGES = {
        ' ', '!', '#', '[', ']', '~', 0xA0, 0x2027, 0x202A, Character.MIN_SURROGATE - 1, Character.MAX_SURROGATE + 1,
        Character.MAX_CODE_POINT
    };

    private PlainText() {
    }

    /// How much of it a class of characters takes.
    enum Share { ALL, SOME, NONE }

    static Share shareIn(CharClass charClass) {
        boolean all = true;
        boolean none = true;
        for (int i = 0; i < RANGES.length; i += 2) {
            all &= charClass.matchesAll(RANGES[i], RANGES[i + 1]);
            none &= charClass.matchesNone(RANGES[i], RANGES[i + 1]);
        }
        return all ? Share.ALL : none ? Share.NONE : Share.SOME;
    }

    /// How many characters a text has, or -1 if one of them is not plain or the text is not well-formed UTF-8.
    static int length(byte[] utf8) {
        int count = 0;
        for (int i = 0; i < utf8.length; count++) {
            int missing = Utf8.missing(utf8[i] & 0xFF);
            if (missing < 0 || i + missing >= utf8.length) {
                return -1;
            }
            int codePoint = Utf8.lead(utf8[i++] & 0xFF, missing);
            for (int end = i + missing; i < end; i++) {
                if (!Utf8.continues(utf8[i] & 0xFF)) {
                    return -1;
                }
                codePoint = Utf8.append(codePoint, utf8[i] & 0xFF);
            }
            if (!isPlain(codePoint)) {
                return -1;
            }
        }
        return count;
    }

    private static boolean isPlain(int codePoint) {
        for (int i = 0; i < RANGES.length; i += 2) {
            if (codePoint >= RANGES[i] && codePoint <= RANGES[i + 1]) {
                return true;
            }
        }
        return false;
    }
}
