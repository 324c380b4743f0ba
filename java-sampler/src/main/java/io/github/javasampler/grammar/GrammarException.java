package io.github.javasampler.grammar;

/// A text is no grammar. The message says where, what must stand there, and what does.
public final class GrammarException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    private GrammarException(String message, int line, int column) {
        super(message + " (line " + line + ", column " + column + ")");
        this.line = line;
        this.column = column;
    }

    /// @param place an index in the text
    static GrammarException at(String text, int place, String message) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < place; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return new GrammarException(message, line, 1 + text.codePointCount(lineStart, place));
    }

    /// The line of the place, from 1.
    public int line() {
        return line;
    }

    /// The column of the place, from 1, in code points.
    public int column() {
        return column;
    }
}
