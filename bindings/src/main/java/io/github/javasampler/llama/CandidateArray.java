package io.github.javasampler.llama;

import io.github.javasampler.Candidate;
import io.github.javasampler.Candidates;
import io.github.javasampler.llama.abi.llama_token_data;
import io.github.javasampler.llama.abi.llama_token_data_array;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// A `llama_token_data_array` with room for its candidates, filled anew for every row. For one thread at a time.
final class CandidateArray {
    private static final long CANDIDATE_BYTES = llama_token_data.sizeof();
    private static final long LOGIT_OFFSET = llama_token_data.logit$offset();
    private static final long P_OFFSET = llama_token_data.p$offset();

    private static final int BLOCK = 1024;
    private static final int CANDIDATE_INTS = (int) (CANDIDATE_BYTES / Integer.BYTES);
    private static final int LOGIT_INT = (int) (LOGIT_OFFSET / Integer.BYTES);

    private final Arena arena;
    private final MemorySegment array;
    /// Of [#fillByBlocks], null until it is called.
    private int[] logitBits;
    /// The same; every p in it stays 0.
    private int[] block;
    private MemorySegment candidates = MemorySegment.NULL;
    private long filled;

    /// @param arena frees it
    CandidateArray(Arena arena) {
        this.arena = arena;
        array = llama_token_data_array.allocate(arena);
    }

    /// The struct, to be passed to a native function.
    MemorySegment segment() {
        return array;
    }

    /// Takes a row of `count` floats; candidate `i` has the id `i`.
    void fill(MemorySegment row, int count) {
        MemorySegment data = room(count);
        // Floats as their bits, and no look at the alignment: as C2 compiles it, as fast as llama.cpp's own loop.
        for (int i = 0; i < count; i++) {
            long offset = i * CANDIDATE_BYTES;
            data.set(ValueLayout.JAVA_INT_UNALIGNED, offset, i);
            data.set(ValueLayout.JAVA_INT_UNALIGNED, offset + LOGIT_OFFSET,
                    row.get(ValueLayout.JAVA_INT_UNALIGNED, (long) i * Float.BYTES));
            data.set(ValueLayout.JAVA_INT_UNALIGNED, offset + P_OFFSET, 0);
        }
        begin(data, count, false);
    }

    /// The same by way of the heap: a quarter slower once C2 has compiled either, but until then, which are a program's
    /// first dozens of rows, twenty times as fast.
    void fillByBlocks(MemorySegment row, int count) {
        MemorySegment data = room(count);
        if (block == null) {
            logitBits = new int[BLOCK];
            block = new int[BLOCK * CANDIDATE_INTS];
        }
        for (int first = 0; first < count; first += BLOCK) {
            int size = Math.min(BLOCK, count - first);
            MemorySegment.copy(row, ValueLayout.JAVA_INT_UNALIGNED, (long) first * Float.BYTES, logitBits, 0, size);
            for (int i = 0; i < size; i++) {
                block[i * CANDIDATE_INTS] = first + i;
                block[i * CANDIDATE_INTS + LOGIT_INT] = logitBits[i];
            }
            MemorySegment.copy(block, 0, data, ValueLayout.JAVA_INT_UNALIGNED, first * CANDIDATE_BYTES,
                    size * CANDIDATE_INTS);
        }
        begin(data, count, false);
    }

    /// Takes the candidates of a chain, in their order.
    void fill(Candidates from) {
        int count = from.size();
        MemorySegment data = room(count);
        for (int i = 0; i < count; i++) {
            put(data, i, from.id(i), from.logit(i));
        }
        begin(data, count, from.isDescending());
    }

