package io.github.javasampler.schema;

import io.github.javasampler.grammar.RegexException;
import io.github.javasampler.grammar.RegularLanguage;
import io.github.javasampler.schema.Shape.NamePattern;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/// Reads the keywords of one subschema that speak of one JSON type each.
///
/// Validators differ on formats and on corners of regular expressions. Read narrowly, a shape holds what all of them
/// accept; read broadly, what at least one may accept.
final class KeywordReader {
    private static final Set<String> TYPES =
            Set.of("null", "boolean", "number", "integer", "string", "array", "object");
    private static final Set<String> ANNOTATIONS = Set.of("title", "description", "default", "examples", "example",
            "$schema", "$id", "id", "$comment", "$defs", "definitions", "deprecated", "readOnly", "writeOnly",
            "contentEncoding", "contentMediaType", "contentSchema", "nullable", "discriminator", "xml",
            "externalDocs");
    private static final Set<String> COMBINING = Set.of("type", "enum", "const", "allOf", "anyOf", "oneOf", "not",
            "$ref", "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties",
            "unevaluatedItems", "format");
    private static final Set<String> NUMBER =
            Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");
    private static final Set<String> STRING = Set.of("minLength", "maxLength", "pattern");
    private static final Set<String> ARRAY =
            Set.of("items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems");
    private static final Set<String> OBJECT = Set.of("properties", "required", "additionalProperties",
            "patternProperties", "propertyNames", "minProperties", "maxProperties");
    private static final int MAX_COUNT = 1_000_000;

    private final boolean broad;
    private final Map<String, RegularLanguage> languages = new HashMap<>();

    KeywordReader(boolean broad) {
        this.broad = broad;
    }

    /// The shapes that `type` and the keywords for types leave.
    List<Shape> read(String pointer, JsonNode schema) {
        checkKeywords(pointer, schema);
        Set<String> types = types(pointer, schema);
        boolean any = types.isEmpty();
        List<Shape> shapes = new ArrayList<>();
        if (any || types.contains("null")) {
            shapes.add(new Shape.Null(!any));
        }
        if (any || types.contains("boolean")) {
            shapes.add(new Shape.Bool(!any));
        }
        if (any || types.contains("number") || types.contains("integer")) {
            boolean integer = types.contains("integer") && !types.contains("number");
            shapes.add(number(pointer, schema, integer, !any || speaksOf(schema, NUMBER)));
        }
        if (any || types.contains("string")) {
            shapes.add(string(pointer, schema, !any || speaksOf(schema, STRING)));
        }
        if (any || types.contains("array")) {
            shapes.add(array(pointer, schema, !any || speaksOf(schema, ARRAY)));
        }
        if (any || types.contains("object")) {
            shapes.add(object(pointer, schema, !any || speaksOf(schema, OBJECT)));
        }
        return shapes;
    }

    private static boolean speaksOf(JsonNode schema, Set<String> keywords) {
        return keywords.stream().anyMatch(schema::has);
    }

    private static void checkKeywords(String pointer, JsonNode schema) {
        for (String keyword : schema.propertyNames()) {
            boolean condition = keyword.equals("if") && !schema.has("then") && !schema.has("else");
            if (!ANNOTATIONS.contains(keyword) && !COMBINING.contains(keyword) && !NUMBER.contains(keyword)
                    && !STRING.contains(keyword) && !ARRAY.contains(keyword) && !OBJECT.contains(keyword)
                    && !keyword.startsWith("x-") && !condition) {
                throw new SchemaException(SchemaDocument.child(pointer, keyword),
                        "the keyword \"" + keyword + "\" is not supported",
                        "leave it out if it is an annotation, or say the same with others");
            }
        }
    }

    private static Set<String> types(String pointer, JsonNode schema) {
        JsonNode type = schema.get("type");
        Set<String> types = new LinkedHashSet<>();
        if (type != null) {
            for (JsonNode one : type.isArray() ? type : List.of(type)) {
                if (!one.isString() || !TYPES.contains(one.stringValue())) {
                    throw new SchemaException(pointer + "/type", "a type must be one of " + String.join(", ",
                            TYPES.stream().sorted().toList()) + ", got " + one, "correct it");
                }
                types.add(one.stringValue());
            }
            if (types.isEmpty()) {
                throw new SchemaException(pointer + "/type", "a list of types must not be empty", "name one");
            }
        }
        return types;
    }

