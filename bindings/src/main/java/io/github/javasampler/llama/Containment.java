package io.github.javasampler.llama;

/// What goes wrong in Java code that llama.cpp calls. A throwable must not leave such a call, for it would end the JVM;
/// so it is kept here, and thrown when the native call that led there has returned to Java. Where no native call of
/// ours is under way on the thread, the host is somebody else's program, and a listener gets it.
///
/// One for each thread; calls nest.
final class Containment {
    private static final ThreadLocal<Containment> OF_THREAD = ThreadLocal.withInitial(Containment::new);

    private int depth;
    private Throwable failure;

    private Containment() {
    }

    static Containment ofThread() {
        return OF_THREAD.get();
    }

    /// Called before a native call that may call Java.
    ///
    /// @return for [#end]
    Throwable begin() {
        Throwable outer = failure;
        failure = null;
        depth++;
        return outer;
    }

    /// Called after it, in any case: throws what was caught meanwhile, the first of it.
    ///
    /// @throws LlamaException for a checked exception, which is its cause; others are thrown as they are
    void end(Throwable outer) {
        Throwable caught = failure;
        failure = outer;
        depth--;
        switch (caught) {
            case null -> { }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new LlamaException("a stage must throw no checked exception, and threw " + caught, caught);
        }
    }

    /// Keeps what was caught, or tells the listener. Never throws.
    static void caught(Throwable thrown, FailureListener listener) {
        try {
            Containment containment = ofThread();
            if (containment.depth == 0) {
                listener.failed(thrown);
            } else if (containment.failure == null) {
                containment.failure = thrown;
            }
        } catch (Throwable _) {
            // Who can't even listen is not told.
        }
    }
}