    /// Takes what a backend sampler has left.
    void fill(BackendOutput from) {
        int count = from.size();
        MemorySegment data = room(count);
        for (int i = 0; i < count; i++) {
            put(data, i, from.id(i), from.logit(i));
            data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, i * CANDIDATE_BYTES + P_OFFSET, from.probability(i));
        }
        begin(data, count, false);
    }

    /// Takes a list of candidates; probabilities are left out.
    void fill(List<Candidate> from) {
        MemorySegment data = room(from.size());
        for (int i = 0; i < from.size(); i++) {
            put(data, i, from.get(i).id(), from.get(i).logit());
        }
        begin(data, from.size(), false);
    }

    /// Takes a single candidate.
    void fill(int id, float logit) {
        MemorySegment data = room(1);
        put(data, 0, id, logit);
        begin(data, 1, false);
    }

    private static void put(MemorySegment data, int index, int id, float logit) {
        long offset = index * CANDIDATE_BYTES;
        data.set(ValueLayout.JAVA_INT_UNALIGNED, offset, id);
        data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + LOGIT_OFFSET, logit);
        data.set(ValueLayout.JAVA_INT_UNALIGNED, offset + P_OFFSET, 0);
    }

    private MemorySegment room(int count) {
        if (candidates.byteSize() < count * CANDIDATE_BYTES) {
            candidates = arena.allocate(llama_token_data.layout(), count);
        }
        return candidates;
    }

    private void begin(MemorySegment data, int count, boolean sorted) {
        filled = count;
        llama_token_data_array.data(array, data);
        llama_token_data_array.size(array, count);
        llama_token_data_array.selected(array, -1);
        llama_token_data_array.sorted(array, sorted);
    }

    /// How many candidates are left.
    ///
    /// @throws LlamaException if that is none, or more than there were
    int size() {
        long size = llama_token_data_array.size(array);
        if (size < 1 || size > filled) {
            throw new LlamaException("a sampler must leave between 1 and " + filled + " candidates, left " + size);
        }
        return (int) size;
    }

    /// llama.cpp's flag.
    boolean isSorted() {
        return llama_token_data_array.sorted(array);
    }

    /// Whether what is left has a logit above negative infinity.
    boolean hasDrawable() {
        MemorySegment data = survivors(size());
        for (long offset = LOGIT_OFFSET; offset < data.byteSize(); offset += CANDIDATE_BYTES) {
            if (data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset) > Float.NEGATIVE_INFINITY) {
                return true;
            }
        }
        return false;
    }

    /// Writes what is left into arrays with room for it.
    ///
    /// @return how many candidates that are
    int copyTo(int[] ids, float[] logits) {
        int size = size();
        MemorySegment data = survivors(size);
        for (int i = 0; i < size; i++) {
            ids[i] = data.get(ValueLayout.JAVA_INT_UNALIGNED, i * CANDIDATE_BYTES);
            logits[i] = data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, i * CANDIDATE_BYTES + LOGIT_OFFSET);
        }
        return size;
    }

    /// What is left, in its order.
    List<Candidate> survivors() {
        MemorySegment data = survivors(size());
        List<Candidate> survivors = new ArrayList<>();
        for (long offset = 0; offset < data.byteSize(); offset += CANDIDATE_BYTES) {
            survivors.add(new Candidate(data.get(ValueLayout.JAVA_INT, offset),
                    data.get(ValueLayout.JAVA_FLOAT, offset + LOGIT_OFFSET),
                    data.get(ValueLayout.JAVA_FLOAT, offset + P_OFFSET)));
        }
        return survivors;
    }

    /// The token that was selected, and what is left.
    NativeChain.Selection selection() {
        return new NativeChain.Selection(token(), survivors());
    }

    /// The token that was selected.
    ///
    /// @throws LlamaException if none was
    int token() {
        int size = size();
        long selected = llama_token_data_array.selected(array);
        if (selected < 0 || selected >= size) {
            throw new LlamaException("llama.cpp's chain must select one of " + size + " candidates, selected "
                    + selected + "; it needs a stage that picks, such as dist or greedy, at its end");
        }
        return survivors(size).get(ValueLayout.JAVA_INT, selected * CANDIDATE_BYTES);
    }

    /// Where they lie: a stage may have moved the pointer.
    private MemorySegment survivors(int size) {
        return NativeMemory.sized(llama_token_data_array.data(array), size * CANDIDATE_BYTES);
    }
}
