package io.github.javasampler.llama;

import java.nio.charset.StandardCharsets;

/// Puts text together from bytes that come in pieces of any length: a token can end in the middle of a character.
///
/// Only whole code points come out; bytes of an unfinished one are held back, at most 3. What can never become UTF-8
/// comes out as U+FFFD, as often as in `new String(allBytes, UTF_8)`, so that all that came out, with [#flush], equals
/// that string. For one thread at a time.
public final class Utf8Stream {
    private static final int MAX_HELD = 3;

    private final byte[] held = new byte[MAX_HELD];
    private int heldCount;

    /// A stream at the beginning of a text.
    public Utf8Stream() {
    }

    /// Takes the next bytes.
    ///
    /// @return the text that they complete, often empty
    public String feed(byte[] piece) {
        if (piece.length == 0) {
            return "";
        }
        byte[] bytes = piece;
        if (heldCount > 0) {
            bytes = new byte[heldCount + piece.length];
            System.arraycopy(held, 0, bytes, 0, heldCount);
            System.arraycopy(piece, 0, bytes, heldCount, piece.length);
        }
        int complete = bytes.length - unfinished(bytes);
        heldCount = bytes.length - complete;
        System.arraycopy(bytes, complete, held, 0, heldCount);
        return new String(bytes, 0, complete, StandardCharsets.UTF_8);
    }

    /// Ends the text.
    ///
    /// @return U+FFFD if a code point was left unfinished, else nothing. The stream is at a beginning again
    public String flush() {
        String rest = new String(held, 0, heldCount, StandardCharsets.UTF_8);
        heldCount = 0;
        return rest;
    }

    /// How many bytes at the end begin a code point that more bytes could finish.
    private static int unfinished(byte[] bytes) {
        for (int count = 1; count <= Math.min(MAX_HELD, bytes.length); count++) {
            int lead = bytes[bytes.length - count] & 0xFF;
            if (lead < 0x80) {
                return 0;
            }
            if (lead >= 0xC0) {
                boolean more = count < length(lead)
                        && (count == 1 || validSecond(lead, bytes[bytes.length - count + 1] & 0xFF));
                return more ? count : 0;
            }
        }
        return 0;
    }

    /// How many bytes the code point has that a byte begins; 0 if none begins with it.
    private static int length(int lead) {
        if (lead >= 0xF5 || lead < 0xC2) {
            return 0;
        }
        return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    }

    /// The second byte rules out overlong forms and what lies beyond U+10FFFF (Unicode, table 3-7). It could rule out
    /// surrogates too, but Java's decoder takes the three bytes of a surrogate as one fault, so they wait for the
    /// third.
    private static boolean validSecond(int lead, int second) {
        int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        int high = lead == 0xF4 ? 0x8F : 0xBF;
        return second >= low && second <= high;
    }
}
