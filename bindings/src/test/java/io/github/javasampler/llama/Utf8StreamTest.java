package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8StreamTest {
    private static final String TEXT = "a\u00e9\u4e16\ud83c\udf89 z\u0000\uffff\ud800\udc00\udbff\udfff";

    @Test
    void aCodePointComesOutWithItsLastByte() {
        Utf8Stream stream = new Utf8Stream();
        assertThat(stream.feed(bytes(0xF0))).isEmpty();
        assertThat(stream.feed(bytes(0x9F, 0x8E))).isEmpty();
        assertThat(stream.feed(bytes(0x89, 'x'))).isEqualTo("\ud83c\udf89x");
        assertThat(stream.flush()).isEmpty();
    }

    @Test
    void anyCutOfAnyTextGivesTheText() {
        byte[] all = TEXT.getBytes(StandardCharsets.UTF_8);
        for (int first = 0; first <= all.length; first++) {
            for (int second = first; second <= all.length; second++) {
                Utf8Stream stream = new Utf8Stream();
                String text = stream.feed(Arrays.copyOf(all, first))
                        + stream.feed(Arrays.copyOfRange(all, first, second))
                        + stream.feed(Arrays.copyOfRange(all, second, all.length)) + stream.flush();
                assertThat(text).isEqualTo(TEXT);
            }
        }
    }

    @Test
    void asciiIsNeverHeldBack() {
        Utf8Stream stream = new Utf8Stream();
        assertThat(stream.feed(bytes('a', 'b'))).isEqualTo("ab");
        assertThat(stream.feed(new byte[0])).isEmpty();
    }

    @Test
    void whatNeverCompletesBecomesAReplacementCharacter() {
        Utf8Stream stream = new Utf8Stream();
        assertThat(stream.feed(bytes(0xE4, 0xB8))).isEmpty();
        assertThat(stream.flush()).isEqualTo("\ufffd");
        assertThat(stream.flush()).isEmpty();
        assertThat(stream.feed(bytes('b'))).isEqualTo("b");
    }

    @Test
    void whatCannotCompleteIsNotHeldBack() {
        // Overlong forms, beyond U+10FFFF, a stray continuation byte, bytes that begin nothing.
        int[][] wrong = {{0xE0, 0x80}, {0xF0, 0x80}, {0xF4, 0x90}, {0x80}, {0xC0}, {0xC1}, {0xF5}, {0xFF}};
        for (int[] bytes : wrong) {
            Utf8Stream stream = new Utf8Stream();
            String expected = new String(bytes(bytes), StandardCharsets.UTF_8);
            assertThat(stream.feed(bytes(bytes))).as(Arrays.toString(bytes)).isEqualTo(expected);
            assertThat(stream.flush()).isEmpty();
        }
    }

    @Test
    void anyBytesGiveWhatJavaMakesOfThemAsAWhole() {
        // Mostly bytes that begin or continue code points, so that all kinds of damage occur.
        int[] alphabet = {'a', 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xDF, 0xE0, 0xE4, 0xED, 0xEF, 0xF0, 0xF4, 0xF5,
                0xFF};
        long seed = 42;
        Random random = new Random(seed);
        for (int run = 0; run < 50_000; run++) {
            byte[] all = new byte[random.nextInt(12)];
            for (int i = 0; i < all.length; i++) {
                all[i] = (byte) alphabet[random.nextInt(alphabet.length)];
            }
            Utf8Stream stream = new Utf8Stream();
            StringBuilder text = new StringBuilder();
            for (int from = 0; from < all.length;) {
                int to = Math.min(all.length, from + 1 + random.nextInt(3));
                String piece = stream.feed(Arrays.copyOfRange(all, from, to));
                assertThat(piece.isEmpty() || !Character.isHighSurrogate(piece.charAt(piece.length() - 1))).isTrue();
                text.append(piece);
                from = to;
            }
            text.append(stream.flush());
            assertThat(text.toString()).as("seed " + seed + ", run " + run + ": " + Arrays.toString(all))
                    .isEqualTo(new String(all, StandardCharsets.UTF_8));
        }
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