    private Shape number(String pointer, JsonNode schema, boolean integer, boolean chosen) {
        Bound low = Bound.higher(bound(pointer, schema, "minimum", isTrue(schema, "exclusiveMinimum")),
                bound(pointer, schema, "exclusiveMinimum", true));
        Bound high = Bound.lower(bound(pointer, schema, "maximum", isTrue(schema, "exclusiveMaximum")),
                bound(pointer, schema, "exclusiveMaximum", true));
        String format = schema.path("format").asString("");
        if (!broad && (format.equals("int32") || format.equals("int64"))) {
            BigDecimal limit = new BigDecimal(BigInteger.TWO.pow(format.equals("int32") ? 31 : 63));
            low = Bound.higher(low, new Bound(limit.negate(), false));
            high = Bound.lower(high, new Bound(limit, true));
        }
        Set<Integer> divisors = Set.of();
        JsonNode multiple = schema.get("multipleOf");
        if (multiple != null) {
            BigDecimal divisor = multiple.isNumber() ? multiple.decimalValue() : BigDecimal.ZERO;
            if (divisor.signum() <= 0 || divisor.compareTo(BigDecimal.valueOf(1_000)) > 0
                    || divisor.stripTrailingZeros().scale() > 0) {
                throw new SchemaException(pointer + "/multipleOf",
                        "multipleOf is supported for integers from 1 to 1000, got " + multiple,
                        "use another, or an enum, or leave it out");
            }
            divisors = Set.of(divisor.intValueExact());
        }
        return new Shape.Num(integer || !divisors.isEmpty(), low, high, divisors, chosen);
    }

    /// Draft 4 says whether the bound beside it is exclusive.
    private static boolean isTrue(JsonNode schema, String keyword) {
        return schema.has(keyword) && schema.get(keyword).isBoolean() && schema.get(keyword).booleanValue();
    }

    private static Bound bound(String pointer, JsonNode schema, String keyword, boolean exclusive) {
        JsonNode value = schema.get(keyword);
        if (value == null || value.isBoolean() && keyword.startsWith("exclusive")) {
            return null;
        }
        if (!value.isNumber()) {
            throw new SchemaException(pointer + "/" + keyword, keyword + " must be a number, got " + value,
                    "correct it");
        }
        BigDecimal number = value.decimalValue();
        if (number.stripTrailingZeros().scale() > 16) {
            throw new SchemaException(pointer + "/" + keyword, keyword + " may have 16 digits after the point, got "
                    + value, "round it");
        }
        return new Bound(number, exclusive);
    }

    private Shape string(String pointer, JsonNode schema, boolean chosen) {
        RegularLanguage language = null;
        if (schema.has("pattern")) {
            language = language(pointer + "/pattern", text(pointer + "/pattern", schema.get("pattern")), broad);
        }
        String format = schema.has("format") ? text(pointer + "/format", schema.get("format")) : null;
        boolean speaks = false;
        if (format != null && !Formats.ANNOTATIONS.contains(format)) {
            RegularLanguage texts = languages.computeIfAbsent("format " + format, _ -> Formats.language(format));
            if (texts == null) {
                throw new SchemaException(pointer + "/format", "the format \"" + format + "\" is not supported",
                        "leave it out, use a pattern, or one of " + Formats.known());
            }
            RegularLanguage pattern = language;
            language = broad ? pattern : pattern == null ? texts : sized(pointer, () -> texts.and(pattern));
            speaks = true;
        }
        return new Shape.Str(language, count(pointer, schema, "minLength", 0),
                count(pointer, schema, "maxLength", Shape.NO_MAX), chosen || speaks);
    }

    private RegularLanguage language(String pointer, String pattern, boolean broadly) {
        return languages.computeIfAbsent((broadly ? "broad " : "pattern ") + pattern, _ -> {
            try {
                return broadly ? RegularLanguage.ofBroadSearch(pattern) : RegularLanguage.ofSearch(pattern);
            } catch (RegexException e) {
                throw new SchemaException(pointer, "the pattern \"" + pattern + "\" is not supported: "
                        + e.getMessage(), "use a simpler one");
            }
        });
    }

    /// Runs what may need too many states.
    static RegularLanguage sized(String pointer, Supplier<RegularLanguage> combination) {
        try {
            return combination.get();
        } catch (RegexException e) {
            throw new SchemaException(pointer, "what is demanded of this text can't be combined: " + e.getMessage(),
                    "use fewer demands or smaller bounds");
        }
    }

