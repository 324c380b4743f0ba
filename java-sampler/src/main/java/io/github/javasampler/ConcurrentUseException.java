package io.github.javasampler;

/// A session was entered while another thread was in it. A session is one sequence: it may move between threads, but
/// not be used by two at a time.
public final class ConcurrentUseException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ConcurrentUseException() {
        super("a session must be used by one thread at a time, and another is in it; give each sequence a session of"
                + " its own by SamplerChain.newSession or SamplerSession.fork");
    }
}
