package io.github.javasampler.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// The one owner of a native object. The pointer lives in a shared arena, so the JDK itself keeps the order: a call
/// that is under way keeps the object alive, a close meanwhile is refused, and a use after the close is an exception.
///
/// Any thread may call [#get] and [#close].
final class NativePointer implements AutoCloseable {
    private final String name;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;
    private volatile boolean released;

    /// @param name for messages: `the model /some/file.gguf`
    NativePointer(String name, MemorySegment pointer, Consumer<MemorySegment> free) {
        this.name = name;
        this.segment = NativeMemory.owned(pointer, arena, object -> {
            if (!released) {
                free.accept(object);
            }
        });
    }

    /// The pointer, to be passed to a native function at once.
    ///
    /// @throws IllegalStateException if it is closed
    MemorySegment get() {
        if (!isOpen()) {
            throw new IllegalStateException(name + " is closed");
        }
        return segment;
    }

    /// A pointer into this object, with the same lifetime.
    MemorySegment inside(MemorySegment pointer) {
        return NativeMemory.borrowed(pointer, arena);
    }

    /// Memory that is freed with this object.
    Arena arena() {
        return arena;
    }

    boolean isOpen() {
        return segment.scope().isAlive();
    }

    /// Gives the object to an owner who will free it; this one is closed then.
    ///
    /// @return the address, without a lifetime
    /// @throws IllegalStateException if it is closed
    MemorySegment release() {
        MemorySegment address = MemorySegment.ofAddress(get().address());
        released = true;
        try {
            close();
        } catch (InUseException e) {
            released = false;
            throw e;
        }
        return address;
    }

    @Override
    public void close() {
        if (!isOpen()) {
            return;
        }
        try {
            arena.close();
        } catch (IllegalStateException e) {
            // Either another thread closed it in between, which is as good, or one is inside a native call.
            if (isOpen()) {
                throw new InUseException(name + " is in use by another thread; wait for it, then close");
            }
        }
    }
}
