package io.github.javasampler.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.javasampler.SeededTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

@SeededTest
class GrammarMatcherTest {
    private static final String JSON = """
            root ::= object
            value ::= object | array | string | [0-9]{1,5} ws | ("true" | "false" | "null") ws
            object ::= "{" ws (string ":" ws value ("," ws string ":" ws value)*)? "}" ws
            array ::= "[" ws (value ("," ws value)*)? "]" ws
            string ::= "\\"" ([^"\\\\\\x7F\\x00-\\x1F] | "\\\\" ["\\\\bfnrt])* "\\"" ws
            ws ::= | " " | "\\n" [ \\t]{0,20}
            """;
    private static final String NESTED = "root ::= \"[\" root* \"]\" | \"x\"";

    private static GrammarMatcher matcher(TextVocabulary vocabulary, String gbnf) {
        return GrammarVocabulary.of(vocabulary).compile(Grammar.parse(gbnf)).newMatcher();
    }

    /// Of JSON and of letters, in many cuts.
    private static TextVocabulary vocabulary() {
        TextVocabulary vocabulary = TextVocabulary.ofBytes();
        for (String text : List.of("{\"", "\": ", "\",", "\"}", "}}", "}}}", "]]", "]]]]", "[[", "[[[", "},", "],[",
                "}]", "\n\t\t", "\",\n", "\": [", "true", "true}", "false,", " the", "the cat", "a\"", "a\":",
                "1}", "12]}", "\u00e9", "\u4e16\u754c", "\\n", "\\\"", "x]", "]x", "[x", "x]]", "]]x", "]x[", "\"}}]",
                " }", " } ]", "null ]", " plain words of more than sixteen letters",
                "seventeen letters")) {
            vocabulary.add(text.getBytes(StandardCharsets.UTF_8));
        }
        return vocabulary.add(new byte[] {'a', (byte) 0xC3}).add(new byte[] {(byte) 0xE4, (byte) 0xB8})
                .add(new byte[] {(byte) 0x96, '"', '}'}).add(new byte[] {'x', 0, 'y'}).add(new byte[] {0, 'y'});
    }

    private static void acceptAll(GrammarMatcher matcher, TextVocabulary vocabulary, String... texts) {
        for (String text : texts) {
            matcher.accept(vocabulary.token(text));
        }
    }

    @Test
    void anEndIsAllowedExactlyWhereTheGrammarIsComplete() {
        TextVocabulary vocabulary = new TextVocabulary("a", "b", "ab");
        GrammarMatcher matcher = matcher(vocabulary, "root ::= \"a\" \"b\"?");
        assertThat(matcher.isComplete()).isFalse();
        assertThat(matcher.mask().allows(TextVocabulary.END)).isFalse();
        assertThatExceptionOfType(TokenNotAllowedException.class)
                .isThrownBy(() -> matcher.accept(TextVocabulary.END)).matches(e -> e.token() == TextVocabulary.END)
                .withMessageContaining("must be complete");
        acceptAll(matcher, vocabulary, "a");
        assertThat(matcher.isComplete()).isTrue();
        assertThat(matcher.mask().allows(TextVocabulary.END)).isTrue();
        matcher.accept(TextVocabulary.END);
        acceptAll(matcher, vocabulary, "b");
        assertThat(matcher.mask().count()).isEqualTo(1);
        assertThat(matcher.isStuck()).isFalse();
    }

    @Test
    void withNoWayOnItIsStuck() {
        TextVocabulary vocabulary = new TextVocabulary("a");
        GrammarMatcher matcher = matcher(vocabulary, "root ::= \"a\" \"z\"");
        assertThat(matcher.isStuck()).isFalse();
        acceptAll(matcher, vocabulary, "a");
        assertThat(matcher.isStuck()).isTrue();
        matcher.reset();
        assertThat(matcher.isStuck()).isFalse();
    }

    @Test
    void tokensWithoutTextAreNeverAllowedAndControlTokensStandForTheirNames() {
        TextVocabulary vocabulary = new TextVocabulary("x");
        GrammarMatcher matcher = matcher(vocabulary, "root ::= [a-z<>]+ .*");
        assertThat(matcher.mask().allows(TextVocabulary.EMPTY)).isFalse();
        assertThat(matcher.mask().allows(TextVocabulary.CONTROL)).isTrue();
        GrammarMatcher letters = matcher(vocabulary, "root ::= [a-z]+");
        assertThat(letters.mask().allows(TextVocabulary.CONTROL)).isFalse();
    }

