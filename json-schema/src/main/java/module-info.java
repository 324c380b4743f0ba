/// JSON Schema as a grammar.
module io.github.javasampler.schema {
    requires transitive io.github.javasampler;
    requires tools.jackson.databind;

    exports io.github.javasampler.schema;
}
