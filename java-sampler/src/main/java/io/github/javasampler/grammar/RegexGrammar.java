package io.github.javasampler.grammar;

/// A regular expression as a grammar that matches whole texts.
///
/// The dialect is what ECMAScript, Java and Python agree on: characters; the escapes d, w, s and their negations D, W
/// and S, n, r, t, f, v, x and two or u and four hexadecimal digits, u and 1 to 6 of them in braces, and any sign
/// escaped; `.`; classes with ranges and negation; groups; alternatives; `* + ? {m} {m,} {m,n}` with up to 2,000
/// repetitions; `^` and `$` at the ends, which change nothing. Where dialects differ the narrower reading holds:
/// digits, word characters and white space are ASCII, and what is outside of ASCII is neither a word character nor the
/// opposite.
///
/// A regular expression without counted repetition gives about as many rules as it has characters; one that needs
/// more than [RegularLanguage#MAX_STATES] states is refused.
public final class RegexGrammar {
    private RegexGrammar() {}

    /// @return the grammar's text in llama.cpp's notation
    /// @throws RegexException with the column, for what is no regular expression, or not of this dialect, or too large
    public static String toGbnf(String regex) {
        GbnfRules rules = new GbnfRules();
        RegularLanguage language = RegularLanguage.ofRegex(regex);
        rules.put(GbnfRules.ROOT, language.toGbnf(rules, "regex", GbnfExpression.Characters::new));
        return rules.toText().orElseThrow(() -> new RegexException("no text matches it", 0));
    }
}
