package io.github.javasampler.grammar;

import java.util.Objects;

/// A grammar in GBNF, llama.cpp's notation: what a text may look like, character by character.
///
/// Rules (`name ::= ...`), alternates (`|`), groups, literals, classes (`[a-z]`, `[^"]`), any character (`.`),
/// repetition (`*`, `+`, `?`, `{m}`, `{m,}`, `{m,n}`), token references (`<[17]>`, `<think>`, `!<think>`) and comments
/// (`#`). A rule that is defined twice is what it is defined last.
///
/// Bounded: a text of at most [#MAX_CHARACTERS], [#MAX_ELEMENTS] elements in at most [#MAX_RULES] rules once
/// repetitions are written out, groups at most [#MAX_NESTING] deep, and llama.cpp's own limit of [#MAX_REPETITIONS].
///
/// Immutable, thread-safe, equal by text and root.
/// **Source**: llama.cpp's `llama-grammar.cpp` and `grammars/README.md`.
public final class Grammar {
    /// The rule that a text must follow, if no other is named.
    public static final String DEFAULT_ROOT = "root";
    /// Of `char` a text may have.
    public static final int MAX_CHARACTERS = 4_000_000;
    /// Rules, with those made of groups and repetitions.
    public static final int MAX_RULES = 200_000;
    /// Characters of literals, classes, references: what llama.cpp would have in memory.
    public static final int MAX_ELEMENTS = 2_000_000;
    /// Groups in groups.
    public static final int MAX_NESTING = 1_000;
    /// Of a repetition's lower bound, and of a bound times the rules that it repeats.
    public static final int MAX_REPETITIONS = 2_000;

    private final String text;
    private final String root;
    private final Rules rules;

    private Grammar(String text, String root, Rules rules) {
        this.text = text;
        this.root = root;
        this.rules = rules;
    }

    /// The grammar whose texts follow the rule `root`.
    ///
    /// @throws GrammarException if it is none; see [#parse(String, String)]
    public static Grammar parse(String gbnf) {
        return parse(gbnf, DEFAULT_ROOT);
    }

    /// A grammar.
    ///
    /// @param gbnf its rules
    /// @param root the name of the rule that texts follow
    /// @throws GrammarException if it is no GBNF, recurses to the left, refers to a rule that is not there, lacks the
    ///     root, or goes beyond a limit
    public static Grammar parse(String gbnf, String root) {
        return new Grammar(gbnf, root, new GbnfParser(gbnf).parse(Objects.requireNonNull(root, "root")));
    }

    /// The text it was parsed from.
    public String text() {
        return text;
    }

    /// The name of the rule that texts follow.
    public String root() {
        return root;
    }

    Rules rules() {
        return rules;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Grammar grammar && grammar.text.equals(text) && grammar.root.equals(root);
    }

    @Override
    public int hashCode() {
        return 31 * text.hashCode() + root.hashCode();
    }

    /// The text.
    @Override
    public String toString() {
        return text;
    }
}
