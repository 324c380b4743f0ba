package io.github.javasampler.grammar;

/// A class of characters whose extent differs between dialects: `narrow` is in it in all of them, `broad` in some.
///
/// Negation swaps the two, so that what a grammar makes matches whatever dialect looks at it.
record RegexClass(CodePoints narrow, CodePoints broad) {
    /// `.`; which characters end a line is told differently.
    static final RegexClass ANY_BUT_LINE_ENDS = new RegexClass(
            CodePoints.ALL.minus(CodePoints.of("\n\r\u0085\u2028\u2029")), CodePoints.ALL);

    private static final CodePoints ASCII_DIGITS = CodePoints.range('0', '9');
    private static final CodePoints ASCII_WORD = ASCII_DIGITS.or(CodePoints.range('a', 'z'))
            .or(CodePoints.range('A', 'Z')).or(CodePoints.of('_'));
    private static final CodePoints NOT_ASCII = CodePoints.range(0x80, Character.MAX_CODE_POINT);

    /// `\d`; decimal digits of other scripts in some dialects.
    static final RegexClass DIGITS = new RegexClass(ASCII_DIGITS, allDigits());
    /// `\w`; letters and more of other scripts in some dialects.
    static final RegexClass WORD = new RegexClass(ASCII_WORD, ASCII_WORD.or(NOT_ASCII));
    /// `\s`; all that ECMAScript, Java or Python takes for white space.
    static final RegexClass SPACE = new RegexClass(CodePoints.of(" \t\n\f\r").or(CodePoints.of(0x0B)),
            CodePoints.range('\t', '\r').or(CodePoints.range(0x1C, ' ')).or(CodePoints.of("\u0085\u00A0\u1680\u180E"))
                    .or(CodePoints.range(0x2000, 0x200B)).or(CodePoints.of("\u2028\u2029\u202F\u205F\u3000\uFEFF")));

    static RegexClass of(CodePoints set) {
        return new RegexClass(set, set);
    }

    RegexClass or(RegexClass other) {
        return new RegexClass(narrow.or(other.narrow), broad.or(other.broad));
    }

    RegexClass negated() {
        return new RegexClass(CodePoints.ALL.minus(broad), CodePoints.ALL.minus(narrow));
    }

    private static CodePoints allDigits() {
        CodePoints digits = CodePoints.NONE;
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER) {
                digits = digits.or(CodePoints.of(c));
            }
        }
        return digits;
    }
}