    @Test
    void aTokenReferenceIsThatTokenOrAnyOther() {
        TextVocabulary vocabulary = new TextVocabulary("x", "y");
        GrammarMatcher matcher = matcher(vocabulary, "root ::= <tool> !<[3]> \"x\"");
        assertThat(matcher.mask().count()).isEqualTo(1);
        matcher.accept(TextVocabulary.CONTROL);
        assertThat(matcher.mask().allows(3)).isFalse();
        assertThat(matcher.mask().allows(4)).isTrue();
        matcher.accept(4);
        assertThat(matcher.mask().allows(3)).isTrue();
        assertThatExceptionOfType(GrammarException.class)
                .isThrownBy(() -> matcher(vocabulary, "root ::= \"a\"\n  <[99]>".replace("\n", "")))
                .withMessageContaining("number 99 is not").matches(e -> e.line() == 1 && e.column() == 15);
    }

    @Test
    void aTokenThatDoesNotFitChangesNothing() {
        TextVocabulary vocabulary = vocabulary();
        GrammarMatcher matcher = matcher(vocabulary, JSON);
        acceptAll(matcher, vocabulary, "{\"", "the cat", "\": ", "[[");
        TokenMask before = matcher.mask();
        String place = matcher.place();
        assertThatExceptionOfType(TokenNotAllowedException.class)
                .isThrownBy(() -> matcher.accept(vocabulary.token("}}"))).withMessageContaining("value");
        assertThat(matcher.mask()).isSameAs(before);
        assertThat(matcher.place()).isEqualTo(place);
        acceptAll(matcher, vocabulary, "]]", "}");
        assertThat(matcher.isComplete()).isTrue();
    }

    /// The same set three ways: by the mask, by a look at one token, and by accepting it.
    @Test
    void theMaskIsWhatCanBeAccepted(RandomGenerator random) {
        TextVocabulary vocabulary = vocabulary();
        for (String gbnf : List.of(JSON, NESTED, "root ::= ([^\\u00e9]* | \"\\u00e9\")* \"}\"",
                "root ::= [a-z ]{0,300} (\"\\u4e16\" | \"\\u4e17x\")* .?", "root ::= .{3,9} | \"the cat\" root",
                "root ::= (\"\\\"\" [^\"\\\\\\n]{0,20} \"\\\"\")* \"}\"",
                "root ::= ([^\"]{0,3} \"\\\"\" | [^\"]{2} [a-z ]{0,20} \"\\\"\")* \"}\"",
                "root ::= \"[\" root* [^\\]\\[]{0,4} \"]\" | [^\\]\\[\"]{0,4}",
                "root ::= \"\\\"\" root [^\"\\n]{0,3} | \"\\n\" [^\"\\n]{0,2}")) {
            CompiledGrammar compiled = GrammarVocabulary.of(vocabulary).compile(Grammar.parse(gbnf));
            GrammarMatcher matcher = compiled.newMatcher();
            int restarts = 0;
            for (int step = 0; step < 300; step++) {
                GrammarMatcher masked = matcher.copy();
                TokenMask mask = masked.mask();
                List<Integer> allowed = new ArrayList<>();
                // By an automaton that has no mask yet.
                GrammarMatcher fresh = new CompiledGrammar(compiled.grammar(), compiled.vocabulary()).newMatcher();
                restore(fresh, saved(matcher));
                for (int token = 0; token < vocabulary.size(); token++) {
                    boolean accepted = accepted(fresh, token);
                    assertThat(mask.allows(token)).as(gbnf + " at " + matcher.place() + " token " + token)
                            .isEqualTo(accepted).isEqualTo(fresh.accepts(token));
                    if (accepted && token != TextVocabulary.END) {
                        allowed.add(token);
                    }
                }
                assertThat(mask.count()).isEqualTo(allowed.size() + (mask.allows(TextVocabulary.END) ? 1 : 0));
                if (allowed.isEmpty()) {
                    matcher.reset();
                    restarts++;
                } else {
                    matcher.accept(allowed.get(random.nextInt(allowed.size())));
                }
            }
            assertThat(restarts).isLessThan(150);
        }
    }

    private static boolean accepted(GrammarMatcher matcher, int token) {
        GrammarMatcher copy = matcher.copy();
        try {
            copy.accept(token);
            return true;
        } catch (TokenNotAllowedException e) {
            return false;
        }
    }

