package io.github.javasampler.grammar;

/// Writes characters as llama.cpp's grammar parser reads them; everything but plain ASCII is escaped.
final class GbnfText {
    private GbnfText() {}

    static void appendInClass(StringBuilder text, int codePoint) {
        append(text, codePoint, "\\[]-", "^\"");
    }

    static void appendLiteral(StringBuilder text, String literal) {
        literal.codePoints().forEach(codePoint -> append(text, codePoint, "\\\"", ""));
    }

    private static void append(StringBuilder text, int codePoint, String escaped, String hex) {
        switch (codePoint) {
            case '\n' -> text.append("\\n");
            case '\r' -> text.append("\\r");
            case '\t' -> text.append("\\t");
            default -> {
                if (codePoint > 0xFFFF) {
                    text.append("\\U").append("%08X".formatted(codePoint));
                } else if (codePoint > 0xFF) {
                    text.append("\\u").append("%04X".formatted(codePoint));
                } else if (codePoint < ' ' || codePoint > '~' || hex.indexOf(codePoint) >= 0) {
                    text.append("\\x").append("%02X".formatted(codePoint));
                } else {
                    text.append(escaped.indexOf(codePoint) >= 0 ? "\\" : "").append((char) codePoint);
                }
            }
        }
    }
}
