package io.github.javasampler.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.grammar.GrammarMatcher;
import io.github.javasampler.grammar.GrammarVocabulary;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The engine that masks tokens reads the grammars of schemas as the plain reader does, byte by byte.
class EngineTest {
    private static final int TEXTS = 40;
    private static final ByteVocabulary BYTES = new ByteVocabulary();

    static Stream<EveryTextValidatesTest.Named> corpus() {
        return EveryTextValidatesTest.corpus();
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void takesWhatTheReaderTakes(EveryTextValidatesTest.Named named) {
        String gbnf = JsonSchema.parse(named.schema()).toGbnf();
        ReferenceGrammar reference = new ReferenceGrammar(gbnf);
        GrammarMatcher matcher = GrammarVocabulary.of(BYTES).compile(Grammar.parse(gbnf)).newMatcher();
        for (int i = 0; i < TEXTS; i++) {
            RandomGenerator random = new SplittableRandom(i);
            String text = reference.random(random);
            assertThat(matches(matcher, text)).as(text).isTrue();
            String changed = changed(text, random);
            assertThat(matches(matcher, changed)).as(changed).isEqualTo(reference.matches(changed));
        }
    }

    private static String changed(String text, RandomGenerator random) {
        int[] codePoints = text.codePoints().toArray();
        codePoints[random.nextInt(codePoints.length)] = "\"a0,}\\".charAt(random.nextInt(6));
        return new String(codePoints, 0, codePoints.length);
    }

    private static boolean matches(GrammarMatcher matcher, String text) {
        matcher.reset();
        for (int token : BYTES.tokenize(text.getBytes(StandardCharsets.UTF_8))) {
            if (!matcher.accepts(token)) {
                return false;
            }
            matcher.accept(token);
        }
        return matcher.isComplete();
    }
}
