package io.github.javasampler.llama;

import io.github.javasampler.llama.abi.llama_batch;
import io.github.javasampler.llama.abi.llama_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A memory of sequences, and the logits of what was decoded last. Owns llama.cpp's `llama_context`.
///
/// A context may move between threads, but is for one at a time: a second one gets a [InUseException]. Unless
/// [ContextOptions#sharedRows] is set, rows that were asked for belong to the thread that asked; before the context
/// moves on, that thread calls [#releaseRows].
///
/// {@snippet :
/// context.decode(prompt);
/// int token = session.sample(context.logits(-1));
/// context.decode(token);
/// }
public final class LlamaContext implements AutoCloseable {
    private static final int OUTPUT_LAST = -1;
    private static final int NO_OUTPUT = -1;
    private static final int NO_SLOT = 1;
    private static final int ABORTED = 2;

    private final LlamaModel model;
    private final NativePointer pointer;
    private final MemorySegment memory;
    private final int vocabularySize;
    private final int contextLength;
    private final int batchSize;
    private final boolean sharedRows;
    private final ExclusiveUse use;
    private final BackendSampling backend;

    // llama_batch and its arrays, filled anew for every call.
    private final MemorySegment batch;
    private final MemorySegment tokens;
    private final MemorySegment positions;
    private final MemorySegment sequenceIds;
    private final MemorySegment outputFlags;

    /// Per sequence, the position that its next token gets.
    private final int[] next;
    private final int[] nextInBatch;
    private final int[] outputsInBatch;

    // What the last decode made. Outputs are numbered as the tokens of that decode; of a prompt that was split,
    // llama.cpp numbers only the last part, which begins at firstOutput.
    private final boolean[] hasOutput;
    private final MemorySegment[] rows;
    private int firstOutput;
    private int decoded;
    private int lastOutput = NO_OUTPUT;
    private Arena rowArena;
    private Thread rowOwner;

    private LlamaContext(LlamaModel model, NativePointer pointer, MemorySegment memory, ContextOptions options,
            int contextLength, int batchSize) {
        this.model = model;
        this.pointer = pointer;
        use = new ExclusiveUse(pointer, "a context must be used by one thread at a time, and another is in it; open"
                + " one for each thread");
        this.memory = memory;
        this.vocabularySize = model.vocabularySize();
        this.contextLength = contextLength;
        this.batchSize = batchSize;
        this.sharedRows = options.sharedRows();
        next = new int[options.sequences()];
        nextInBatch = new int[options.sequences()];
        outputsInBatch = new int[options.sequences()];
        backend = new BackendSampling(pointer.get(), vocabularySize, options.sequences());
        hasOutput = new boolean[batchSize];
        rows = new MemorySegment[batchSize];

        Arena arena = pointer.arena();
        tokens = arena.allocate(ValueLayout.JAVA_INT, batchSize);
        positions = arena.allocate(ValueLayout.JAVA_INT, batchSize);
        sequenceIds = arena.allocate(ValueLayout.JAVA_INT, batchSize);
        outputFlags = arena.allocate(ValueLayout.JAVA_BYTE, batchSize);
        MemorySegment sequenceCounts = arena.allocate(ValueLayout.JAVA_INT, batchSize);
        MemorySegment sequencePointers = arena.allocate(ValueLayout.ADDRESS, batchSize);
        for (int i = 0; i < batchSize; i++) {
            sequenceCounts.setAtIndex(ValueLayout.JAVA_INT, i, 1);
            sequencePointers.setAtIndex(ValueLayout.ADDRESS, i, sequenceIds.asSlice((long) i * Integer.BYTES));
        }
        batch = llama_batch.allocate(arena);
        llama_batch.token(batch, tokens);
        llama_batch.embd(batch, MemorySegment.NULL);
        llama_batch.pos(batch, positions);
        llama_batch.n_seq_id(batch, sequenceCounts);
        llama_batch.seq_id(batch, sequencePointers);
        llama_batch.logits(batch, outputFlags);
    }

