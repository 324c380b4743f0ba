package io.github.javasampler.explorer;

import io.github.javasampler.llama.Batch;
import io.github.javasampler.llama.ContextOptions;
import io.github.javasampler.llama.LlamaContext;
import io.github.javasampler.llama.LlamaException;
import io.github.javasampler.llama.LlamaModel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// The rows of a model at any place, out of one context that all share. Thread-safe.
///
/// A row is the same whatever was asked for before. llama.cpp rounds differently when it decodes one token or many at
/// once, so a place is always decoded in the same pieces: the prompt in batches, then every token of the text by
/// itself, as a generation does. What the context holds of these pieces stays, the rest is decoded.
///
/// Decodes take their turn. A row that is remembered takes no turn, and so never waits for a decode.
final class Rows implements AutoCloseable {
    private static final long CACHE_BYTES = 64L << 20;
    /// Rows of one piece of a text are in memory together.
    private static final int FORCED_PIECE = 32;
    private static final int UNAVAILABLE = 503;

    private final LlamaModel model;
    private final LlamaContext context;
    private final int vocabularySize;
    private final int capacity;
    private final SequencedMap<Place, MemorySegment> cache = new LinkedHashMap<>(16, 0.75f, true);

    /// Fair, so that a long generation does not keep the others out.
    private final ReentrantLock lock = new ReentrantLock(true);
    /// The pieces that the context holds, in their order. Guarded by the lock, as is the context.
    private final List<int[]> held = new ArrayList<>();
    private volatile boolean closed;

    /// Opens a context.
    Rows(LlamaModel model, ContextOptions options) {
        this.model = model;
        context = model.newContext(options);
        vocabularySize = model.vocabularySize();
        capacity = (int) Math.max(1, CACHE_BYTES / ((long) vocabularySize * Float.BYTES));
    }

    /// Takes a row of a text.
    @FunctionalInterface
    interface RowConsumer {
        /// @param index of the token after which the row stands
        /// @param row read-only, and only valid during the call
        /// @return whether to go on
        boolean accept(int index, MemorySegment row);
    }

    /// How many tokens a place may have.
    int contextLength() {
        return context.contextLength();
    }

    /// @throws Refusal if there are more tokens than the context holds, or one is none of the vocabulary
    void check(Place place) {
        check(place.prompt());
        check(place.text());
        if (place.length() > context.contextLength()) {
            throw tooLong(place.length());
        }
    }

    /// A prompt or a text that does not fit.
    Refusal tooLong(int tokens) {
        return Refusal.of(Refusal.PROMPT, "prompt and text must have at most " + context.contextLength()
                + " tokens, which the context holds, got " + tokens + "; shorten them, or start with a greater -c");
    }

    private void check(int[] tokens) {
        for (int token : tokens) {
            Place.checkToken(token, vocabularySize);
        }
    }

    /// Uses the row at a place: a read-only copy of the logits on the heap, which stays valid.
    ///
    /// @throws Refusal as [#check]
    <T> T at(Place place, Function<MemorySegment, T> use) {
        check(place);
        MemorySegment row = cached(place);
        return use.apply(row != null ? row : computed(place));
    }

    private MemorySegment cached(Place place) {
        synchronized (cache) {
            return cache.get(place);
        }
    }

    private MemorySegment computed(Place place) {
        lock.lock();
        try {
            // Another may have asked for the same in the meantime.
            MemorySegment row = cached(place);
            if (row == null) {
                row = decode(place);
                synchronized (cache) {
                    cache.put(place, row);
                    while (cache.size() > capacity) {
                        cache.pollFirstEntry();
                    }
                }
            }
            return row;
        } finally {
            lock.unlock();
        }
    }

    /// Under the lock.
    private MemorySegment decode(Place place) {
        checkOpen();
        List<int[]> pieces = pieces(place);
        // The last piece makes the row.
        holdFirst(pieces.size() - 1, pieces);
        decode(pieces.getLast());
        try {
            float[] logits = context.logits(-1).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
            return MemorySegment.ofArray(logits).asReadOnly();
        } finally {
            // The next decode may be another thread's.
            context.releaseRows();
        }
    }

