package io.github.javasampler.llama;

import java.util.concurrent.atomic.AtomicBoolean;

/// Lets one thread at a time use what a pointer owns, and only while it is open.
final class ExclusiveUse {
    private final NativePointer pointer;
    private final String refusal;
    private final AtomicBoolean taken = new AtomicBoolean();

    /// @param refusal what a second thread is told
    ExclusiveUse(NativePointer pointer, String refusal) {
        this.pointer = pointer;
        this.refusal = refusal;
    }

    /// Begins a use, which [#end] must end.
    ///
    /// @throws InUseException if another thread is in it
    /// @throws IllegalStateException if it is closed
    void begin() {
        if (!taken.compareAndSet(false, true)) {
            throw new InUseException(refusal);
        }
        if (!pointer.isOpen()) {
            end();
            pointer.get();
        }
    }

    void end() {
        taken.set(false);
    }
}
