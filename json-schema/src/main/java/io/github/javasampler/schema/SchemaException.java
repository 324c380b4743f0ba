package io.github.javasampler.schema;

/// A JSON Schema that can't become a grammar: not JSON, not a schema, not supported, too large, or without any value.
public final class SchemaException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String pointer;

    SchemaException(String pointer, String problem, String remedy) {
        super(pointer + ": " + problem + "; " + remedy);
        this.pointer = pointer;
    }

    /// Where in the schema, as a JSON pointer in URI form: `#` is the whole, `#/properties/name/pattern` a part.
    public String pointer() {
        return pointer;
    }
}
