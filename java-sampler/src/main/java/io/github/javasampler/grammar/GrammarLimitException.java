package io.github.javasampler.grammar;

import io.github.javasampler.SamplingException;

/// A grammar needs more memory or work for a text than a matcher spends: it is nested too deep, or may be read in too
/// many ways. The matcher is as it was.
public final class GrammarLimitException extends SamplingException {
    private static final long serialVersionUID = 1L;

    GrammarLimitException(String message) {
        super(message);
    }
}
