package io.github.javasampler.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Calls the vector kernels until C2 has compiled them. Before that every vector is an object: a pass over a row takes
/// hundreds of milliseconds at first, where the scalar kernels take a few. It takes a daemon thread about two seconds,
/// and the JIT compilers' threads as long; after ten it gives up, and the vector kernels are used as they are.
///
/// It begins with the row from which on it pays: a program that samples a few hundred tokens beside a decode would lose
/// seconds to it and win milliseconds.
final class VectorTraining {
    /// By then the scalar kernels have taken about as long, with the slower chains, as the training takes.
    static final int ROWS_BEFORE = 2_000;
    /// Rows that are farther apart come out of decodes, which the training would hold up more than it saves.
    static final long DECODE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    /// How many of those count as one of the others.
    static final int ROWS_OF_DECODES = 16;
    private static final int ROW = 4_096;
    /// Well above what compiled code takes, and well below what it takes before.
    private static final long COMPILED_NANOS = 200_000;
    private static final int COMPILED_ROUNDS = 200;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Kernels kernels;
    private final KeyKernels keyKernels;
    private final Thread thread = Thread.ofPlatform().name("java-sampler-training").daemon().unstarted(this::run);
    private final CountDownLatch begun = new CountDownLatch(1);
    private volatile boolean done;
    /// In parts of a row: [#ROWS_OF_DECODES]. Threads may lose some to each other.
    private int rows;
    private long lastRowNanos;

    /// The thread waits from here on. A thread that is started has the signal mask of who started it, and who samples
    /// the row from which on it pays may be a host's thread: see ADR 6.
    VectorTraining(Kernels kernels, KeyKernels keyKernels) {
        this.kernels = kernels;
        this.keyKernels = keyKernels;
        thread.start();
    }

    boolean isDone() {
        return done;
    }

    /// One more row is sampled without it.
    ///
    /// @param nowNanos by `System.nanoTime`
    void countRow(long nowNanos) {
        rows += nowNanos - lastRowNanos < DECODE_NANOS ? ROWS_OF_DECODES : 1;
        lastRowNanos = nowNanos;
        if (rows >= ROWS_BEFORE * ROWS_OF_DECODES) {
            begun.countDown();
        }
    }

    boolean hasBegun() {
        return begun.getCount() == 0;
    }

    /// Begins, if it has not, and waits until it is done.
    void await() {
        begun.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            begun.await();
            train();
        } catch (InterruptedException e) {
            // Nobody has the thread to interrupt it; the kernels would be used as they are.
        } finally {
            done = true;
        }
    }

    private void train() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment row = arena.allocate(Kernels.FLOAT, ROW);
            for (int i = 0; i < ROW; i++) {
                row.setAtIndex(Kernels.FLOAT, i, i * 0x9E3779B9 * 0x1p-28f);
            }
            float[] maxima = new float[kernels.maximaCount(ROW)];
            float[] folded = new float[maxima.length];
            float[] block = new float[Kernels.BLOCK];
            long[] blocks = new long[Kernels.blockCount(ROW)];
            double[] estimates = new double[blocks.length];
            double[] lanes = new double[2 * Kernels.SUM_LANES];
            double[] sums = new double[3];
            MemorySegment records = arena.allocate((long) ROW * Kernels.RECORD_BYTES);
            float[] logits = new float[ROW];
            long[] keys = new long[ROW];
            long[] weights = new long[ROW];
            Moments moments = new Moments();
            long[] allowed = new long[ROW / Long.SIZE];
            MemorySegment masked = arena.allocate(Kernels.FLOAT, ROW);
            long end = System.nanoTime() + LIMIT_NANOS;
            int compiled = 0;
            while (compiled < COMPILED_ROUNDS && System.nanoTime() < end) {
                long start = System.nanoTime();
                float best = kernels.scan(row, 0, ROW, block, maxima);
                kernels.fold(maxima, maxima.length, folded);
                kernels.countAtLeast(maxima, maxima.length, best - 8);
                kernels.weigh(row, 0, ROW, best, 1f, block, blocks);
                kernels.estimate(row, 0, ROW, best, 1f, block, estimates);
                kernels.weighMoments(row, 0, ROW, best, 1f, block, blocks, moments);
                kernels.weighPowers(block, 0, Kernels.BLOCK);
                kernels.takeLogits(records, 0, ROW, logits);
                kernels.spread(row, 0, ROW, best, block, lanes, sums);
                kernels.mask(row, 0, ROW, allowed, block, masked);
                kernels.collect(row, 0, ROW, maxima, best - 0.1f, 1f, block, keys);
                int found = kernels.collect(row, 0, ROW, maxima, best - 8, 1f, block, keys);
                keyKernels.weigh(keys, found, best, 1f, weights);
                keyKernels.select(keys, weights, found, keys[0], Long.MAX_VALUE, keys, weights);
                compiled = System.nanoTime() - start < COMPILED_NANOS ? compiled + 1 : 0;
            }
        }
    }
}
