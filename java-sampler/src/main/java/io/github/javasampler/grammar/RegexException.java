package io.github.javasampler.grammar;

/// A regular expression that can't become a grammar.
public final class RegexException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final int column;

    /// @param problem what must hold, what came, and what to do
    /// @param column where, in UTF-16 units from 1 on; 0 when it is about the whole
    public RegexException(String problem, int column) {
        super(column == 0 ? problem : "column " + column + ": " + problem);
        this.column = column;
    }

    /// Where, in UTF-16 units from 1 on; 0 when it is about the whole.
    public int column() {
        return column;
    }
}
