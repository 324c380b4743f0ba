package io.github.javasampler;

/// Rows of a batch that could not be sampled: this is the first of them, its cause is what went wrong there, and the
/// others are suppressed exceptions of this type, in the order of their rows. All other rows have been sampled: see
/// [BatchSampler].
public final class BatchException extends SamplingException {
    private static final long serialVersionUID = 1L;

    private final int row;

    private BatchException(int row, int count, Throwable cause) {
        super("row " + row + " of a batch of " + count + " could not be sampled: " + reason(cause));
        initCause(cause);
        this.row = row;
    }

    /// @param failures by row, at least one; null for rows that have been sampled
    static BatchException of(Throwable[] failures) {
        BatchException first = null;
        for (int row = 0; row < failures.length; row++) {
            if (failures[row] == null) {
                continue;
            }
            BatchException failure = new BatchException(row, failures.length, failures[row]);
            if (first == null) {
                first = failure;
            } else {
                first.addSuppressed(failure);
            }
        }
        return first;
    }

    /// The number of the row in its batch, from 0 on.
    public int row() {
        return row;
    }

    private static String reason(Throwable cause) {
        return cause instanceof SamplingException ? cause.getMessage() : cause.toString();
    }
}
