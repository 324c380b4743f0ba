package io.github.javasampler.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.github.javasampler.SeededTest;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// Made-up and broken grammars: whatever the text, it is a grammar or a [GrammarException], in bounded time.
@SeededTest
class GrammarFuzzTest {
    private static final List<String> PARTS = List.of("root", "a", "b", " ", "\n", "::=", " ::= ", "|", "(", ")", "*",
            "+", "?", "{", "}", "{2}", "{0,3}", "{1,}", ",", "\"x\"", "\"", "[", "]", "[a-z]", "[^x]", ".", "#", "\\",
            "<[5]>", "<tool>", "!", "<", ">", "\u00e9", "\ud83c\udf89", "\ud83c", "\0", "\\x41", "\\u00e9", "-", "9");
    private static final List<String> GRAMMARS = List.of(
            "root ::= (expr \"=\" ws term \"\\n\")+\nexpr ::= term ([-+*/] term)*\n"
                    + "term ::= [a-z]+ ws | [0-9]{1,5} | \"(\" ws expr \")\" ws\nws ::= [ \\t\\n]*",
            "root ::= <tool> (!<[5]>)* \"x\"{2,4}\nb ::= [^\\u00e9\"\\\\] | (\"\\U0001F389\" | a)?\na ::= . b |");

    @Test
    void textsThatAreNoGrammarAreNothingWorse(RandomGenerator random) {
        TextVocabulary tokens = TextVocabulary.ofBytes();
        GrammarVocabulary vocabulary = GrammarVocabulary.of(tokens);
        int grammars = 0;
        for (int i = 0; i < 20_000; i++) {
            String text = i % 2 == 0 ? madeUp(random) : mutated(random);
            grammars += tryOut(text, vocabulary, random) ? 1 : 0;
        }
        // So it was not nothing that was tried out.
        assertThat(grammars).isBetween(1_000, 19_000);
    }

    /// Whether it is a grammar. If so, its masks must be what its matcher accepts.
    private static boolean tryOut(String text, GrammarVocabulary vocabulary, RandomGenerator random) {
        GrammarMatcher matcher;
        try {
            matcher = vocabulary.compile(Grammar.parse(text)).newMatcher();
        } catch (GrammarException e) {
            assertThat(e).hasMessageMatching("(?s).*\\(line \\d+, column \\d+\\)");
            return false;
        }
        assertTimeout(Duration.ofSeconds(10), () -> walk(matcher, vocabulary, random));
        return true;
    }

    private static void walk(GrammarMatcher matcher, GrammarVocabulary vocabulary, RandomGenerator random) {
        for (int step = 0; step < 8 && !matcher.isStuck(); step++) {
            GrammarMatcher unmasked = matcher.copy();
            int token = matcher.mask().next(random.nextInt(vocabulary.size()));
            token = token < 0 ? matcher.mask().next(0) : token;
            matcher.accept(token);
            unmasked.accept(token);
            assertThat(unmasked.place()).isEqualTo(matcher.place());
        }
    }

    private static String madeUp(RandomGenerator random) {
        StringBuilder text = new StringBuilder(random.nextInt(3) == 0 ? "" : "root ::= ");
        for (int count = random.nextInt(12); count > 0; count--) {
            text.append(PARTS.get(random.nextInt(PARTS.size())));
        }
        return text.append(random.nextBoolean() ? "" : "\na ::= \"y\"\nb ::= a?").toString();
    }

    private static String mutated(RandomGenerator random) {
        StringBuilder text = new StringBuilder(GRAMMARS.get(random.nextInt(GRAMMARS.size())));
        for (int count = random.nextInt(1, 4); count > 0; count--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(3)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.insert(at, PARTS.get(random.nextInt(PARTS.size())));
                default -> text.setCharAt(at, text.charAt(random.nextInt(text.length())));
            }
        }
        return text.toString();
    }
}