    private static byte[] saved(GrammarMatcher matcher) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            matcher.save(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static void restore(GrammarMatcher matcher, byte[] bytes) {
        try {
            matcher.restore(new DataInputStream(new ByteArrayInputStream(bytes)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsSavedIsRestoredAndAnythingElseIsRefused(RandomGenerator random) {
        TextVocabulary vocabulary = vocabulary();
        GrammarMatcher matcher = matcher(vocabulary, JSON);
        acceptAll(matcher, vocabulary, "{\"", "a\":", "[[", "{\"", "the cat");
        matcher.accept(vocabulary.size() - 4);
        byte[] bytes = saved(matcher);
        GrammarMatcher other = matcher(vocabulary, JSON);
        restore(other, bytes);
        assertThat(other.place()).isEqualTo(matcher.place());
        assertThat(other.mask()).isSameAs(matcher.mask());
        assertThat(saved(other)).isEqualTo(bytes);
        TokenMask before = other.mask();
        int refused = 0;
        for (int i = 0; i < 3_000; i++) {
            byte[] broken = bytes.clone();
            broken[random.nextInt(broken.length)] = (byte) random.nextInt();
            try {
                other.restore(new DataInputStream(new ByteArrayInputStream(broken, 0,
                        random.nextInt(4) == 0 ? random.nextInt(broken.length) : broken.length)));
                other.mask();
                restore(other, bytes);
            } catch (IOException e) {
                refused++;
                assertThat(other.mask()).isSameAs(before);
            }
        }
        assertThat(refused).isGreaterThan(1_500);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> matcher(vocabulary, NESTED)
                .restore(new DataInputStream(new ByteArrayInputStream(bytes))));
    }

    @Test
    void nestingOfAThousandAndMoreIsAsCheapAsOfTen() {
        TextVocabulary vocabulary = vocabulary();
        GrammarMatcher matcher = matcher(vocabulary, JSON);
        acceptAll(matcher, vocabulary, "{\"", "a\":");
        for (int depth = 0; depth < 5_000; depth++) {
            acceptAll(matcher, vocabulary, "[[[");
            assertThat(matcher.mask().allows(vocabulary.token("]]]]"))).isEqualTo(depth > 0);
        }
        for (int depth = 0; depth < 5_000; depth++) {
            acceptAll(matcher, vocabulary, "]", "]", "]");
        }
        assertThat(matcher.mask().allows(vocabulary.token("]"))).isFalse();
        acceptAll(matcher, vocabulary, "}");
        assertThat(matcher.isComplete()).isTrue();
    }

    @Test
    void nestingBeyondTheLimitIsATypedErrorAndTheMatcherAsUsableAsBefore() {
        TextVocabulary vocabulary = vocabulary();
        GrammarMatcher matcher = matcher(vocabulary, NESTED);
        int brackets = vocabulary.token("[[[");
        assertThatExceptionOfType(GrammarLimitException.class).isThrownBy(() -> {
            for (int i = 0; i < Automaton.MAX_DEPTH; i++) {
                matcher.accept(brackets);
            }
        }).withMessageContaining("nested at most");
        acceptAll(matcher, vocabulary, "x]]", "]x", "[x");
        assertThat(matcher.isComplete()).isFalse();
    }

    @Test
    void aGrammarThatCanBeReadInTooManyWaysIsATypedError() {
        // Every rule may go on in two ways, so that there are 2^20 stacks before the first character.
        StringBuilder gbnf = new StringBuilder("root ::= r0\n");
        for (int i = 0; i < 20; i++) {
            gbnf.append("r%d ::= r%d \"x\" | r%d \"y\"\n".formatted(i, i + 1, i + 1));
        }
        TextVocabulary vocabulary = vocabulary();
        CompiledGrammar compiled = GrammarVocabulary.of(vocabulary).compile(Grammar.parse(gbnf + "r20 ::= \"z\""));
        assertThatExceptionOfType(GrammarLimitException.class).isThrownBy(compiled::newMatcher)
                .withMessageContaining("ways at once");
    }

    @Test
    void manyChoicesAreFine() {
        StringBuilder gbnf = new StringBuilder("root ::= \"x0\"");
        for (int i = 1; i < 20_000; i++) {
            gbnf.append(" | \"x").append(i).append('"');
        }
        TextVocabulary vocabulary = vocabulary();
        GrammarMatcher matcher = matcher(vocabulary, gbnf.toString());
        acceptAll(matcher, vocabulary, "x", "1", "9", "9", "9");
        assertThat(matcher.isComplete()).isTrue();
        assertThat(matcher.mask().count()).isEqualTo(11);
    }

    @Test
    void statesThatAreThrownAwayChangeNothing() {
        TextVocabulary vocabulary = vocabulary();
        GrammarMatcher matcher = matcher(vocabulary, JSON);
        acceptAll(matcher, vocabulary, "{\"", "a\":", "[[", "{\"");
        matcher.accept(vocabulary.size() - 4);
        // What settle() does when the automaton is full.
        Automaton another = new Automaton(matcher.compiled().grammar().rules());
        GrammarMatcher moved = new CompiledGrammar(matcher.compiled().grammar(), matcher.compiled().vocabulary())
                .newMatcher();
        restore(moved, saved(matcher));
        Place adopted = another.adopt(moved.currentPlace());
        MaskMaker masks = new MaskMaker(matcher.compiled().vocabulary(), matcher.compiled().tokenIds());
        for (int i = 0; i < matcher.mask().wordCount(); i++) {
            assertThat(masks.mask(adopted).word(i)).isEqualTo(matcher.mask().word(i));
        }
    }

    @Test
    void whenTheStatesTakeTooMuchMemoryTheyAreBegunAnew() {
        TextVocabulary vocabulary = vocabulary();
        GrammarMatcher matcher = matcher(vocabulary, NESTED);
        Automaton first = matcher.compiled().automaton();
        acceptAll(matcher, vocabulary, "[[", "x");
        first.spend(Automaton.FULL_BYTES);
        acceptAll(matcher, vocabulary, "]");
        assertThat(matcher.compiled().automaton()).isNotSameAs(first);
        acceptAll(matcher, vocabulary, "[x", "]]");
        assertThat(matcher.isComplete()).isTrue();
    }

    @Test
    void aCopyLivesApart() {
        TextVocabulary vocabulary = vocabulary();
        GrammarMatcher matcher = matcher(vocabulary, NESTED);
        acceptAll(matcher, vocabulary, "[[");
        GrammarMatcher copy = matcher.copy();
        acceptAll(copy, vocabulary, "]]");
        assertThat(copy.isComplete()).isTrue();
        assertThat(matcher.isComplete()).isFalse();
        acceptAll(matcher, vocabulary, "x]]");
        assertThat(matcher.isComplete()).isTrue();
    }

    @Test
    void grammarsAndVocabulariesAreKept() {
        TextVocabulary vocabulary = vocabulary();
        GrammarVocabulary made = GrammarVocabulary.of(vocabulary);
        assertThat(GrammarVocabulary.of(vocabulary)).isSameAs(made);
        assertThat(made.compile(Grammar.parse(JSON))).isSameAs(made.compile(Grammar.parse(JSON)));
    }

    @Test
    void threadsMayShareAGrammar(RandomGenerator random) throws Exception {
        TextVocabulary vocabulary = vocabulary();
        List<int[]> texts = new ArrayList<>();
        List<List<Integer>> expected = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int[] text = new int[200];
            expected.add(walk(matcher(vocabulary, JSON), text, random));
            texts.add(text);
        }
        CompiledGrammar shared = new CompiledGrammar(Grammar.parse(JSON), GrammarVocabulary.of(vocabulary));
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<List<Integer>>> counts = new ArrayList<>();
            for (int[] text : texts) {
                Callable<List<Integer>> follow = () -> follow(shared.newMatcher(), text);
                counts.add(threads.submit(follow));
            }
            for (int i = 0; i < counts.size(); i++) {
                assertThat(counts.get(i).get()).isEqualTo(expected.get(i));
            }
        }
    }

    /// Fills the text at random and returns how many tokens were allowed at each.
    private static List<Integer> walk(GrammarMatcher matcher, int[] text, RandomGenerator random) {
        List<Integer> counts = new ArrayList<>();
        for (int i = 0; i < text.length; i++) {
            TokenMask mask = matcher.mask();
            counts.add(mask.count());
            int token = mask.next(random.nextInt(mask.size()));
            text[i] = token < 0 ? mask.next(0) : token;
            matcher.accept(text[i]);
        }
        return counts;
    }

    private static List<Integer> follow(GrammarMatcher matcher, int[] text) {
        List<Integer> counts = new ArrayList<>();
        for (int token : text) {
            counts.add(matcher.mask().count());
            matcher.accept(token);
        }
        return counts;
    }

    @Test
    void onceWarmNothingIsAllocated() {
        var meter = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        TextVocabulary vocabulary = vocabulary();
        GrammarMatcher matcher = matcher(vocabulary, JSON);
        int[] text = {vocabulary.token("{\""), vocabulary.token("the cat"), vocabulary.token("\": ["),
            vocabulary.token("12]}")};
        int freeRounds = 0;
        long sum = 0;
        for (int round = 0; round < 100 && freeRounds < 5; round++) {
            long before = meter.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 2_000; i++) {
                for (int token : text) {
                    sum += matcher.mask().count();
                    matcher.accept(token);
                }
                restart(matcher);
            }
            freeRounds = meter.getCurrentThreadAllocatedBytes() == before ? freeRounds + 1 : 0;
        }
        assertThat(sum).isPositive();
        assertThat(freeRounds).isEqualTo(5);
    }

    private static void restart(GrammarMatcher matcher) {
        assert matcher.isComplete();
        matcher.reset();
    }
}
