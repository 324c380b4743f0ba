package io.github.javasampler.schema;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The parsed text of a schema, and its parts by JSON pointer.
final class SchemaDocument {
    private static final int MAX_CHARACTERS = 1_000_000;
    private static final int MAX_DEPTH = 128;
    private static final int MAX_EXPONENT = 400;
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH).maxDocumentLength(MAX_CHARACTERS).build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    private final Map<String, JsonNode> parts = new HashMap<>();
    private final JsonNode root;

    SchemaDocument(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw new SchemaException("#", "a schema may have " + MAX_CHARACTERS + " characters, got " + text.length(),
                    "use a smaller one");
        }
        try {
            root = JSON.readTree(text);
        } catch (JacksonException e) {
            throw new SchemaException("#", "this is no JSON, or nested more than " + MAX_DEPTH + " deep, or a name "
                    + "stands twice in it: " + e.getOriginalMessage(), "correct it");
        }
        if (root.isMissingNode()) {
            throw new SchemaException("#", "there is no text", "{} stands for any value");
        }
        check("#", root);
    }

    private void check(String pointer, JsonNode node) {
        parts.put(pointer, node);
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                checkText(pointer, entry.getKey());
                check(child(pointer, entry.getKey()), entry.getValue());
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                check(pointer + "/" + i, node.get(i));
            }
        } else if (node.isString()) {
            checkText(pointer, node.stringValue());
        } else if (node.isNumber() && Math.abs((long) node.decimalValue().precision() - node.decimalValue().scale())
                > MAX_EXPONENT) {
            throw new SchemaException(pointer, "a number must be below 1e" + MAX_EXPONENT, "use a smaller one");
        }
    }

    private static void checkText(String pointer, String text) {
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new SchemaException(pointer, "a text holds half a surrogate pair", "leave it out");
        }
    }

    JsonNode at(String pointer) {
        return parts.get(pointer);
    }

    /// The pointer that a `$ref` names.
    String resolve(String place, String reference) {
        if (!reference.equals("#") && !reference.startsWith("#/")) {
            throw new SchemaException(place, "$ref \"" + reference + "\" does not point into this document",
                    "only # and #/... are supported: copy what it names into $defs");
        }
        String target = parts.containsKey(reference) ? reference : decoded(reference);
        if (!parts.containsKey(target)) {
            throw new SchemaException(place, "$ref \"" + reference + "\" names nothing in this document",
                    "correct it");
        }
        return target;
    }

    /// A pointer may be written with percent escapes.
    private static String decoded(String pointer) {
        try {
            return URLDecoder.decode(pointer.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return pointer;
        }
    }

    /// The pointer to what an object holds by this name.
    static String child(String pointer, String name) {
        return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
    }
}
