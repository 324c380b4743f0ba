package io.github.javasampler.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Measures what a function without arguments returns by value, without knowing its layout. A large struct is written
/// by the callee to memory that the caller offers, so a caller that offers too much sees how much is used.
final class ReturnedStruct {
    /// More than any version's parameters take, and more than calling conventions return in registers.
    private static final int ROOM_BYTES = 4096;
    private static final int ALIGNMENT = 16;
    private static final long ADDRESS_BYTES = ValueLayout.ADDRESS.byteSize();
    private static final StructLayout ROOM =
            MemoryLayout.structLayout(MemoryLayout.sequenceLayout(ROOM_BYTES / Long.BYTES, ValueLayout.JAVA_LONG));

    private ReturnedStruct() {}

    /// The size of the struct in bytes, with the padding at its end if it holds a pointer; 0 if the library has no such
    /// function.
    static long size(String function) {
        if (!NativeSymbols.isLoaded(function)) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            // Two fills: a byte of the struct may happen to equal one.
            long end = Math.max(end(call(function, arena, (byte) 0x55), (byte) 0x55),
                    end(call(function, arena, (byte) 0xaa), (byte) 0xaa));
            return Math.ceilDiv(end, ADDRESS_BYTES) * ADDRESS_BYTES;
        }
    }

    private static MemorySegment call(String function, Arena arena, byte fill) {
        MethodHandle handle = NativeSymbols.libraryFunction(function, FunctionDescriptor.of(ROOM));
        MemorySegment room = arena.allocate(ROOM_BYTES, ALIGNMENT).fill(fill);
        SegmentAllocator offered = (size, alignment) -> room;
        try {
            return (MemorySegment) handle.invokeExact(offered);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static long end(MemorySegment room, byte fill) {
        long end = room.byteSize();
        while (end > 0 && room.get(ValueLayout.JAVA_BYTE, end - 1) == fill) {
            end--;
        }
        return end;
    }
}
