package io.github.javasampler.grammar;

/// A text is no grammar. The message says where, what must stand there, and what does.
public final class GrammarException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    /// @param line from 1
    /// @param column from 1, in code points
    GrammarException(String message, int line, int column) {
        super(message + " (line " + line + ", column " + column + ")");
        this.line = line;
        this.column = column;
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
