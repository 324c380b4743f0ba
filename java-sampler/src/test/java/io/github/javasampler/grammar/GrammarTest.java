package io.github.javasampler.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrammarTest {
    @ParameterizedTest
    @CsvSource(delimiter = '@', value = {
        "root ::= 'a~b            @ 2 @ 2  @ a literal must end with",
        "root ::= [a-             @ 1 @ 13 @ a range must have a last character",
        "root ::= [abc            @ 1 @ 14 @ a class must end with ']'",
        "root ::= '\\q'           @ 1 @ 12 @ a backslash must be followed by one of",
        "root ::= '\\x4g'         @ 1 @ 14 @ an escape must have 2 hexadecimal digits, got 'g'",
        "root := 'a'              @ 1 @ 6  @ a rule's name must be followed by ::=, got ':'",
        "root ::= 'a')            @ 1 @ 13 @ a rule must end with its line, got ')'",
        "root ::= ('a' | 'b'      @ 1 @ 20 @ a group must end with ')', got the end of the text",
        "root ::= *               @ 1 @ 10 @ a repetition must follow what it repeats",
        "root ::= 'a'{2001}       @ 1 @ 13 @ something must be repeated at least 2000 times or less often, got 2001",
        "root ::= 'a'{3,2}        @ 1 @ 13 @ a repetition's second bound must not be below its first, got 3 and 2",
        "root ::= 'a'{3;          @ 1 @ 15 @ a repetition must go on with ',' or '}', got ';'",
        "root ::= ('a'{0,40}){60} @ 1 @ 21 @ repetitions must make at most 2000 rules",
        "root ::= a~a ::= b       @ 2 @ 7  @ a rule that is referred to must be defined, and \"b\" is not",
        "~ start ::= 'a'          @ 2 @ 15 @ a grammar must have its root, the rule \"root\"",
        "root ::= a~a ::= b 'x'~b ::= a | 'y' @ 2 @ 1 @ \"a\" does",
        "root ::= !17             @ 1 @ 11 @ '!' must be followed by a token",
        "root ::= <[x]>           @ 1 @ 12 @ a token's number must be a whole number, got 'x'",
        "root ::= <think          @ 1 @ 16 @ a token's text must end with '>'",
        "# nothing                @ 1 @ 10 @ a grammar must have a rule, got none",
        "::= 'a'                  @ 1 @ 1  @ a rule must begin with its name, got ':'"
    }, quoteCharacter = '`')
    void errorsSayWhere(String text, int line, int column, String message) {
        String gbnf = text.replace('\'', '"').replace('~', '\n');
        assertThatExceptionOfType(GrammarException.class).isThrownBy(() -> Grammar.parse(gbnf))
                .withMessageContaining(message)
                .withMessageEndingWith("(line " + line + ", column " + column + ")")
                .matches(e -> e.line() == line && e.column() == column);
    }

    @Test
    void hiddenLeftRecursionThatLlamaCppWouldFollowForeverIsFound() {
        // b may be left out, but only says so by another rule.
        assertThatThrownBy(() -> Grammar.parse("root ::= b root \"x\" | \"y\"\nb ::= c\nc ::= \"z\" |"))
                .isInstanceOf(GrammarException.class).hasMessageContaining("left recursion");
        // This one leads to itself, but there is nothing more to do then; llama.cpp takes it.
        assertThat(Grammar.parse("root ::= (\"x\"*)*").root()).isEqualTo("root");
    }

    @Test
    void whatIsTooBigIsAnErrorAndNoHeapOrStackIsExhausted() {
        assertFails("root ::= " + "(".repeat(100_000), "groups must be at most 1000 deep");
        assertFails("root ::= \"" + "x".repeat(100_000) + "\"{2000}", "at most 2000000 elements");
        assertFails("root ::= " + "\"x\"{0,2000} ".repeat(200), "at most 200000 rules");
        assertFails(" ".repeat(Grammar.MAX_CHARACTERS + 1), "at most 4000000 characters");
        assertFails("root ::= \"a\"{99999999999999999999}", "a number must have fewer than 19 digits");
        StringBuilder chain = new StringBuilder("root ::= r0\n");
        for (int i = 0; i < 50_000; i++) {
            chain.append('r').append(i).append(" ::= r").append(i + 1).append(" | r").append(i + 1).append('\n');
        }
        assertThat(Grammar.parse(chain + "r50000 ::= \"a\"").text()).startsWith("root ::= r0");
        assertFails(chain + "r50000 ::= root", "left recursion");
    }

    private static void assertFails(String gbnf, String message) {
        assertThatExceptionOfType(GrammarException.class).isThrownBy(() -> Grammar.parse(gbnf))
                .withMessageContaining(message);
    }

    @Test
    void grammarsAreEqualByTextAndRoot() {
        assertThat(Grammar.parse("root ::= \"a\"")).isEqualTo(Grammar.parse("root ::= \"a\"", "root"))
                .hasSameHashCodeAs(Grammar.parse("root ::= \"a\"")).hasToString("root ::= \"a\"")
                .isNotEqualTo(Grammar.parse("root ::= \"a\" "));
        String two = "root ::= \"a\"\nother ::= \"b\"";
        assertThat(Grammar.parse(two)).isNotEqualTo(Grammar.parse(two, "other"));
    }
}
