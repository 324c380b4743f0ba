package io.github.javasampler.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// The only place that gives a native address a size and a lifetime.
@SuppressWarnings("restricted")
final class NativeMemory {

    /// All of the process's memory, for addresses that llama.cpp hands over as numbers: no segment is made for each.
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private NativeMemory() {
    }

    /// All of the process's memory; offsets are addresses that the caller knows to be valid.
    static MemorySegment all() {
        return ALL;
    }

    /// A pointer that lives as long as an arena, which frees it when it closes.
    static MemorySegment owned(MemorySegment pointer, Arena arena, Consumer<MemorySegment> free) {
        return pointer.reinterpret(0, arena, free);
    }

    /// A pointer into something that lives as long as an arena.
    static MemorySegment borrowed(MemorySegment pointer, Arena arena) {
        return pointer.reinterpret(0, arena, null);
    }

    /// Memory of a known size that can be read as long as an arena lives.
    static MemorySegment readable(MemorySegment pointer, long bytes, Arena arena) {
        return pointer.reinterpret(bytes, arena, null).asReadOnly();
    }

    /// Memory of a known size, for as long as the caller knows it to be there.
    static MemorySegment sized(MemorySegment pointer, long bytes) {
        return pointer.reinterpret(bytes);
    }

    /// A C string, or null for a null pointer.
    static String string(MemorySegment pointer) {
        return isNull(pointer) ? null : pointer.reinterpret(Long.MAX_VALUE).getString(0, StandardCharsets.UTF_8);
    }

    /// A copy of bytes off-heap, without a terminating zero. Never null, so that an empty text is not a null pointer.
    static MemorySegment copy(byte[] bytes, Arena arena) {
        MemorySegment memory = arena.allocate(Math.max(1, bytes.length));
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return memory;
    }

    static boolean isNull(MemorySegment pointer) {
        return pointer.address() == 0;
    }
}
