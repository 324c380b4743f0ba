package io.github.javasampler.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrammarTriggerTest {
    private static final String CALL = "root ::= \"<call>\" [a-z]+ \"(\" [0-9]* \")\"";
    private static final TextVocabulary VOCABULARY = new TextVocabulary("<", "call", ">", "<call", "say <ca",
            "ll>f", "f", "(", "1", ")", "hello ", "\u00e9");

    private static GrammarMatcher matcher(String gbnf, GrammarTrigger trigger) {
        return GrammarVocabulary.of(VOCABULARY).compile(Grammar.parse(gbnf)).newMatcher(trigger);
    }

    private static void acceptAll(GrammarMatcher matcher, String... texts) {
        for (String text : texts) {
            matcher.accept(VOCABULARY.token(text));
        }
    }

    @Test
    void everythingIsAllowedUntilAWordTriggersTheGrammar() {
        GrammarMatcher matcher = matcher(CALL, GrammarTrigger.ofWords(List.of("<call>", "[x]")));
        acceptAll(matcher, "hello ", ")", "(", "say <ca");
        assertThat(matcher.isWaiting()).isTrue();
        assertThat(matcher.mask().count()).isEqualTo(VOCABULARY.size());
        assertThat(matcher.isComplete()).isTrue();
        // The word ends within this token, of which the rest belongs to the grammar.
        acceptAll(matcher, "ll>f");
        assertThat(matcher.isWaiting()).isFalse();
        assertThat(matcher.isComplete()).isFalse();
        assertThat(matcher.accepts(VOCABULARY.token("hello "))).isFalse();
        acceptAll(matcher, "f", "(", "1", ")");
        assertThat(matcher.isComplete()).isTrue();
        matcher.reset();
        assertThat(matcher.isWaiting()).isTrue();
    }

    @Test
    void theGrammarBeginsWithTheFirstGroupThatIsNotEmpty() {
        GrammarMatcher matcher = matcher("root ::= \"f(\" [0-9]+ \")\"",
                new GrammarTrigger(List.of("call>(x)?(f\\()"), List.of()));
        acceptAll(matcher, "<", "call", ">", "f", "(");
        assertThat(matcher.isWaiting()).isFalse();
        acceptAll(matcher, "1", ")");
        assertThat(matcher.isComplete()).isTrue();
    }

    @Test
    void aTokenTriggersWithItsOwnText() {
        GrammarMatcher matcher = matcher("root ::= \"<tool>\" \"f\"", new GrammarTrigger(List.of(),
                List.of(TextVocabulary.CONTROL)));
        acceptAll(matcher, "hello ");
        matcher.accept(TextVocabulary.CONTROL);
        assertThat(matcher.mask().next(0)).isEqualTo(VOCABULARY.token("f"));
    }

    @Test
    void whatTriggersButDoesNotFitIsATypedErrorThatChangesNothing() {
        GrammarMatcher matcher = matcher("root ::= \"other\"", GrammarTrigger.ofWords(List.of("call")));
        acceptAll(matcher, "hello ");
        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(TokenNotAllowedException.class)
                    .isThrownBy(() -> matcher.accept(VOCABULARY.token("<call")))
                    .withMessageContaining("triggers a lazy grammar");
            assertThat(matcher.isWaiting()).isTrue();
            acceptAll(matcher, "f");
        }
    }

    @Test
    void copiesAndSavedOnesKeepWhatWasSaid() throws IOException {
        GrammarTrigger trigger = GrammarTrigger.ofWords(List.of("<call>"));
        GrammarMatcher matcher = matcher(CALL, trigger);
        acceptAll(matcher, "hello ", "<", "call");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        matcher.save(new DataOutputStream(bytes));
        GrammarMatcher copy = matcher.copy();
        GrammarMatcher restored = matcher(CALL, trigger);
        restored.restore(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        acceptAll(matcher, "f");
        for (GrammarMatcher same : List.of(copy, restored)) {
            acceptAll(same, ">", "f");
            assertThat(same.isWaiting()).isFalse();
        }
        assertThat(matcher.isWaiting()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '@', value = {
        "b+@abbc@1", "^b@ab@-1", "^a.c$@abc@0", "^(a)(b)$@xab@-1", "a$@a~@-1", "a.b@a~b@-1", "a.b@a\u00e9b@-1",
        "a..b@a\u00e9b@0", "[[]x@[x@0", "[^]@q@0", "[]|x@ax@1", "[[:digit:]a]+@xa1@1", "[a&&b]@&@0", "\\x41(B)@AB@1",
        "(x)?(y)@y@0", "(?:x|y)(z)@yz@1", "a(?=b)@ab@0", "\\v|\\/@a/@1", "\u00e9@x\u00e9@1", "\\z@z@0", "[\\b]@b@-1"
    })
    void patternsAreReadAsByStdRegex(String pattern, String text, int expected) {
        byte[] bytes = text.replace('~', '\n').getBytes(StandardCharsets.UTF_8);
        assertThat(new TriggerPattern(pattern).find(bytes, bytes.length)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '@', value = {"(@", "[a@", "a**@", "(?<=a)b@", "(?i)a@", "a\\@", "[[.a.]]@", "x{2,1}@"})
    void whatIsNoPatternIsRefused(String pattern) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new GrammarTrigger(List.of(pattern), List.of()))
                .withMessageContaining("regular expression");
    }

    @Test
    void aPatternThatTakesForeverOrGoesTooDeepIsATypedError() {
        byte[] text = "a".repeat(60).getBytes(StandardCharsets.UTF_8);
        assertThatExceptionOfType(GrammarLimitException.class)
                .isThrownBy(() -> new TriggerPattern("^(a|aa)+\\1?b$").find(text, text.length));
        byte[] lengthy = "ab".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        assertThatExceptionOfType(GrammarLimitException.class)
                .isThrownBy(() -> new TriggerPattern("(a|b|ab)*c").find(lengthy, lengthy.length));
    }

    @Test
    void aTriggerMustHaveSomethingToBeginWith() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new GrammarTrigger(List.of(), List.of())).withMessageContaining("neither");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> matcher(CALL, new GrammarTrigger(List.of(), List.of(99))))
                .withMessageContaining("got 99");
    }
}
