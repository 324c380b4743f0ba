package io.github.javasampler.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.javasampler.SeededTest;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

@SeededTest
class RegularLanguageTest {
    private static final int REGEXES = 1_500;
    private static final int TEXTS = 30;

    @Test
    void agreesWithJavaOnRandomExpressions(RandomGenerator random) {
        for (int i = 0; i < REGEXES; i++) {
            String regex = regex(random, 3);
            RegularLanguage whole = RegularLanguage.ofRegex(regex);
            RegularLanguage found = RegularLanguage.ofSearch("(" + regex + ")");
            Pattern pattern = Pattern.compile(regex);
            for (int j = 0; j < TEXTS; j++) {
                String text = text(random);
                assertThat(whole.accepts(text)).as("%s on %s", regex, text)
                        .isEqualTo(pattern.matcher(text).matches());
                assertThat(found.accepts(text)).as("%s in %s", regex, text).isEqualTo(pattern.matcher(text).find());
            }
        }
    }

    @Test
    void combinesAsSetsDo(RandomGenerator random) {
        for (int i = 0; i < REGEXES; i++) {
            RegularLanguage a = RegularLanguage.ofRegex(regex(random, 2));
            RegularLanguage b = RegularLanguage.ofRegex(regex(random, 2));
            RegularLanguage both = a.and(b);
            RegularLanguage either = a.or(b);
            RegularLanguage rest = a.minus(b);
            for (int j = 0; j < TEXTS; j++) {
                String text = text(random);
                boolean inA = a.accepts(text);
                boolean inB = b.accepts(text);
                assertThat(both.accepts(text)).isEqualTo(inA && inB);
                assertThat(either.accepts(text)).isEqualTo(inA || inB);
                assertThat(rest.accepts(text)).isEqualTo(inA && !inB);
            }
            assertThat(a.minus(a).isEmpty()).isTrue();
            assertThat(both.minus(a).isEmpty()).isTrue();
            assertThat(a.minus(either).isEmpty()).isTrue();
        }
    }

    private static String regex(RandomGenerator random, int depth) {
        String[] items = {"a", "b", "[ab]", "[^a]", "c", ".", "\\d", "[b-d]"};
        if (depth == 0) {
            return items[random.nextInt(items.length)];
        }
        return switch (random.nextInt(6)) {
            case 0 -> "(" + regex(random, depth - 1) + "|" + regex(random, depth - 1) + ")";
            case 1 -> "(" + regex(random, depth - 1) + ")*";
            case 2 -> "(" + regex(random, depth - 1) + ")?";
            case 3 -> "(" + regex(random, depth - 1) + "){1,2}";
            default -> regex(random, depth - 1) + regex(random, depth - 1);
        };
    }

    private static String text(RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append("abcd1".charAt(random.nextInt(5)));
        }
        return text.toString();
    }

    @Test
    void multiplesOfEveryDivisor() {
        for (int divisor : new int[] {1, 2, 3, 7, 10, 25, 100, 360, 1000}) {
            RegularLanguage multiples = RegularLanguage.ofMultiples(divisor);
            for (int i = -2_100; i <= 2_100; i++) {
                assertThat(multiples.accepts(Integer.toString(i))).isEqualTo(i % divisor == 0);
            }
            assertThat(List.of("", "-", "00", "007", "--7", "7.")).noneMatch(multiples::accepts);
        }
    }

    @Test
    void minimalAutomataMakeShortGrammars() {
        GbnfRules rules = new GbnfRules();
        rules.put("root", RegularLanguage.ofRegex("(a|b)*(c|d)(a|b)*|(a|b)*").toGbnf(rules, "r",
                GbnfExpression.Characters::new));
        assertThat(rules.toText()).hasValue("root ::= r\nr ::= [ab] r | [cd] r-1 | \"\"\nr-1 ::= [ab] r-1 | \"\"\n");
    }

    @Test
    void searchesLikeEcmaScript() {
        assertThat(RegularLanguage.ofSearch("b").accepts("abc")).isTrue();
        assertThat(RegularLanguage.ofSearch("^b").accepts("abc")).isFalse();
        assertThat(RegularLanguage.ofSearch("a|b$").accepts("ax")).isTrue();
        assertThat(RegularLanguage.ofSearch("^a|b$").accepts("ax")).isFalse();
        assertThat(RegularLanguage.ofBroadSearch("^a|b$").accepts("ax")).isTrue();
        assertThat(RegularLanguage.ofBroadSearch("^\\w$").accepts("\u00e9")).isTrue();
        assertThat(RegularLanguage.ofSearch("^\\w$").accepts("\u00e9")).isFalse();
        assertThat(RegularLanguage.ofSearch("^\\W$").accepts("\u00e9")).isFalse();
        assertThat(RegularLanguage.ofSearch("").accepts("\n")).isTrue();
    }

    @Test
    void sizeIsBounded() {
        assertThatThrownBy(() -> RegularLanguage.ofRegex("(a|b)*a(a|b){20}")).isInstanceOf(RegexException.class)
                .hasMessageContaining("too large");
        assertThatThrownBy(() -> RegularLanguage.ofRegex("((a{99}){99}){99}")).isInstanceOf(RegexException.class)
                .hasMessageContaining("too large");
        assertThat(RegularLanguage.ofRegex(".{0,2000}").states()).isEqualTo(2_001);
    }
}
