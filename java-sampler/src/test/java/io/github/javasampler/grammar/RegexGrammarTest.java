package io.github.javasampler.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegexGrammarTest {
    @Test
    void writesGrammars() {
        assertThat(RegexGrammar.toGbnf("^ab+$")).isEqualTo("root ::= regex\nregex ::= \"ab\" regex-1\n"
                + "regex-1 ::= \"b\" regex-1 | \"\"\n");
        assertThat(RegexGrammar.toGbnf("[\\]^\\-\"]\\n\u00e9?")).isEqualTo("root ::= regex\n"
                + "regex ::= [\\x22\\-\\]\\x5E] \"\\n\" regex-1\nregex-1 ::= \"\\xE9\" | \"\"\n");
        assertThat(ChoiceGrammar.toGbnf(List.of("a", "b\"", "a"))).isEqualTo("root ::= \"a\" | \"b\\\"\"\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', quoteCharacter = '\'', textBlock = """
            a(b 4 missing
            a)b 2 without
            a(?=b) 3 lookaround
            (?<n>a) 2 named
            (?i)a 2 flags
            a*? 3 lazy
            a++ 3 possessive
            a** 3 quantifier
            *a 1 repeat
            a{2,1} 3 ascend
            a{,2} 3 number
            a{2001} 3 2000
            a{x} 3 number
            a} 2 write
            a] 2 write
            [a 1 missing
            [] 1 hold
            [b-a] 2 ascend
            [a-\\d] 2 range
            \\ba 1 escape
            (a)\\1 4 escape
            \\p{L} 1 escape
            \\u12 5 hexadecimal
            \\ud800 1 surrogate
            a^b 2 start
            a$b 3 end
            (a$)b 3 anchor
            a\\ 3 early
            """)
    void saysWhatAndWhere(String regex, int column, String problem) {
        RegexException e = catchThrowableOfType(RegexException.class, () -> RegexGrammar.toGbnf(regex));
        assertThat(e).as(regex).isNotNull();
        assertThat(e).hasMessageContaining(problem);
        assertThat(e.column()).isEqualTo(column);
    }

    @Test
    void choicesMustBeTexts() {
        for (List<String> choices : List.of(List.<String>of(), List.of("a", ""), List.of("\uD83D"))) {
            assertThatThrownBy(() -> ChoiceGrammar.toGbnf(choices)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void nestingIsBounded() {
        assertThatThrownBy(() -> RegexGrammar.toGbnf("(".repeat(5_000) + ")".repeat(5_000)))
                .isInstanceOf(RegexException.class).hasMessageContaining("nested");
        assertThatThrownBy(() -> RegexGrammar.toGbnf("a".repeat(10_001))).isInstanceOf(RegexException.class);
    }

    @Test
    void whatNeedsItselfIsCut() {
        GbnfRules rules = new GbnfRules();
        rules.put("root", GbnfExpression.choice(GbnfExpression.text("a"), new GbnfExpression.Reference("loop")));
        rules.put("loop", GbnfExpression.sequence(GbnfExpression.text("b"), new GbnfExpression.Reference("loop")));
        assertThat(rules.toText()).hasValue("root ::= \"a\"\n");
        rules.put("root", new GbnfExpression.Reference("loop"));
        assertThat(rules.toText()).isEmpty();
    }
}
