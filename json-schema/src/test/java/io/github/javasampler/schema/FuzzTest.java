package io.github.javasampler.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.github.javasampler.grammar.RegexException;
import io.github.javasampler.grammar.RegexGrammar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// Broken and random texts: the typed exception or a grammar that can be completed, and nothing else.
class FuzzTest {
    private static final int SCHEMAS = 4_000;
    private static final int REGEXES = 20_000;
    private static final long SEED = Long.getLong("test.seed", 20261126L);
    private static final String REGEX_PARTS = "ab01-^$.|()[]{}*+?\\,dwsDWSnux:=!<\"\u00e9\n";

    @Test
    void schemas() {
        List<String> seeds = new ArrayList<>();
        Data.read("corpus.json").forEach(node -> seeds.add(node.get("schema").toString()));
        List<String> pieces = List.of("{", "}", "[", "]", ",", ":", "null", "true", "false", "{}", "[]", "-1", "1e9",
                "\"a\"", "\"type\"", "\"$ref\":\"#\"", "\"items\":", "\"allOf\":[", "\"anyOf\":",
                "\"required\":[\"a\"]", "\"enum\":[1]",
                "\\", "\"", "999999999", "\"string\"", "\"object\"", "\"pattern\":\"(\"");
        assertTimeoutPreemptively(Duration.ofMinutes(3), () -> {
            for (int i = 0; i < SCHEMAS; i++) {
                RandomGenerator random = new SplittableRandom(SEED + i);
                String schema = seeds.get(random.nextInt(seeds.size()));
                for (int edits = random.nextInt(1, 4); edits > 0; edits--) {
                    schema = edited(schema, pieces.get(random.nextInt(pieces.size())), random);
                }
                checkSchema(schema, SEED + i);
            }
        });
    }

    /// Puts a piece over a token, or a token's text over another's.
    private static String edited(String schema, String piece, RandomGenerator random) {
        if (schema.isEmpty()) {
            return piece;
        }
        int at = random.nextInt(schema.length());
        int end = Math.min(schema.length(), at + random.nextInt(12));
        return switch (random.nextInt(3)) {
            case 0 -> schema.substring(0, at) + schema.substring(end);
            case 1 -> schema.substring(0, at) + piece + schema.substring(at);
            default -> swapped(schema, random);
        };
    }

    /// Keeps the text JSON: one quoted word in place of another.
    private static String swapped(String schema, RandomGenerator random) {
        String[] parts = schema.split("\"", -1);
        if (parts.length < 5) {
            return schema;
        }
        parts[random.nextInt(parts.length / 2) * 2 + 1] = parts[random.nextInt(parts.length / 2) * 2 + 1];
        return String.join("\"", parts);
    }

    private static void checkSchema(String schema, long seed) {
        try {
            String gbnf = JsonSchema.parse(schema).toGbnf();
            assertThat(new ReferenceGrammar(gbnf).isComplete()).isTrue();
        } catch (SchemaException e) {
            assertThat(e.pointer()).startsWith("#");
        } catch (RuntimeException | Error e) {
            fail("seed " + seed + ": " + schema, e);
        }
    }

    @Test
    void regexes() {
        int[] good = {0};
        assertTimeoutPreemptively(Duration.ofMinutes(3), () -> {
            for (int i = 0; i < REGEXES; i++) {
                RandomGenerator random = new SplittableRandom(SEED + i);
                StringBuilder regex = new StringBuilder();
                for (int j = random.nextInt(14); j >= 0; j--) {
                    regex.append(REGEX_PARTS.charAt(random.nextInt(REGEX_PARTS.length())));
                }
                try {
                    assertThat(new ReferenceGrammar(RegexGrammar.toGbnf(regex.toString())).isComplete()).isTrue();
                    good[0]++;
                } catch (RegexException e) {
                    assertThat(e.column()).isBetween(0, regex.length() + 1);
                } catch (RuntimeException | Error e) {
                    fail("seed " + (SEED + i) + ": " + regex, e);
                }
            }
        });
        assertThat(good[0]).isGreaterThan(1_000);
    }
}
