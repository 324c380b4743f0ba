package io.github.javasampler.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.grammar.ChoiceGrammar;
import io.github.javasampler.grammar.RegexGrammar;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The grammars of regular expressions and choices, read by the plain reader that is here for schemas.
class TextGrammarsTest {
    private static final int TEXTS = 300;

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "abc|abd|x", "(a|b)*abb", "[a-c]{2,4}x?", "^\\d{3}-\\d{4}$",
        "\\w+@\\w+\\.(com|org)",
        "[^a-z\\s]\\S\\D.", "(?:ab?){0,3}", "\\\\\\[\\]\\-\\^\\\"\\/", "[\\]\\\\^-]+", "\\u00e9|\\x41|\\t", "x{3,}",
        "(((a)))+",
        "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}", "\u00e9+|[\uD83D\uDE00-\uD83D\uDE0F]"})
    void whatComesOutMatchesInJava(String regex) {
        ReferenceGrammar grammar = new ReferenceGrammar(RegexGrammar.toGbnf(regex));
        Pattern pattern = Pattern.compile(regex);
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < TEXTS; i++) {
            String text = grammar.random(random);
            assertThat(pattern.matcher(text).matches()).as("%s gives %s", regex, text).isTrue();
            StringBuilder changed = new StringBuilder(text);
            changed.insert(random.nextInt(text.length() + 1), "ab0-\" .".charAt(random.nextInt(7)));
            // Texts of ASCII are read alike by all dialects.
            if (changed.chars().allMatch(c -> c < 0x7F && c >= ' ')) {
                assertThat(grammar.matches(changed.toString())).as("%s and %s", regex, changed)
                        .isEqualTo(pattern.matcher(changed).matches());
            }
        }
    }

    @Test
    void choices() {
        ReferenceGrammar grammar = new ReferenceGrammar(
                ChoiceGrammar.toGbnf(List.of("yes", "no", "it's \"quoted\" \\ \n\u00e9\uD83D\uDE00", "no")));
        assertThat(List.of("yes", "no", "it's \"quoted\" \\ \n\u00e9\uD83D\uDE00")).allMatch(grammar::matches);
        assertThat(List.of("", "ye", "nono", "yes ")).noneMatch(grammar::matches);
    }
}
