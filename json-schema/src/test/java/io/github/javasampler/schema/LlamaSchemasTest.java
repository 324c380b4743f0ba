package io.github.javasampler.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// The schemas of llama.cpp's own tests, with the texts that its grammars accept and reject.
class LlamaSchemasTest {
    static Stream<Case> conversions() {
        return cases("conversions.json");
    }

    static Stream<Case> integration() {
        return cases("integration.json");
    }

    private static Stream<Case> cases(String file) {
        return Data.cases(file).stream().map(Case::new);
    }

    record Case(JsonNode data) {
        String schema() {
            return data.get("schema").toString();
        }

        @Override
        public String toString() {
            return data.get("name").stringValue();
        }
    }

    @Test
    void allOfThemAreThere() {
        assertThat(conversions()).hasSize(81);
        assertThat(integration()).hasSize(33);
    }

    @ParameterizedTest
    @MethodSource("conversions")
    void conversion(Case conversion) {
        if (conversion.data().has("refused")) {
            assertThatThrownBy(() -> JsonSchema.parse(conversion.schema())).isInstanceOf(SchemaException.class);
        } else {
            check(conversion);
        }
    }

    @ParameterizedTest
    @MethodSource("integration")
    void integration(Case integration) {
        check(integration);
    }

    private static void check(Case schema) {
        ReferenceGrammar grammar = new ReferenceGrammar(JsonSchema.parse(schema.schema()).toGbnf());
        assertThat(Data.texts(schema.data().get("accept"))).isNotEmpty().allMatch(grammar::matches);
        assertThat(Data.texts(schema.data().get("reject"))).isNotEmpty().noneMatch(grammar::matches);
    }

    /// What llama.cpp's grammars let through although it is no JSON, or not what the schema says.
    @Test
    void whereItIsWiderThanTheSchemaThisIsNot() {
        refuses("{\"type\": \"integer\", \"maximum\": -5}", "-08");
        refuses("{\"type\": \"string\"}", "\"\\ud83d\"");
        refuses("{\"type\": \"string\", \"pattern\": \"^.$\"}", "\"\"\"", "\"\u0001\"", "\"\\\"");
        refuses("{\"type\": \"string\", \"format\": \"date\"}", "\"2023-02-29\"", "\"2023-04-31\"");
        refuses("{\"type\": \"number\", \"minimum\": 0}", "-1");
        refuses("{\"items\": {\"type\": \"string\"}, \"prefixItems\": [{\"type\": \"null\"}]}", "[\"a\"]");
        refuses("{\"properties\": {\"a\": {\"type\": \"null\"}}, \"additionalProperties\": {\"type\": \"string\"}}",
                "{\"\\u0061\": \"x\"}", "{\"b\" : \"\\\"}");
        refuses("{\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"uniqueItems\": true}", "[\"a\", \"a\"]");
    }

    private static void refuses(String schema, String... texts) {
        ReferenceGrammar grammar = new ReferenceGrammar(JsonSchema.parse(schema).toGbnf());
        assertThat(List.of(texts)).noneMatch(grammar::matches);
    }

    @Test
    void aSurrogatePairIsOneCharacter() {
        ReferenceGrammar grammar = new ReferenceGrammar(
                JsonSchema.parse("{\"type\": \"string\", \"minLength\": 2, \"maxLength\": 2}").toGbnf());
        assertThat(Set.of("\"\\uD83D\\uDE00a\"", "\"\\u00e9\\n\"", "\"ab\"")).allMatch(grammar::matches);
        assertThat(Set.of("\"\\uD83D\\uDE00\"", "\"\\uDE00\\uD83D\"", "\"abc\"")).noneMatch(grammar::matches);
    }
}
