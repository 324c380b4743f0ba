package io.github.javasampler.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What llama.cpp's own tests say that grammars take and refuse, character by character.
class LlamaCppFactsTest {
    private static final Path FACTS = Path.of("src/test/resources/grammar/llama-cpp.txt");
    /// A token by its number, or a character.
    private static final Pattern UNIT = Pattern.compile("<\\[(\\d+)]>|.", Pattern.DOTALL);
    /// Numbers that tests call tokens by are below.
    private static final int NUMBERED = 2_000;

    /// A grammar, and marks with texts.
    private record Facts(String name, String root, String grammar, List<Character> marks, List<String> texts) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Facts> facts() {
        List<Facts> facts = new ArrayList<>();
        String root = Grammar.DEFAULT_ROOT;
        String name = null;
        StringBuilder grammar = new StringBuilder();
        List<Character> marks = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (String line : lines()) {
            if (line.startsWith("==")) {
                name = line.substring(3);
            } else if (line.startsWith("root ")) {
                root = line.substring(5);
            } else if (line.startsWith(":")) {
                grammar.append(line.substring(1)).append('\n');
            } else if (line.isEmpty() && name != null) {
                facts.add(new Facts(name, root, grammar.toString(), List.copyOf(marks), List.copyOf(texts)));
                name = null;
                root = Grammar.DEFAULT_ROOT;
                grammar.setLength(0);
                marks.clear();
                texts.clear();
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                marks.add(line.charAt(0));
                texts.add(line.length() < 3 ? "" : line.substring(3, line.length() - 1).translateEscapes());
            }
        }
        return facts.stream();
    }

    private static List<String> lines() {
        try {
            List<String> lines = new ArrayList<>(Files.readAllLines(FACTS));
            // translateEscapes knows no \\u, which javac would have read.
            lines.replaceAll(line -> Pattern.compile("\\\\u([0-9a-f]{4})").matcher(line)
                    .replaceAll(found -> String.valueOf((char) Integer.parseInt(found.group(1), 16))));
            lines.add("");
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void thereAreAsManyAsInLlamaCpp() {
        assertThat(facts()).hasSize(47);
        assertThat(facts().mapToInt(facts -> facts.texts().size()).sum()).isGreaterThan(140);
    }

    @ParameterizedTest
    @MethodSource("facts")
    void grammarsTakeAndRefuseWhatTheyDoInLlamaCpp(Facts facts) {
        if (facts.marks().contains('!')) {
            assertThatExceptionOfType(GrammarException.class)
                    .isThrownBy(() -> Grammar.parse(facts.grammar(), facts.root()));
            return;
        }
        TextVocabulary vocabulary = vocabulary(facts);
        GrammarMatcher matcher = GrammarVocabulary.of(vocabulary).compile(Grammar.parse(facts.grammar(), facts.root()))
                .newMatcher();
        for (int i = 0; i < facts.texts().size(); i++) {
            matcher.reset();
            boolean taken = takes(matcher, vocabulary, facts.texts().get(i));
            char mark = facts.marks().get(i);
            boolean expected = mark == '+' || mark == '?';
            boolean actual = taken && (mark == '?' || mark == '/' || matcher.isComplete());
            assertThat(actual).as(mark + " " + facts.texts().get(i)).isEqualTo(expected);
        }
    }

    private static boolean takes(GrammarMatcher matcher, TextVocabulary vocabulary, String text) {
        for (Matcher unit = UNIT.matcher(text); unit.find();) {
            int token = unit.group(1) == null ? vocabulary.token(unit.group()) : Integer.parseInt(unit.group(1));
            boolean allowed = matcher.mask().allows(token);
            assertThat(matcher.accepts(token)).isEqualTo(allowed);
            if (!allowed) {
                assertThatExceptionOfType(TokenNotAllowedException.class).isThrownBy(() -> matcher.accept(token));
                return false;
            }
            matcher.accept(token);
        }
        return true;
    }

    /// A token for each number up to a limit, named by it, and for each character of the texts.
    private static TextVocabulary vocabulary(Facts facts) {
        TextVocabulary vocabulary = new TextVocabulary();
        while (vocabulary.size() < NUMBERED) {
            vocabulary.add(("<[" + vocabulary.size() + "]>").getBytes(StandardCharsets.UTF_8));
        }
        Set<String> characters = new LinkedHashSet<>();
        for (String text : facts.texts()) {
            for (Matcher unit = UNIT.matcher(text); unit.find();) {
                characters.add(unit.group(1) == null ? unit.group() : "x");
            }
        }
        characters.forEach(character -> vocabulary.add(character.getBytes(StandardCharsets.UTF_8)));
        return vocabulary;
    }
}