    /// Called by the model, which counts its contexts.
    static LlamaContext open(LlamaModel model, MemorySegment modelPointer, ContextOptions options) {
        int trained = model.trainedContextLength();
        int length = options.contextLength() != 0 ? options.contextLength()
                : trained == 0 ? ContextOptions.DEFAULT_CONTEXT_LENGTH
                : Math.min(trained, ContextOptions.DEFAULT_CONTEXT_LENGTH);
        // llama.cpp keeps room for an output of each sequence, and aborts where a batch has less.
        int batchSize = Math.max(Math.min(options.batchSize(), length), options.sequences());
        if ((long) length * options.sequences() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("contextLength * sequences must be at most " + Integer.MAX_VALUE
                    + ", got " + length + " * " + options.sequences());
        }
        link();
        List<String> reasons = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            ContextFunctions functions = model.runtime().contextFunctions();
            // struct llama_context_params llama_context_default_params(void);
            MemorySegment parameters = functions.defaultParameters(arena);
            functions.set(parameters, "n_ctx", length * options.sequences());
            functions.set(parameters, "n_batch", batchSize);
            functions.set(parameters, "n_ubatch", batchSize);
            functions.set(parameters, "n_seq_max", options.sequences());
            functions.set(parameters, "n_threads", options.threads());
            functions.set(parameters, "n_threads_batch", options.threads());
            // struct llama_context * llama_init_from_model(struct llama_model * model,
            //         struct llama_context_params params);
            MemorySegment address =
                    LlamaLog.record(() -> functions.initFromModel(modelPointer, parameters), reasons);
            if (NativeMemory.isNull(address)) {
                throw new LlamaException("a context of " + options.sequences() + " x " + length
                        + " tokens must fit into memory and suit the model, and does not; ask for a smaller"
                        + " contextLength"
                        + LlamaLog.reason(reasons));
            }
            // void llama_free(struct llama_context * ctx);
            NativePointer pointer =
                    new NativePointer("the context of " + model.file(), address, llama_h::llama_free);
            // llama_memory_t llama_get_memory(const struct llama_context * ctx);
            MemorySegment memory = llama_h.llama_get_memory(pointer.get());
            if (NativeMemory.isNull(memory)) {
                pointer.close();
                throw new LlamaException("a context needs a model that generates text, and " + model.file()
                        + " makes embeddings only");
            }
            return new LlamaContext(model, pointer, pointer.inside(memory), options, length, batchSize);
        }
    }

    /// Makes the calls of a decode loop ready, some milliseconds each, so that the first token need not wait for it.
    private static void link() {
        llama_h.llama_decode$handle();
        llama_h.llama_get_logits_ith$handle();
    }

    /// The model that it belongs to.
    public LlamaModel model() {
        return model;
    }

    /// How many tokens a sequence can hold.
    public int contextLength() {
        return contextLength;
    }

    /// How many tokens go into one call of `llama_decode`.
    public int batchSize() {
        return batchSize;
    }

    /// How many sequences there are.
    public int sequences() {
        return next.length;
    }

    /// The position that the next token of sequence 0 gets: how many tokens it holds.
    public int position() {
        return position(0);
    }

    /// The position that the next token of a sequence gets.
    ///
    /// @param sequence in [0, [#sequences])
    public int position(int sequence) {
        checkSequence(sequence);
        use.begin();
        try {
            return next[sequence];
        } finally {
            use.end();
        }
    }

    /// Appends one token to sequence 0 and computes the logits after it.
    ///
    /// @throws ContextOverflowException if the sequence is full
    /// @throws IllegalArgumentException if the token is out of range
    /// @throws DecodeException if llama.cpp fails
    public void decode(int token) {
        use.begin();
        try {
            checkToken(token, 0);
            checkRoom(0, next[0], 1);
            beginDecode();
            put(0, token, next[0], 0, true);
            call(1);
            next[0]++;
            finishDecode(0, 1);
        } finally {
            use.end();
        }
    }

    /// Appends tokens to sequence 0 and computes the logits after the last of them: output -1, or their number less 1.
    /// More than [#batchSize] are decoded in parts.
    ///
    /// @param tokens at least one, each in [0, vocabulary size)
    /// @throws ContextOverflowException if they do not all fit; none is decoded
    /// @throws IllegalArgumentException if there is none, or one is out of range
    /// @throws DecodeException if llama.cpp fails; [#position] tells what was kept
    public void decode(int[] tokens) {
        use.begin();
        try {
            checkNotEmpty(tokens.length);
            for (int i = 0; i < tokens.length; i++) {
                checkToken(tokens[i], i);
            }
            checkRoom(0, next[0], tokens.length);
            beginDecode();
            int start = 0;
            for (int end = Math.min(batchSize, tokens.length); start < tokens.length;
                    start = end, end = Math.min(end + batchSize, tokens.length)) {
                for (int i = start; i < end; i++) {
                    put(i - start, tokens[i], next[0] + i - start, 0, i == tokens.length - 1);
                }
                call(end - start);
                next[0] += end - start;
                if (end == tokens.length) {
                    finishDecode(start, tokens.length);
                }
            }
        } finally {
            use.end();
        }
    }

    /// Decodes tokens of several sequences in one call, with the outputs that the batch asks for. Outputs are numbered
    /// as the batch's tokens.
    ///
    /// @param wanted at least one token and at most [#batchSize]; positions continue their sequences without a gap
    /// @throws ContextOverflowException if a sequence would get too long; nothing is decoded
    /// @throws IllegalArgumentException if the batch is empty, too large, or a token, sequence or position is wrong, or
    ///     a sequence with a backend sampler has more than one output
    /// @throws DecodeException if llama.cpp fails
    public void decode(Batch wanted) {
        use.begin();
        try {
            int size = wanted.size();
            checkNotEmpty(size);
            if (size > batchSize) {
                throw new IllegalArgumentException("a batch must hold at most batchSize = " + batchSize
                        + " tokens, got " + size + "; decode it in parts, or open the context with a greater"
                        + " batchSize");
            }
            System.arraycopy(next, 0, nextInBatch, 0, next.length);
            Arrays.fill(outputsInBatch, 0);
            for (int i = 0; i < size; i++) {
                checkToken(wanted.token(i), i);
                checkSequence(wanted.sequence(i));
                int expected = nextInBatch[wanted.sequence(i)]++;
                if (wanted.position(i) != expected) {
                    throw new IllegalArgumentException("token " + i + " of the batch must have position " + expected
                            + ", the next of sequence " + wanted.sequence(i) + ", got " + wanted.position(i));
                }
                checkOutputs(wanted.sequence(i), wanted.output(i));
            }
            for (int sequence = 0; sequence < next.length; sequence++) {
                checkRoom(sequence, next[sequence], nextInBatch[sequence] - next[sequence]);
            }
            beginDecode();
            for (int i = 0; i < size; i++) {
                put(i, wanted.token(i), wanted.position(i), wanted.sequence(i), wanted.output(i));
            }
            call(size);
            System.arraycopy(nextInBatch, 0, next, 0, next.length);
            finishDecode(0, size);
        } finally {
            use.end();
        }
    }

    /// The logits of an output of the last decode, where llama.cpp left them: a read-only segment of vocabulary size
    /// floats, of which nothing is copied. The same output gives the same segment object.
    ///
    /// Every use after the next decode, [#clear], [#rewind], [#releaseRows] or [#close] is an `IllegalStateException`.
    ///
    /// @param output the index of a token of the last decode that asked for an output; -1 for the last that did
    /// @throws NoSuchOutputException if that decode did not make it, or failed, or a backend sampler has left no row
    ///     of it but candidates: [#backendOutput]
    public MemorySegment logits(int output) {
        use.begin();
        try {
            int index = index(output);
            MemorySegment row = rows[index];
            if (row == null) {
                row = newRow(index);
                rows[index] = row;
            } else if (!sharedRows && rowOwner != Thread.currentThread()) {
                throw foreignRows();
            }
            return row;
        } finally {
            use.end();
        }
    }

    /// What a backend sampler has left of an output of the last decode; empty if its sequence has none, and the output
    /// is a row: [#logits].
    ///
    /// @param output as for [#logits]
    /// @throws NoSuchOutputException if that decode did not make it, or failed
    public Optional<BackendOutput> backendOutput(int output) {
        use.begin();
        try {
            int index = index(output);
            int sequence = sequenceOf(index);
            return backend.has(sequence) ? Optional.of(backend.output(sequence, index, rowArena())) : Optional.empty();
        } finally {
            use.end();
        }
    }

    /// Has llama.cpp run the first stages of a chain in the graph of a sequence, where its logits are: on a GPU they
    /// need not come to the host. What is left is read by [#backendOutput]; `chain.sample(context, output)` runs the
    /// stages that the graph could not, which may be Java's. What the last decode made is void.
    ///
    /// The chain stays the caller's, and is only for this sequence from now on, even when it has been detached:
    /// llama.cpp skips its first stages elsewhere. Closing it detaches it.
    ///
    /// @param sequence in [0, [#sequences]); it has no backend sampler
    /// @param chain a [NativeSampler#chain] for this vocabulary that was never attached
    /// @throws LlamaException if llama.cpp would abort over it, or can't run it; or the version of llama.cpp is none
    ///     of [LlamaRuntime#KNOWN_VERSIONS]
    public void attach(int sequence, NativeSampler chain) {
        checkSequence(sequence);
        if (!model.runtime().isKnownVersion()) {
            throw new LlamaException("backend sampling needs a llama.cpp of a known version: "
                    + LlamaRuntime.KNOWN_VERSIONS);
        }
        use.begin();
        try {
            if (backend.has(sequence)) {
                throw new IllegalStateException("a sequence can have one backend sampler, and sequence " + sequence
                        + " has one; detach it first");
            }
            chain.checkAttachable(vocabularySize);
            beginDecode();
            backend.attach(sequence, chain);
            chain.attached(this, sequence);
        } finally {
            use.end();
        }
    }

    /// Takes the backend sampler from a sequence, if it has one. What the last decode made is void.
    ///
    /// @param sequence in [0, [#sequences])
    public void detach(int sequence) {
        checkSequence(sequence);
        use.begin();
        try {
            if (backend.has(sequence)) {
                beginDecode();
                backend.detach(sequence).detached();
            }
        } finally {
            use.end();
        }
    }

    /// Whether the last decode made an output that [#logits] or [#backendOutput] would give.
    ///
    /// @param output as for [#logits]
    public boolean hasLogits(int output) {
        use.begin();
        try {
            return find(output) != NO_OUTPUT;
        } finally {
            use.end();
        }
    }

    /// Ends the use of the rows that were asked for, so that another thread may go on with the context. They can be
    /// asked for again.
    public void releaseRows() {
        use.begin();
        try {
            retireRows();
        } finally {
            use.end();
        }
    }

    /// Forgets all sequences.
    public void clear() {
        use.begin();
        try {
            beginDecode();
            // void llama_memory_clear(llama_memory_t mem, bool data);
            llama_h.llama_memory_clear(memory, true);
            Arrays.fill(next, 0);
        } finally {
            use.end();
        }
    }

    /// Takes a sequence back to a position: what comes from there on is forgotten.
    ///
    /// @param sequence in [0, [#sequences])
    /// @param position in [0, position of the sequence]
    /// @throws LlamaException if the model's memory cannot forget a part of a sequence (recurrent models)
    public void rewind(int sequence, int position) {
        checkSequence(sequence);
        use.begin();
        try {
            if (position < 0 || position > next[sequence]) {
                throw new IllegalArgumentException("a sequence can be rewound to a position in [0, " + next[sequence]
                        + "], got " + position);
            }
            beginDecode();
            // bool llama_memory_seq_rm(llama_memory_t mem, llama_seq_id seq_id, llama_pos p0, llama_pos p1);
            if (!llama_h.llama_memory_seq_rm(memory, sequence, position, -1)) {
                throw new LlamaException("the memory of " + model.file()
                        + " cannot forget a part of a sequence; clear() the context and decode what is to stay");
            }
            next[sequence] = position;
        } finally {
            use.end();
        }
    }

    /// Frees the context and what it remembers. Closing it again does nothing.
    ///
    /// @throws InUseException if another thread is in it or owns its rows; it stays open
    @Override
    public void close() {
        if (!pointer.isOpen()) {
            return;
        }
        use.begin();
        try {
            beginDecode();
            pointer.close();
            backend.close();
            model.contextClosed();
        } finally {
            use.end();
        }
    }

    /// `llama_sampler_sample` on an output of the last decode.
    int sample(MemorySegment chain, int output) {
        use.begin();
        try {
            int index = index(output);
            // llama_token llama_sampler_sample(struct llama_sampler * smpl, struct llama_context * ctx, int32_t idx);
            return llama_h.llama_sampler_sample(chain, pointer.get(), index);
        } finally {
            use.end();
        }
    }

    private void put(int index, int token, int position, int sequence, boolean output) {
        tokens.setAtIndex(ValueLayout.JAVA_INT, index, token);
        positions.setAtIndex(ValueLayout.JAVA_INT, index, position);
        sequenceIds.setAtIndex(ValueLayout.JAVA_INT, index, sequence);
        outputFlags.set(ValueLayout.JAVA_BYTE, index, (byte) (output ? 1 : 0));
        hasOutput[index] = output;
    }

    private void call(int count) {
        llama_batch.n_tokens(batch, count);
        int code = backend.decode(batch);
        if (code != 0) {
            readPositions();
            throw failure(code, count);
        }
    }

    private DecodeException failure(int code, int count) {
        String tokens = count + (count == 1 ? " token" : " tokens");
        return new DecodeException(code, switch (code) {
            case NO_SLOT -> "llama.cpp has no room in its memory for " + tokens + "; rewind() or clear() the context";
            case ABORTED -> "llama.cpp was stopped while it decoded " + tokens;
            default -> "llama.cpp failed to decode " + tokens + ", code " + code
                    + "; clear() the context and try again";
        });
    }

    /// After a failure llama.cpp knows best what it kept.
    private void readPositions() {
        for (int sequence = 0; sequence < next.length; sequence++) {
            // llama_pos llama_memory_seq_pos_max(llama_memory_t mem, llama_seq_id seq_id);
            next[sequence] = llama_h.llama_memory_seq_pos_max(memory, sequence) + 1;
        }
    }

    /// What the last decode made is void from here on, whatever comes of the next.
    private void beginDecode() {
        retireRows();
        decoded = 0;
        lastOutput = NO_OUTPUT;
    }

    private void finishDecode(int first, int count) {
        firstOutput = first;
        decoded = count - first;
        for (int index = decoded - 1; index >= 0 && lastOutput == NO_OUTPUT; index--) {
            if (hasOutput[index]) {
                lastOutput = index;
            }
        }
    }

    private void retireRows() {
        if (rowArena == null) {
            return;
        }
        if (sharedRows || rowOwner == Thread.currentThread()) {
            rowArena.close();
        } else if (rowOwner.isAlive()) {
            throw foreignRows();
        }
        // Rows of a thread that has ended can be read by none, so there is nothing to take away.
        rowArena = null;
        rowOwner = null;
        Arrays.fill(rows, 0, decoded, null);
    }

    private InUseException foreignRows() {
        return new InUseException("the rows of the last decode belong to the thread \"" + rowOwner.getName()
                + "\"; let it call releaseRows() before another thread goes on, or open the context with sharedRows");
    }

    private MemorySegment newRow(int index) {
        if (!backend.isRow(sequenceOf(index), index)) {
            throw new NoSuchOutputException("output " + (firstOutput + index) + " must be a row to be read as one, and"
                    + " the backend sampler of sequence " + sequenceOf(index) + " has left " + backend.logitCount(index)
                    + " candidates; read backendOutput");
        }
        // float * llama_get_logits_ith(struct llama_context * ctx, int32_t i);
        MemorySegment address = llama_h.llama_get_logits_ith(pointer.get(), index);
        if (NativeMemory.isNull(address)) {
            throw new NoSuchOutputException("llama.cpp must have logits for output " + (firstOutput + index)
                    + ", and has none");
        }
        return NativeMemory.readable(address, (long) vocabularySize * Float.BYTES, rowArena());
    }

    private Arena rowArena() {
        if (rowArena == null) {
            rowArena = sharedRows ? Arena.ofShared() : Arena.ofConfined();
            rowOwner = Thread.currentThread();
        } else if (!sharedRows && rowOwner != Thread.currentThread()) {
            throw foreignRows();
        }
        return rowArena;
    }

    private int sequenceOf(int index) {
        return sequenceIds.getAtIndex(ValueLayout.JAVA_INT, index);
    }

    /// llama.cpp's index of an output of the last decode.
    private int index(int output) {
        int index = find(output);
        if (index == NO_OUTPUT) {
            throw new NoSuchOutputException(decoded == 0
                    ? "logits need a decode, and there was none since the context was opened, cleared or rewound, or it"
                            + " failed"
                    : "output must be a token of the last decode that asked for logits, got " + output
                            + "; it had tokens " + firstOutput + " to " + (firstOutput + decoded - 1)
                            + ", and -1 stands for the last output");
        }
        return index;
    }

    private int find(int output) {
        if (output == OUTPUT_LAST) {
            return lastOutput;
        }
        int index = output - firstOutput;
        return index >= 0 && index < decoded && hasOutput[index] ? index : NO_OUTPUT;
    }

    private static void checkNotEmpty(int count) {
        if (count == 0) {
            throw new IllegalArgumentException("a decode must have at least one token, got none");
        }
    }

    private void checkToken(int token, int index) {
        if (token < 0 || token >= vocabularySize) {
            throw new IllegalArgumentException("a token must be in [0, " + vocabularySize + "), got " + token
                    + " at index " + index);
        }
    }

    private void checkSequence(int sequence) {
        if (sequence < 0 || sequence >= next.length) {
            throw new IllegalArgumentException("a sequence must be in [0, " + next.length + "), got " + sequence
                    + "; ContextOptions.sequences says how many there are");
        }
    }

    /// llama.cpp samples one output of a sequence in a graph, and refuses to decode more.
    private void checkOutputs(int sequence, boolean output) {
        outputsInBatch[sequence] += output ? 1 : 0;
        if (outputsInBatch[sequence] > 1 && backend.has(sequence)) {
            throw new IllegalArgumentException("a batch must ask for at most one output of a sequence that has a"
                    + " backend sampler, got more of sequence " + sequence);
        }
    }

    private void checkRoom(int sequence, int position, int count) {
        if (count > contextLength - position) {
            throw new ContextOverflowException(sequence, position, count, contextLength);
        }
    }

    @Override
    public String toString() {
        return "context of " + next.length + " x " + contextLength + " tokens on " + model.file();
    }
}
