package io.github.javasampler;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/// Samples the rows of one decode for many sequences, on the caller's thread or on several. Every session chooses and
/// accepts the token that [SamplerSession#sample] would give, whatever the number of threads.
///
/// {@snippet :
/// BatchSampler sampler = BatchSampler.parallel(executor, 2);
/// sampler.sampleAll(rows, sessions, tokens);
/// }
///
/// Arguments are checked first: if one is wrong, or a session is in use, nothing has been sampled. After that every row
/// is tried. If some fail, the token of each is [Candidates#NONE] and a [BatchException] tells which and why; the
/// tokens of the others stand, and their sessions have accepted them.
///
/// Immutable and thread-safe. The sessions belong to the call until it returns: whoever else enters one gets a
/// [ConcurrentUseException]. The lists must not change meanwhile. Once warm, [#sequential] allocates nothing, and
/// [#parallel] a few small objects for each call.
public final class BatchSampler {
    private static final BatchSampler SEQUENTIAL = new BatchSampler(Runnable::run, 1);
    /// Never started: stands for any thread but the caller's.
    private static final Thread ANOTHER_THREAD = Thread.ofVirtual().unstarted(() -> {});

    private final Executor executor;
    private final int threads;

    private BatchSampler(Executor executor, int threads) {
        this.executor = executor;
        this.threads = threads;
    }

    /// Samples on the caller's thread, one row after another.
    public static BatchSampler sequential() {
        return SEQUENTIAL;
    }

