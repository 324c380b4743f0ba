package io.github.javasampler.cli;

import io.github.javasampler.grammar.ChoiceGrammar;
import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.grammar.RegexGrammar;
import io.github.javasampler.sampler.GrammarConstraint;
import io.github.javasampler.schema.JsonSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/// The options that say what a text must look like, named as in llama.cpp's tools where it has them.
final class GrammarOptions {
    /// At most one of them.
    private static final class Source {
        @Option(names = "--grammar", paramLabel = "GBNF", required = true,
                description = "Let the text follow a grammar, such as 'root ::= \"yes\" | \"no\"'")
        private String gbnf;

        @Option(names = "--grammar-file", paramLabel = "FILE", required = true,
                description = "A file that holds the grammar")
        private Path gbnfFile;

        @Option(names = {"-j", "--json-schema"}, paramLabel = "SCHEMA", required = true,
                description = "Let the text be JSON that satisfies a schema; {} for any")
        private String schema;

        @Option(names = "--json-schema-file", paramLabel = "FILE", required = true,
                description = "A file that holds the schema")
        private Path schemaFile;

        @Option(names = "--regex", paramLabel = "REGEX", required = true,
                description = "Let the whole text match a regular expression")
        private String regex;

        @Option(names = "--choice", paramLabel = "TEXT", required = true, arity = "1",
                description = "Let the text be this one, or another that is given so")
        private List<String> choices;
    }

    @ArgGroup(multiplicity = "0..1")
    private Source source;

    @Option(names = "--grammar-first",
            description = "Ban what does not fit before the chain sees the row. By default the chain chooses, and only "
                    + "where its token does not fit it chooses again among those that do, as llama.cpp's tools have it")
    private boolean first;

    /// Whether one of the options was given.
    boolean isGiven() {
        return source != null;
    }

    /// The stage, which is to be the chain's first; nothing if none of the options was given.
    Optional<GrammarConstraint> constraint() throws IOException {
        if (source == null) {
            return Optional.empty();
        }
        GrammarConstraint constraint = new GrammarConstraint(Grammar.parse(gbnf()));
        return Optional.of(first ? constraint : constraint.onMiss());
    }

    private String gbnf() throws IOException {
        if (source.gbnf != null) {
            return source.gbnf;
        }
        if (source.gbnfFile != null) {
            return TextFile.read(source.gbnfFile, "grammar");
        }
        if (source.regex != null) {
            return RegexGrammar.toGbnf(source.regex);
        }
        if (source.choices != null) {
            return ChoiceGrammar.toGbnf(source.choices);
        }
        return JsonSchema.parse(source.schema != null ? source.schema : TextFile.read(source.schemaFile, "JSON schema"))
                .toGbnf();
    }
}
