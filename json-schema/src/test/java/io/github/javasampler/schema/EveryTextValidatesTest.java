package io.github.javasampler.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// The promise: whatever a grammar completes is JSON and satisfies the schema, as an independent validator sees it.
class EveryTextValidatesTest {
    private static final int SEEDS = 500;
    private static final int RANDOM_SCHEMAS = 5_000;
    private static final int TEXTS_EACH = 8;
    private static final long SEED = Long.getLong("test.seed", 20261126L);

    record Named(String name, String schema) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Named> corpus() {
        return Stream.concat(
                Data.read("corpus.json").valueStream().map(EveryTextValidatesTest::named),
                Data.cases("integration.json").stream().map(EveryTextValidatesTest::named));
    }

    private static Named named(JsonNode node) {
        return new Named(node.get("name").stringValue(), node.get("schema").toString());
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void ofRealSchemas(Named named) {
        ReferenceGrammar grammar = new ReferenceGrammar(JsonSchema.parse(named.schema()).toGbnf());
        assertThat(grammar.isComplete()).isTrue();
        // A list as items, and a schema as prefixItems, are words of older drafts that the validator does not know.
        boolean old = named.schema().contains("\"items\":[") || named.schema().contains("\"prefixItems\":{");
        if (!old) {
            validate(named.schema(), grammar, SEEDS, SEED);
        }
    }

    private static int validate(String schema, ReferenceGrammar grammar, int texts, long seed) {
        IndependentValidator validator = new IndependentValidator(schema);
        int length = 0;
        for (int i = 0; i < texts; i++) {
            String text = grammar.random(new SplittableRandom(seed + i));
            length += text.length();
            try {
                assertThat(validator.complaints(text)).isEmpty();
            } catch (AssertionError | RuntimeException e) {
                fail("seed " + (seed + i) + ": " + schema + "\ngives " + text, e);
            }
        }
        return length;
    }

    @Test
    void ofRandomSchemas() {
        int converted = 0;
        int written = 0;
        for (int i = 0; i < RANDOM_SCHEMAS; i++) {
            String schema = new RandomSchemas(new SplittableRandom(SEED + i)).next();
            String gbnf;
            try {
                gbnf = JsonSchema.parse(schema).toGbnf();
            } catch (SchemaException e) {
                continue;
            }
            converted++;
            written += validate(schema, new ReferenceGrammar(gbnf), TEXTS_EACH, SEED + i);
        }
        // Many contradict themselves, or have a oneOf without a difference; the others must not be trivial.
        assertThat(converted).isGreaterThan(RANDOM_SCHEMAS / 3);
        assertThat(written).isGreaterThan(converted * TEXTS_EACH * 10);
    }
}
