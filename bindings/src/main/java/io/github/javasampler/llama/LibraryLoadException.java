package io.github.javasampler.llama;

import java.util.List;

/// No usable llama.cpp library was found. The message lists every place that was tried, why it did not do, and the
/// remedy.
public final class LibraryLoadException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final transient List<LlamaRuntime.Attempt> attempts;

    LibraryLoadException(String problem, List<LlamaRuntime.Attempt> attempts, String remedy) {
        super(message(problem, attempts, remedy));
        this.attempts = List.copyOf(attempts);
    }

    /// What was tried, in order.
    public List<LlamaRuntime.Attempt> attempts() {
        return attempts;
    }

    private static String message(String problem, List<LlamaRuntime.Attempt> attempts, String remedy) {
        StringBuilder message = new StringBuilder(problem);
        for (LlamaRuntime.Attempt attempt : attempts) {
            message.append("\n  tried ").append(attempt.where()).append(": ").append(attempt.outcome());
        }
        return message.append("\n  ").append(remedy).toString();
    }
}
