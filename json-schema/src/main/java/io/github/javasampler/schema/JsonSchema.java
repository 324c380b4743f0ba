package io.github.javasampler.schema;

/// A JSON Schema as a grammar: every text that the grammar completes is JSON and satisfies the schema.
///
/// The schema is read as draft 2020-12 has it, with `definitions`, `dependencies`, lists as `items` and `exclusive*` as
/// true from older drafts. What is supported is exact or narrower than the schema, never wider:
///
/// - As in llama.cpp, properties come in the schema's order, required ones first; where a schema has `properties` and
///   does not speak of others, there are none; a schema that names no type has those that its keywords speak of; all
///   of `prefixItems` is written unless `minItems` says less; enum and const are written without white space.
/// - Numbers have up to 16 digits before the point; with bounds they have no exponent.
/// - `uniqueItems` gives strings of growing length, or selections from an enum. `maxLength` and `maxItems` stop at
///   2,000. A string with pattern or format has one spelling, without needless escapes.
/// - An upper bound of the length of a string with a pattern is lowered where it would need too many rules.
///
/// What could only be done by being wider is refused: `if` with then or else, `contains`, most of `not`, `multipleOf`
/// of fractions, a `oneOf` whose alternatives can't be told apart, references to other documents, and any unknown
/// keyword that does not start with `x-`. `nullable`, `default` and other annotations are passed over.
///
/// Limits: 1,000,000 characters and 128 levels of schema; 400 combinations in one place; 20,000 rules and 150,000
/// elements of grammar, which the engine takes. Beyond them is an error, in bounded time and memory.
///
/// Immutable, equal by its grammar, safe for threads. Source: the JSON Schema specification, draft 2020-12; llama.cpp
/// v0.5.0, `common/json-schema-to-grammar.cpp`, for what the specification leaves open.
public final class JsonSchema {
    private final String grammar;

    private JsonSchema(String grammar) {
        this.grammar = grammar;
    }

    /// @param text the schema as JSON
    /// @throws SchemaException with a pointer to what is no JSON, no schema, not supported, too large, or leaves no
    ///         value
    public static JsonSchema parse(String text) {
        return new JsonSchema(SchemaGrammar.of(new SchemaDocument(text)));
    }

    /// The grammar in llama.cpp's notation; it starts with the rule `root`.
    public String toGbnf() {
        return grammar;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonSchema schema && grammar.equals(schema.grammar);
    }

    @Override
    public int hashCode() {
        return grammar.hashCode();
    }

    /// The grammar.
    @Override
    public String toString() {
        return grammar;
    }
}
