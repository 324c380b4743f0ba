package io.github.javasampler.schema;

import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Random schemas from all keywords that are supported, with small numbers so that they meet each other.
final class RandomSchemas {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final List<String> NAMES = List.of("a", "b", "ab", "c", "x-y", "");
    private static final List<String> PATTERNS = List.of("^[a-c]+$", "b", "^a", "c$", "^.{2,4}$", "^\\w*\\d$",
            "^(ab|c)*$", "^[^a]{1,3}$", "^x|y$", "\\\\|\"", "^\\s?\\S\\D\\W?$");
    private static final List<String> FORMATS = List.of("date", "time", "date-time", "uuid", "email", "ipv4", "uri");

    private final RandomGenerator random;
    private final ObjectNode definitions = NODES.objectNode();

    RandomSchemas(RandomGenerator random) {
        this.random = random;
    }

    String next() {
        for (String name : List.of("one", "two")) {
            definitions.set(name, schema(2));
        }
        ObjectNode root = schema(4);
        root.set("$defs", definitions);
        return root.toString();
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private ObjectNode schema(int depth) {
        ObjectNode schema = NODES.objectNode();
        if (depth > 0 && chance(0.12)) {
            return schema.put("$ref", "#/$defs/" + any(List.of("one", "two")));
        }
        String type = any(depth > 0 ? List.of("object", "object", "array", "array", "string", "integer", "number",
                "boolean", "null") : List.of("string", "integer", "number", "boolean"));
        if (chance(0.1)) {
            schema.putArray("type").add(type).add("null");
        } else if (chance(0.9)) {
            schema.put("type", type);
        }
        add(schema, type, depth);
        if (depth > 0) {
            combine(schema, type, depth);
        }
        if (chance(0.05)) {
            schema.putArray("enum").add(1).add("a").add("ab").addNull().add(2.5).add(true);
        }
        return schema;
    }

    private void add(ObjectNode schema, String type, int depth) {
        switch (type) {
            case "object" -> object(schema, depth);
            case "array" -> array(schema, depth);
            case "string" -> string(schema);
            case "integer", "number" -> number(schema);
            default -> { }
        }
    }

    /// With more of the same type, as people write it.
    private void combine(ObjectNode schema, String type, int depth) {
        for (String keyword : List.of("allOf", "anyOf", "oneOf")) {
            if (chance(0.12)) {
                ArrayNode list = schema.putArray(keyword);
                for (int i = random.nextInt(1, 4); i > 0; i--) {
                    ObjectNode part = chance(0.4) ? schema(depth - 1) : NODES.objectNode();
                    if (part.isEmpty()) {
                        add(part, type, depth - 1);
                    }
                    list.add(part);
                }
            }
        }
        if (chance(0.04)) {
            schema.putObject("not").put("type", any(List.of("null", "string", "integer")));
        } else if (chance(0.04)) {
            schema.putObject("not").putArray("required").add(any(NAMES));
        } else if (chance(0.04)) {
            schema.putObject("not").putArray("enum").add("a").addNull();
        }
    }

    private void number(ObjectNode schema) {
        for (String keyword : List.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")) {
            if (chance(0.25)) {
                int sign = keyword.toLowerCase(Locale.ROOT).contains("max") ? 1 : -1;
                double value = sign * random.nextInt(-30, 300) / any(List.of(1.0, 1.0, 8.0, 10.0));
                schema.put(keyword, value);
            }
        }
        if (chance(0.1)) {
            schema.put("multipleOf", random.nextInt(1, 20));
        }
    }

    private void string(ObjectNode schema) {
        if (chance(0.3)) {
            schema.put("minLength", random.nextInt(0, 4));
        }
        if (chance(0.3)) {
            schema.put("maxLength", random.nextInt(2, 8));
        }
        if (chance(0.4)) {
            schema.put("pattern", any(PATTERNS));
        } else if (chance(0.15)) {
            schema.put("format", any(FORMATS));
        }
    }

    private void array(ObjectNode schema, int depth) {
        if (chance(0.7)) {
            schema.set("items", schema(depth - 1));
        } else if (chance(0.2)) {
            schema.put("items", chance(0.5));
        }
        if (chance(0.25)) {
            ArrayNode prefix = schema.putArray("prefixItems");
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                prefix.add(schema(depth - 1));
            }
        }
        if (chance(0.3)) {
            schema.put("minItems", random.nextInt(0, 4));
        }
        if (chance(0.3)) {
            schema.put("maxItems", random.nextInt(1, 6));
        }
        if (chance(0.1)) {
            schema.put("uniqueItems", true);
        }
        if (chance(0.1)) {
            schema.put("unevaluatedItems", false);
        }
    }

    private void object(ObjectNode schema, int depth) {
        if (chance(0.85)) {
            ObjectNode properties = schema.putObject("properties");
            for (int i = random.nextInt(0, 4); i > 0; i--) {
                properties.set(any(NAMES), schema(depth - 1));
            }
        }
        if (chance(0.5)) {
            ArrayNode required = schema.putArray("required");
            NAMES.stream().filter(_ -> chance(0.2)).forEach(required::add);
        }
        if (chance(0.2)) {
            schema.put("additionalProperties", chance(0.4));
        } else if (chance(0.25)) {
            schema.set("additionalProperties", schema(depth - 1));
        }
        if (chance(0.12)) {
            ObjectNode patterns = schema.putObject("patternProperties");
            for (int i = random.nextInt(1, 3); i > 0; i--) {
                patterns.set(any(PATTERNS), schema(depth - 1));
            }
        }
        if (chance(0.1)) {
            schema.putObject("propertyNames").put("pattern", any(PATTERNS));
        }
        if (chance(0.1)) {
            schema.put("minProperties", random.nextInt(1, 3));
        }
        if (chance(0.1)) {
            schema.put("maxProperties", random.nextInt(1, 4));
        }
        if (chance(0.08)) {
            schema.putObject("dependentRequired").putArray(any(NAMES)).add(any(NAMES));
        }
        if (chance(0.06)) {
            schema.putObject("dependentSchemas").set(any(NAMES), schema(depth - 1));
        }
        if (chance(0.1)) {
            schema.put("unevaluatedProperties", false);
        }
    }
}
