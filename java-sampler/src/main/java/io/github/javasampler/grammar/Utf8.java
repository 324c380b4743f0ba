package io.github.javasampler.grammar;

/// UTF-8 as llama.cpp's grammars read it: by the upper four bits of the first byte, with no look at whether a sequence
/// is well-formed.
final class Utf8 {
    private Utf8() {
    }

    /// How many bytes follow this first one, or -1 if it is none.
    static int missing(int b) {
        return b < 0x80 ? 0 : b < 0xC0 ? -1 : b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
    }

    /// The bits of a first byte.
    static int lead(int b, int missing) {
        return missing == 0 ? b : b & (1 << 7 - missing) - 1;
    }

    /// Whether more bytes than need be may have been used for a character that begins with these bits.
    static boolean mayBeOverlong(int value) {
        return value < 2;
    }

    static boolean continues(int b) {
        return b >> 6 == 2;
    }

    static int append(int value, int b) {
        return value << 6 | b & 0x3F;
    }

    /// Whether llama.cpp can read a text at all, and its first character to the end.
    ///
    /// @param remaining how many bytes are missing of the character before
    static boolean isReadable(byte[] text, int from, int to, int remaining) {
        int at = from;
        int missing = remaining;
        for (; missing > 0 && at < to; at++, missing--) {
            if (!continues(text[at] & 0xFF)) {
                return false;
            }
        }
        boolean first = remaining > 0 && missing == 0;
        while (at < to) {
            missing = missing(text[at] & 0xFF);
            if (missing < 0) {
                return false;
            }
            at += 1 + missing;
            first |= at <= to;
        }
        return first;
    }
}
