package io.github.javasampler;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Worked examples as data: `golden/seed-examples.json`.
public final class Golden {
    /// What figures may differ by.
    public static final double TOLERANCE = 1e-6;

    private Golden() {}

    /// All examples.
    public static Stream<Case> all() {
        try (InputStream file = Golden.class.getResourceAsStream("/golden/seed-examples.json")) {
            JsonNode cases = JsonMapper.shared().readTree(file).get("cases");
            return StreamSupport.stream(cases.spliterator(), false).map(Case::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The examples of one kind.
    public static Stream<Case> cases(String kind) {
        return all().filter(c -> c.json.get("kind").asString().equals(kind));
    }

    /// One example.
    public record Case(JsonNode json) {
        /// A number by name.
        public double number(String name) {
            return json.get(name).asDouble();
        }

        /// Numbers by name.
        public double[] doubles(String name) {
            JsonNode array = json.get(name);
            return IntStream.range(0, array.size()).mapToDouble(i -> array.get(i).asDouble()).toArray();
        }

        @Override
        public String toString() {
            return json.get("id").asString();
        }
    }
}
