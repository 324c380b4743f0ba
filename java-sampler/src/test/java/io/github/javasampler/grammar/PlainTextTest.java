package io.github.javasampler.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTextTest {
    /// Of json.gbnf, of what a JSON schema becomes, of anything: so that tokens of plain text need no walk.
    @ParameterizedTest
    @ValueSource(strings = {
        "[^\"\\\\\\x7F\\x00-\\x1F]", "[ !#-\\[\\]-~\\x80-\\uD7FF\\uE000-\\U0010FFFF]", "[^\\n]", "."
    })
    void stringsOfJsonTakeAllOfIt(String characters) {
        assertThat(PlainText.shareIn(classOf(characters))).isEqualTo(PlainText.Share.ALL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[a-z ]", "[^,]", "[^\\U0001F600]"})
    void otherClassesDoNot(String characters) {
        assertThat(PlainText.shareIn(classOf(characters))).isEqualTo(PlainText.Share.SOME);
    }

    @Test
    void endsOfStringsTakeNoneOfIt() {
        assertThat(PlainText.shareIn(classOf("[\"\\\\\\n]"))).isEqualTo(PlainText.Share.NONE);
    }

    private static CharClass classOf(String characters) {
        return Grammar.parse("root ::= " + characters).rules().charClass(0);
    }

    @Test
    void itsLengthIsInCharacters() {
        assertThat(PlainText.length("gr\u00fcn \ud83d\ude00".getBytes(StandardCharsets.UTF_8))).isEqualTo(6);
        assertThat(PlainText.length("say \"no\"".getBytes(StandardCharsets.UTF_8))).isNegative();
        assertThat(PlainText.length(new byte[] {'a', (byte) 0xC3})).isNegative();
    }

    @Test
    void surrogatesAreNone() {
        assertThat(PlainText.length(new byte[] {(byte) 0xED, (byte) 0x9F, (byte) 0xBF})).isOne();
        assertThat(PlainText.length(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80})).isNegative();
        assertThat(PlainText.length(new byte[] {(byte) 0xED, (byte) 0xBF, (byte) 0xBF})).isNegative();
        assertThat(PlainText.length(new byte[] {(byte) 0xEE, (byte) 0x80, (byte) 0x80})).isOne();
    }
}
