package io.github.javasampler.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TokenTextsTest {
    @Test
    void aTextIsReadAsUtf8() {
        assertThat(TokenTexts.readable("a \u00fc \u20ac \ud83d\ude00".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("a \u00fc \u20ac \ud83d\ude00");
        assertThat(TokenTexts.readable(new byte[0])).isEmpty();
    }

    @Test
    void bytesThatAreNoWholeCharacterStandInHex() {
        assertThat(TokenTexts.readable(new byte[] {(byte) 0xE2})).isEqualTo("<E2>");
        assertThat(TokenTexts.readable(new byte[] {'a', (byte) 0xE2, (byte) 0x82})).isEqualTo("a<E2><82>");
        assertThat(TokenTexts.readable(new byte[] {(byte) 0x82, (byte) 0xAC, 'b'})).isEqualTo("<82><AC>b");
        assertThat(TokenTexts.readable(new byte[] {(byte) 0xFF, (byte) 0xC3, (byte) 0xBC})).isEqualTo("<FF>\u00fc");
    }
}
