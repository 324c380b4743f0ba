package io.github.javasampler.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// A row that was looked over once and can only become another such row: a [NativeChain] need not look for NaN in it
/// again.
///
/// Any thread that the arena allows may read it, as long as the arena lives.
public final class CheckedRow {
    private static final long ALIGNMENT_BYTES = 64;
    private static final int BLOCK = 1024;

    private final MemorySegment floats;
    private final MemorySegment readOnly;

    private CheckedRow(MemorySegment floats) {
        this.floats = floats;
        readOnly = floats.asReadOnly();
    }

    /// Copies a row off-heap.
    ///
    /// @param row floats in native order, at least one
    /// @param arena frees the copy
    /// @throws LlamaException if a logit is NaN
    public static CheckedRow copyOf(MemorySegment row, Arena arena) {
        Objects.requireNonNull(arena, "arena");
        int count = count(row);
        MemorySegment copy = arena.allocate(row.byteSize(), ALIGNMENT_BYTES).copyFrom(row);
        check(copy, count);
        return new CheckedRow(copy);
    }

    /// The floats: a read-only segment off-heap.
    public MemorySegment segment() {
        return readOnly;
    }

    /// Overwrites this row by another of the same size, in the same memory, as a decode does.
    public void copyFrom(CheckedRow row) {
        if (row.floats.byteSize() != floats.byteSize()) {
            throw new IllegalArgumentException("a row must be overwritten by one of its " + floats.byteSize()
                    + " bytes, got " + row.floats.byteSize());
        }
        floats.copyFrom(row.floats);
    }

    /// How many floats a row holds.
    ///
    /// @throws IllegalArgumentException if there are none, or not only floats
    static int count(MemorySegment row) {
        int count = Math.toIntExact(row.byteSize() / Float.BYTES);
        if (count == 0 || row.byteSize() % Float.BYTES != 0) {
            throw new IllegalArgumentException("a row must hold floats, at least one, got " + row.byteSize()
                    + " bytes");
        }
        return count;
    }

    /// llama.cpp sorts without a guard, and a NaN, which is neither greater nor smaller, leads it out of the array.
    static void check(MemorySegment row, int count) {
        int anyNan = 0;
        // On the heap, where a loop is fast before C2 has compiled it.
        int[] bits = new int[Math.min(BLOCK, count)];
        for (int first = 0; first < count; first += BLOCK) {
            int size = Math.min(BLOCK, count - first);
            MemorySegment.copy(row, ValueLayout.JAVA_INT_UNALIGNED, (long) first * Float.BYTES, bits, 0, size);
            for (int i = 0; i < size; i++) {
                // Negative for the bits of a NaN, and only for those: no branch, so that the loop becomes vector code.
                anyNan |= 0x7F80_0000 - (bits[i] & 0x7FFF_FFFF);
            }
        }
        if (anyNan >= 0) {
            return;
        }
        long offset = 0;
        while (!Float.isNaN(row.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset))) {
            offset += Float.BYTES;
        }
        throw new LlamaException("logits must be numbers for llama.cpp's chain, and that of token "
                + offset / Float.BYTES + " is NaN");
    }
}