    /// Samples on the caller's thread and on an executor's. Threads take a row each until none is left, so one that is
    /// slow or late holds nobody up: the call waits for rows that have been taken, never for a task that has not begun.
    /// An executor that is busy or refuses tasks leaves its share to the others, in the end to the caller; what else it
    /// throws is thrown when the rows are done. An interrupt does not end the call, and the caller's stays set.
    ///
    /// @param executor of platform or virtual threads; the caller shuts it down
    /// @param threads at most so many work at once, the caller among them; at least 1, and more than there are free
    ///     processors gain nothing
    public static BatchSampler parallel(Executor executor, int threads) {
        Objects.requireNonNull(executor, "executor");
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, the caller's own, got " + threads);
        }
        return new BatchSampler(executor, threads);
    }

    /// Samples rows that lie one after another in a segment.
    ///
    /// @param rows exactly as many rows as there are sessions, of `vocabularySize` floats each; with more than one
    ///     thread it must not be confined to any
    /// @param sessions one for each row, all of one vocabulary size, none twice; may be empty
    /// @param tokens gets the token of row `i` at `i`; may be longer than needed
    /// @throws BatchException if rows could not be sampled; the others were
    /// @throws IllegalArgumentException if sizes do not fit, or a session is there twice
    /// @throws ConcurrentUseException if a session is in use
    /// @throws WrongThreadException if a thread that is to sample may not read the rows
    public void sampleAll(MemorySegment rows, List<SamplerSession> sessions, int[] tokens) {
        checkRoom(sessions.size(), tokens);
        checkReadable(rows, 0);
        int size = sessions.isEmpty() ? 0 : sessions.getFirst().vocabularySize();
        for (int i = 1; i < sessions.size(); i++) {
            if (sessions.get(i).vocabularySize() != size) {
                throw new IllegalArgumentException("all sessions of a batch must have the vocabulary size of the first,"
                        + " " + size + ", got " + sessions.get(i).vocabularySize() + " at session " + i);
            }
        }
        long rowBytes = (long) size * Float.BYTES;
        if (rows.byteSize() != rowBytes * sessions.size()) {
            throw new IllegalArgumentException("a segment must hold " + sessions.size() + " rows of " + size
                    + " floats (" + rowBytes * sessions.size() + " bytes), one for each session, got "
                    + rows.byteSize() + " bytes");
        }
        int claimed = 0;
        try {
            for (; claimed < sessions.size(); claimed++) {
                claim(sessions, claimed, rows, claimed * rowBytes);
            }
            run(sessions, tokens);
        } finally {
            release(sessions, claimed);
        }
    }

    /// Samples rows that lie anywhere; otherwise like [#sampleAll(MemorySegment, List, int[])].
    ///
    /// @param rows one for each session, of its vocabulary size; one row may be there for several sessions
    public void sampleAll(List<MemorySegment> rows, List<SamplerSession> sessions, int[] tokens) {
        checkRoom(sessions.size(), tokens);
        if (rows.size() != sessions.size()) {
            throw new IllegalArgumentException("a batch must have one row for each session, got " + rows.size()
                    + " rows and " + sessions.size() + " sessions");
        }
        for (int i = 0; i < rows.size(); i++) {
            checkReadable(rows.get(i), i);
            checkSize(rows.get(i), sessions.get(i).vocabularySize(), i);
        }
        int claimed = 0;
        try {
            for (; claimed < sessions.size(); claimed++) {
                claim(sessions, claimed, rows.get(claimed), 0);
            }
            run(sessions, tokens);
        } finally {
            release(sessions, claimed);
        }
    }

    private static void checkRoom(int count, int[] tokens) {
        if (tokens.length < count) {
            throw new IllegalArgumentException("tokens must have room for one of each session, " + count + ", got "
                    + tokens.length);
        }
    }

    private static void checkSize(MemorySegment row, int vocabularySize, int index) {
        long rowBytes = (long) vocabularySize * Float.BYTES;
        if (row.byteSize() != rowBytes) {
            throw new IllegalArgumentException("row " + index + " must hold the " + vocabularySize + " floats ("
                    + rowBytes + " bytes) of its session's vocabulary, got " + row.byteSize() + " bytes");
        }
    }

    private void checkReadable(MemorySegment row, int index) {
        if (!row.isAccessibleBy(Thread.currentThread())) {
            throw new WrongThreadException("rows must be readable by the thread that samples, and row " + index
                    + " is confined to another; sample where it was asked for, or open the llama.cpp context with"
                    + " sharedRows");
        }
        if (threads > 1 && !row.isAccessibleBy(ANOTHER_THREAD)) {
            throw new WrongThreadException("rows must be readable by all threads to be sampled by " + threads
                    + ", and row " + index + " is confined to this one; open the llama.cpp context with sharedRows,"
                    + " take memory from a shared arena, or use BatchSampler.sequential");
        }
    }

    private static void claim(List<SamplerSession> sessions, int index, MemorySegment rows, long offsetBytes) {
        SamplerSession session = sessions.get(index);
        if (session.claim(rows, offsetBytes)) {
            return;
        }
        for (int i = 0; i < index; i++) {
            if (sessions.get(i) == session) {
                throw new IllegalArgumentException("a session must be in a batch once, and session " + index
                        + " is session " + i + " too; give each sequence one of its own by SamplerSession.fork");
            }
        }
        throw new ConcurrentUseException();
    }

    private static void release(List<SamplerSession> sessions, int count) {
        for (int i = 0; i < count; i++) {
            sessions.get(i).release();
        }
    }

    private void run(List<SamplerSession> sessions, int[] tokens) {
        Throwable[] failures = threads == 1 || sessions.size() < 2 ? sample(sessions, tokens)
                : share(sessions, tokens);
        if (failures != null) {
            throw BatchException.of(failures);
        }
    }

    /// Returns what went wrong by row, or null if nothing did.
    private static Throwable[] sample(List<SamplerSession> sessions, int[] tokens) {
        Throwable[] failures = null;
        for (int i = 0; i < sessions.size(); i++) {
            tokens[i] = Candidates.NONE;
            try {
                tokens[i] = sessions.get(i).sampleClaimed();
            } catch (Throwable failure) {
                failures = failures == null ? new Throwable[sessions.size()] : failures;
                failures[i] = failure;
            }
        }
        return failures;
    }

    /// The same on several threads. Whatever happens, no thread is in a session any more when this returns.
    private Throwable[] share(List<SamplerSession> sessions, int[] tokens) {
        Work work = new Work(sessions, tokens);
        try {
            for (int helpers = Math.min(threads, sessions.size()) - 1; helpers > 0; helpers--) {
                executor.execute(work);
            }
        } catch (RejectedExecutionException refused) {
            // Then fewer threads do the same.
        } finally {
            work.run();
            work.await();
        }
        return work.failed ? work.failures : null;
    }

    /// The rows of one call, for whichever thread comes. One that comes late finds nothing to do.
    private static final class Work implements Runnable {
        private final List<SamplerSession> sessions;
        private final int count;
        private final int[] tokens;
        private final Throwable[] failures;
        private final AtomicInteger next = new AtomicInteger();
        /// Also makes what the threads wrote visible to the one that waits.
        private final CountDownLatch unfinished;
        private volatile boolean failed;

        Work(List<SamplerSession> sessions, int[] tokens) {
            this.sessions = sessions;
            this.count = sessions.size();
            this.tokens = tokens;
            failures = new Throwable[count];
            unfinished = new CountDownLatch(count);
        }

        @Override
        public void run() {
            for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                tokens[i] = Candidates.NONE;
                try {
                    tokens[i] = sessions.get(i).sampleClaimed();
                } catch (Throwable failure) {
                    failures[i] = failure;
                    failed = true;
                } finally {
                    unfinished.countDown();
                }
            }
        }

        /// Waits for the rows that have been taken.
        void await() {
            boolean interrupted = false;
            while (unfinished.getCount() > 0) {
                try {
                    unfinished.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
