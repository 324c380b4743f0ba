package io.github.javasampler.cli;

import io.github.javasampler.grammar.ChoiceGrammar;
import io.github.javasampler.grammar.RegexGrammar;
import io.github.javasampler.schema.JsonSchema;
import java.util.List;

/// The grammars that `bench --structured` measures: each kind that the options can give.
enum StructuredCase {
    JSON("json", """
            root ::= object
            value ::= object | array | string | number | "true" | "false" | "null"
            object ::= "{" ws ( string ":" ws value ws ( "," ws string ":" ws value ws )* )? "}"
            array ::= "[" ws ( value ws ( "," ws value ws )* )? "]"
            string ::= "\\"" ( [^"\\\\\\x00-\\x1F\\x7F] | "\\\\" ( ["\\\\/bfnrt] | "u" [0-9a-fA-F]{4} ) )* "\\""
            number ::= "-"? ( "0" | [1-9] [0-9]{0,15} ) ( "." [0-9]{1,16} )? ( [eE] [-+]? [0-9]{1,3} )?
            ws ::= | " " | "\\n" [ \\t]{0,20}
            """),
    SCHEMA("schema", JsonSchema.parse("""
            {"type": "object", "required": ["name", "born", "tags", "address"], "properties": {
              "name": {"type": "string", "maxLength": 40},
              "born": {"type": "string", "format": "date"},
              "height": {"type": "integer", "minimum": 30, "maximum": 272},
              "tags": {"type": "array", "items": {"enum": ["friend", "family", "colleague"]}, "maxItems": 3},
              "address": {"anyOf": [{"type": "null"}, {"type": "object", "required": ["street", "city"],
                "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}]}}}
            """).toGbnf()),
    REGEX("regex", RegexGrammar.toGbnf("[0-9]{4}-(0[1-9]|1[0-2])-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]( [A-Z][a-z]+){2,8}")),
    CHOICE("choice", ChoiceGrammar.toGbnf(List.of("very satisfied", "satisfied", "neither", "unsatisfied",
            "very unsatisfied"))),
    ARITHMETIC("arithmetic", """
            root ::= ( sum "=" number "\\n" )+
            sum ::= product ( [-+] product )*
            product ::= factor ( [*/] factor )*
            factor ::= number | "(" sum ")"
            number ::= [0-9]+ ( "." [0-9]+ )?
            """);

    private final String title;
    private final String gbnf;

    StructuredCase(String title, String gbnf) {
        this.title = title;
        this.gbnf = gbnf;
    }

    String gbnf() {
        return gbnf;
    }

    /// The name in tables.
    @Override
    public String toString() {
        return title;
    }
}
