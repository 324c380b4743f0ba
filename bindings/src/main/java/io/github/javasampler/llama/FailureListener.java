package io.github.javasampler.llama;

import java.lang.System.Logger.Level;

/// Is told what went wrong in a Java sampler that runs in somebody else's program, where there is no caller in Java to
/// throw it to. The sampler has left something valid: the most probable token, or the candidates as they were.
///
/// Called on the thread that samples, during the sampling; what it throws itself is dropped.
@FunctionalInterface
public interface FailureListener {
    /// Writes a warning to the log `io.github.javasampler.llama`.
    FailureListener LOG = thrown -> System.getLogger("io.github.javasampler.llama").log(Level.WARNING,
            "a Java sampler failed; the most probable token stands in for a picker's, and other stages are passed over",
            thrown);

    /// @param thrown by a stage, or because the host did what it must not
    void failed(Throwable thrown);
}