    private static Shape array(String pointer, JsonNode schema, boolean chosen) {
        JsonNode items = schema.get("items");
        JsonNode prefixItems = schema.get("prefixItems");
        List<Conjunction> prefix = new ArrayList<>();
        Conjunction rest = null;
        for (String keyword : List.of("prefixItems", "items")) {
            JsonNode value = keyword.equals("items") ? items : prefixItems;
            if (value != null && value.isArray()) {
                if (!prefix.isEmpty()) {
                    throw new SchemaException(pointer + "/items", "items must be a schema beside prefixItems",
                            "correct it");
                }
                for (int i = 0; i < value.size(); i++) {
                    prefix.add(Conjunction.of(pointer + "/" + keyword + "/" + i));
                }
            } else if (value != null) {
                // llama.cpp takes a schema as prefixItems for items.
                Conjunction one = Conjunction.of(pointer + "/" + keyword);
                rest = rest == null ? one : rest.and(one);
            }
        }
        if (schema.has("additionalItems") && items != null && items.isArray()) {
            rest = Conjunction.of(pointer + "/additionalItems");
        }
        JsonNode unique = schema.get("uniqueItems");
        if (unique != null && !unique.isBoolean()) {
            throw new SchemaException(pointer + "/uniqueItems", "uniqueItems must be true or false", "correct it");
        }
        return new Shape.Arr(prefix, rest, schema.has("minItems") ? count(pointer, schema, "minItems", 0) : null,
                count(pointer, schema, "maxItems", Shape.NO_MAX), unique != null && unique.booleanValue(), chosen);
    }

    private Shape object(String pointer, JsonNode schema, boolean chosen) {
        Map<String, Conjunction> properties = new LinkedHashMap<>();
        for (String name : members(pointer, schema, "properties")) {
            properties.put(name, Conjunction.of(SchemaDocument.child(pointer + "/properties", name)));
        }
        List<NamePattern> patterns = new ArrayList<>();
        for (String pattern : members(pointer, schema, "patternProperties")) {
            String place = SchemaDocument.child(pointer + "/patternProperties", pattern);
            patterns.add(new NamePattern(pattern, language(place, pattern, false), language(place, pattern, !broad),
                    Conjunction.of(place)));
        }
        // Read broadly, a name that a pattern may match is none of the others for certain.
        boolean others = schema.has("additionalProperties") && (!broad || patterns.isEmpty());
        return new Shape.Obj(properties, names(pointer + "/required", schema.get("required")), patterns,
                others ? conjunction(pointer, schema, "additionalProperties") : null,
                schema.has("propertyNames") ? Conjunction.of(pointer + "/propertyNames") : Conjunction.ANYTHING,
                count(pointer, schema, "minProperties", 0), count(pointer, schema, "maxProperties", Shape.NO_MAX),
                chosen);
    }

    static Conjunction conjunction(String pointer, JsonNode schema, String keyword) {
        JsonNode value = schema.get(keyword);
        return value.isBoolean() ? value.booleanValue() ? Conjunction.ANYTHING : Conjunction.NOTHING
                : Conjunction.of(pointer + "/" + keyword);
    }

    /// The names in an object of schemas.
    static Set<String> members(String pointer, JsonNode schema, String keyword) {
        JsonNode value = schema.get(keyword);
        if (value == null) {
            return Set.of();
        }
        if (!value.isObject()) {
            throw new SchemaException(pointer + "/" + keyword, keyword + " must be an object", "correct it");
        }
        return new LinkedHashSet<>(value.propertyNames());
    }

    /// The texts of a list of names.
    static Set<String> names(String pointer, JsonNode list) {
        Set<String> names = new LinkedHashSet<>();
        if (list != null) {
            if (!list.isArray()) {
                throw new SchemaException(pointer, "a list of property names must stand here, got "
                        + list.getNodeType(), "correct it");
            }
            for (JsonNode name : list) {
                names.add(text(pointer, name));
            }
        }
        return names;
    }

    private static String text(String pointer, JsonNode value) {
        if (!value.isString()) {
            throw new SchemaException(pointer, "a string must stand here, got " + value.getNodeType(), "correct it");
        }
        return value.stringValue();
    }

    private static int count(String pointer, JsonNode schema, String keyword, int none) {
        JsonNode value = schema.get(keyword);
        if (value == null) {
            return none;
        }
        if (!value.isNumber() || value.decimalValue().signum() < 0
                || value.decimalValue().stripTrailingZeros().scale() > 0) {
            throw new SchemaException(pointer + "/" + keyword, keyword + " must be an integer of 0 or more, got "
                    + value, "correct it");
        }
        return value.decimalValue().min(BigDecimal.valueOf(MAX_COUNT)).intValue();
    }
}