    private List<int[]> pieces(Place place) {
        List<int[]> pieces = split(place.prompt(), context.batchSize());
        for (int token : place.text()) {
            pieces.add(new int[] {token});
        }
        return pieces;
    }

    private static List<int[]> split(int[] tokens, int most) {
        List<int[]> pieces = new ArrayList<>();
        for (int start = 0; start < tokens.length; start += most) {
            pieces.add(Arrays.copyOfRange(tokens, start, Math.min(start + most, tokens.length)));
        }
        return pieces;
    }

    /// Makes the context hold the first `count` of the pieces, and nothing else.
    private void holdFirst(int count, List<int[]> pieces) {
        keep(Math.min(common(pieces), count), pieces);
        for (int[] piece : pieces.subList(held.size(), count)) {
            decode(piece);
        }
    }

    /// How many pieces at the beginning the context holds.
    private int common(List<int[]> pieces) {
        int count = 0;
        while (count < Math.min(held.size(), pieces.size()) && Arrays.equals(held.get(count), pieces.get(count))) {
            count++;
        }
        return count;
    }

    /// Takes the context back to the first `count` of the pieces, which it holds.
    private void keep(int count, List<int[]> pieces) {
        if (count == held.size()) {
            return;
        }
        int position = 0;
        for (int[] piece : held.subList(0, count)) {
            position += piece.length;
        }
        held.subList(count, held.size()).clear();
        try {
            context.rewind(0, position);
        } catch (LlamaException cannotForgetAPart) {
            forget();
            for (int[] piece : pieces.subList(0, count)) {
                decode(piece);
            }
        }
    }

    private void decode(int[] piece) {
        hold(piece, () -> context.decode(piece));
    }

    private void hold(int[] piece, Runnable decode) {
        try {
            decode.run();
        } catch (RuntimeException e) {
            forget();
            throw e;
        }
        held.add(piece);
    }

    private void forget() {
        held.clear();
        context.clear();
    }

    /// Passes on the row after each token of a text that is given as a whole. Others have their turn in between. The
    /// rows are not remembered, and rounded as those of a prompt are.
    ///
    /// @param tokens at least one
    /// @throws Refusal as [#check]
    void forEach(int[] tokens, RowConsumer consumer) {
        check(new Place(tokens, new int[0]));
        List<int[]> pieces = split(tokens, Math.min(FORCED_PIECE, context.batchSize()));
        float[] rows = new float[vocabularySize * Math.min(FORCED_PIECE, context.batchSize())];
        int index = 0;
        for (int i = 0; i < pieces.size(); i++) {
            lock.lock();
            try {
                force(pieces, i, rows);
            } finally {
                lock.unlock();
            }
            for (int j = 0; j < pieces.get(i).length; j++) {
                MemorySegment row = MemorySegment.ofArray(rows)
                        .asSlice((long) j * vocabularySize * Float.BYTES, (long) vocabularySize * Float.BYTES);
                if (!consumer.accept(index++, row.asReadOnly())) {
                    return;
                }
            }
        }
    }

    /// Decodes one of the pieces with all its rows, after those before it.
    private void force(List<int[]> pieces, int number, float[] rows) {
        checkOpen();
        holdFirst(number, pieces);
        int[] piece = pieces.get(number);
        Batch batch = new Batch();
        int position = context.position();
        for (int i = 0; i < piece.length; i++) {
            batch.add(piece[i], position + i, 0, true);
        }
        hold(piece, () -> context.decode(batch));
        try {
            for (int i = 0; i < piece.length; i++) {
                MemorySegment.copy(context.logits(i), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, rows, i * vocabularySize,
                        vocabularySize);
            }
        } finally {
            context.releaseRows();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new Refusal(UNAVAILABLE, null, "the explorer must be running, and is being closed; start it again");
        }
    }

    /// Makes no more rows.
    void stop() {
        closed = true;
    }

    /// Whether no more rows are made.
    boolean isClosed() {
        return closed;
    }

    /// Waits for a decode that is under way, and frees the context.
    @Override
    public void close() {
        stop();
        lock.lock();
        try {
            context.close();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return "rows of " + model;
    }
}
