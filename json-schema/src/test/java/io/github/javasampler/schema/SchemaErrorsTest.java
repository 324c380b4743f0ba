package io.github.javasampler.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What can't be done is said, where it stands, in bounded time.
class SchemaErrorsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {                                                   | #                     | no JSON
            {} {}                                               | #                     | no JSON
            {"a": 1, "a": 2}                                    | #                     | stands twice
            [1]                                                 | #                     | must be an object
            false                                               | #                     | no finite value
            {"type": "kaboom"}                                  | #/type                | a type must be one of
            {"type": []}                                        | #/type                | must not be empty
            {"kaboom": 1}                                       | #/kaboom              | not supported
            {"properties": {"a~/b": {"contains": {}}}}          | #/properties/a~0~1b/contains | not supported
            {"if": {}, "then": {}}                              | #/if                  | not supported
            {"not": {"pattern": "a"}}                           | #/not                 | not is supported
            {"$ref": "other.json#/a"}                           | #/$ref                | does not point into
            {"$ref": "#/nowhere"}                               | #/$ref                | names nothing
            {"$ref": "#"}                                       | #                     | refers to itself
            {"anyOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"allOf": [{"$ref": "#"}]}}} | # | refers to itself
            {"properties": {"a": {"$ref": "#"}}, "required": ["a"]} | #                 | no finite value
            {"type": "array", "items": {"$ref": "#"}, "minItems": 1} | #                | no finite value
            {"type": "object", "required": ["a"], "additionalProperties": false} | #    | no finite value
            {"type": "string", "enum": [1, 2]}                  | #                     | no finite value
            {"type": "integer", "minimum": 3, "maximum": 2}     | #                     | no finite value
            {"oneOf": [{"type": "integer"}, {"type": "number"}]} | #/oneOf              | may accept the same
            {"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]} | #/oneOf | may accept the same
            {"oneOf": []}                                       | #/oneOf               | must be a list
            {"enum": 1}                                         | #/enum                | must be a list
            {"type": "string", "pattern": "a(?=b)"}             | #/pattern             | column 3
            {"type": "string", "pattern": "^(a$"}               | #/pattern             | column
            {"type": "string", "format": "iri"}                 | #/format              | not supported
            {"type": "string", "minLength": -1}                 | #/minLength           | 0 or more
            {"type": "string", "minLength": 5000}               | #                     | up to 2000
            {"type": "array", "minItems": 5000}                 | #                     | up to 2000
            {"type": "number", "multipleOf": 0.01}              | #/multipleOf          | integers from 1
            {"type": "number", "minimum": "1"}                  | #/minimum             | must be a number
            {"type": "number", "minimum": 1e999}                | #/minimum             | below 1e400
            {"required": "a"}                                   | #/required            | a list of property names
            {"type": "array", "items": {"type": "number"}, "uniqueItems": true} | #     | uniqueItems is supported
            {"minProperties": 2, "additionalProperties": {"type": "null"}} | #          | need
            {"const": "\\ud800"}                                | #/const               | half a surrogate pair
            """)
    void saysWhatAndWhere(String schema, String pointer, String problem) {
        SchemaException e = catchThrowableOfType(SchemaException.class, () -> JsonSchema.parse(schema));
        assertThat(e).as(schema).isNotNull();
        assertThat(e.pointer()).isEqualTo(pointer);
        assertThat(e).hasMessageContaining(problem).hasMessageStartingWith(pointer + ": ").hasMessageContaining("; ");
    }

    @Test
    void hostileSchemasEndInTime() {
        refused("[".repeat(100_000));
        refused("{\"items\":".repeat(5_000) + "{}" + "}".repeat(5_000));
        StringBuilder product = new StringBuilder("{\"allOf\":[");
        for (int i = 0; i < 60; i++) {
            product.append("{\"anyOf\":[{\"required\":[\"a%d\"]},{\"required\":[\"b%d\"]}]},".formatted(i, i));
        }
        refused(product.append("{}]}").toString());
        StringBuilder doubling = new StringBuilder("{\"$ref\":\"#/$defs/a0\",\"$defs\":{");
        for (int i = 0; i < 60; i++) {
            String next = "{\"allOf\":[{\"$ref\":\"#/$defs/a%d\"},{\"required\":[\"%s%d\"]}]}";
            doubling.append("\"a%d\":{\"anyOf\":[".formatted(i)).append(next.formatted(i + 1, "x", i)).append(',')
                    .append(next.formatted(i + 1, "y", i)).append("]},");
        }
        refused(doubling.append("\"a60\":{\"type\":\"object\"}}}").toString());
        refused("{\"type\":\"string\",\"pattern\":\"(a|b)*a(a|b){20}\"}");
        refused("{\"type\":\"string\",\"pattern\":\"((a{1,99}){1,99}){1,99}\"}");
        StringBuilder arrays = new StringBuilder("{\"prefixItems\":[");
        for (int i = 0; i < 150; i++) {
            arrays.append("{\"type\":\"string\",\"maxLength\":%d,\"minLength\":%d},".formatted(2_000, 1_500 + i));
        }
        refused(arrays.append("{}]}").toString());
        refused("{\"a\":\"" + "x".repeat(1_000_001) + "\"}");
    }

    private static void refused(String schema) {
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> assertThat(
                catchThrowableOfType(SchemaException.class, () -> JsonSchema.parse(schema))).isNotNull());
    }

    /// Large, but honest: deep recursion and long lists cost no stack.
    @Test
    void longAndDeepSchemasAreFine() {
        StringBuilder chain = new StringBuilder("{\"$ref\":\"#/$defs/a0\",\"$defs\":{");
        for (int i = 0; i < 800; i++) {
            chain.append("\"a%d\":{\"properties\":{\"n\":{\"$ref\":\"#/$defs/a%d\"}},\"required\":[\"n\"]},"
                    .formatted(i, i + 1));
        }
        assertThat(JsonSchema.parse(chain.append("\"a800\":{\"type\":\"null\"}}}").toString()).toGbnf())
                .hasLineCount(801 + 2);
        StringBuilder properties = new StringBuilder("{\"properties\":{");
        for (int i = 0; i < 400; i++) {
            properties.append("\"p%d\":{\"type\":\"boolean\"},".formatted(i));
        }
        assertThat(new ReferenceGrammar(JsonSchema.parse(properties.append("\"z\":{}}}").toString()).toGbnf())
                .isComplete()).isTrue();
    }

    @Test
    void equalByItsGrammar() {
        JsonSchema a = JsonSchema.parse("{\"type\": \"null\"}");
        assertThat(a).isEqualTo(JsonSchema.parse("{\"type\": \"null\", \"title\": \"nothing\"}"))
                .isNotEqualTo(JsonSchema.parse("true")).hasToString(a.toGbnf());
        assertThat(a).hasSameHashCodeAs(JsonSchema.parse("{\"type\": [\"null\"]}"));
    }
}
