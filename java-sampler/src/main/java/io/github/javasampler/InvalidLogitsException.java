package io.github.javasampler;

import io.github.javasampler.kernel.Kernels;
import java.lang.foreign.MemorySegment;

/// A row holds a logit that is no candidate's: NaN, positive infinity, or nothing but negative infinity.
public final class InvalidLogitsException extends SamplingException {
    private static final long serialVersionUID = 1L;

    InvalidLogitsException(String message) {
        super(message);
    }

    /// Names the first offending logit of a row that a kernel has refused.
    static InvalidLogitsException in(MemorySegment row, long offsetBytes, int n) {
        for (int id = 0; id < n; id++) {
            float logit = Kernels.logit(row, offsetBytes, id);
            if (!(logit < Float.POSITIVE_INFINITY)) {
                return new InvalidLogitsException("logits must be numbers or -Infinity, got " + logit + " for token "
                        + id + " of " + n + "; the model's output is broken, or the row is not where it is said to be");
            }
        }
        return allBanned(n);
    }

    /// Of a row, or of candidates that somebody else has narrowed.
    static InvalidLogitsException allBanned(int n) {
        return new InvalidLogitsException("a row must have at least one logit above -Infinity, all " + n
                + " are -Infinity; nothing is left to choose from");
    }

    /// Of a candidate that somebody else has made.
    static InvalidLogitsException of(int id, float logit) {
        return new InvalidLogitsException("logits must be numbers or -Infinity, got " + logit + " for token " + id
                + "; a stage before is broken, or the model's output is");
    }
}
