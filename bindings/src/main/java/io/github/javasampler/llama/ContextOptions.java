package io.github.javasampler.llama;

/// How a context is opened. Every number is positive, but for the lengths that 0 leaves to their default.
///
/// @param contextLength tokens that a sequence can hold; 0 for what the model was trained on, at most
///     [#DEFAULT_CONTEXT_LENGTH]
/// @param batchSize tokens that go into one call of `llama_decode`, raised to one for each sequence; longer prompts
///     are split
/// @param threads threads that decode
/// @param sequences independent sequences, in [1, 256]; each has [#contextLength] tokens of its own
/// @param sharedRows whether rows of logits can be read by any thread. If not, they belong to the thread that asked for
///     them, and the next decode, clear or close must come from it. Shared rows cost 50 to 200 us more per decode that
///     made one: the JVM brings all threads to a halt before it takes memory away from them
public record ContextOptions(int contextLength, int batchSize, int threads, int sequences, boolean sharedRows) {
    /// The most tokens that a context holds unless another number is asked for: memory grows with it.
    public static final int DEFAULT_CONTEXT_LENGTH = 4096;

    /// One sequence, batches of 512 tokens, rows for one thread, and a thread for each processor but one: ggml's
    /// threads spin at barriers, and where one of them has to wait for a processor, a token takes a hundred times as
    /// long.
    public static final ContextOptions DEFAULT =
            new ContextOptions(0, 512, Math.max(1, Runtime.getRuntime().availableProcessors() - 1), 1, false);

    private static final int MAX_SEQUENCES = 256;
    private static final int MAX_THREADS = 512;

    /// Checks the ranges.
    public ContextOptions {
        require(contextLength >= 0, "contextLength", "at least 0", contextLength);
        require(batchSize >= 1, "batchSize", "at least 1", batchSize);
        require(threads >= 1 && threads <= MAX_THREADS, "threads", "in [1, " + MAX_THREADS + "]", threads);
        require(sequences >= 1 && sequences <= MAX_SEQUENCES, "sequences", "in [1, " + MAX_SEQUENCES + "]", sequences);
    }

    /// The same with another [#contextLength].
    public ContextOptions withContextLength(int value) {
        return new ContextOptions(value, batchSize, threads, sequences, sharedRows);
    }

    /// The same with another [#batchSize].
    public ContextOptions withBatchSize(int value) {
        return new ContextOptions(contextLength, value, threads, sequences, sharedRows);
    }

    /// The same with another number of [#threads].
    public ContextOptions withThreads(int value) {
        return new ContextOptions(contextLength, batchSize, value, sequences, sharedRows);
    }

    /// The same with another number of [#sequences].
    public ContextOptions withSequences(int value) {
        return new ContextOptions(contextLength, batchSize, threads, value, sharedRows);
    }

    /// The same with another [#sharedRows].
    public ContextOptions withSharedRows(boolean value) {
        return new ContextOptions(contextLength, batchSize, threads, sequences, value);
    }

    private static void require(boolean holds, String name, String range, int value) {
        if (!holds) {
            throw new IllegalArgumentException(name + " must be " + range + ", got " + value);
        }
    }
}
