package io.github.javasampler.cli;

import io.github.javasampler.Kernel;
import io.github.javasampler.Numerics;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.SamplingException;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.CheckedRow;
import io.github.javasampler.llama.LlamaRuntime;
import io.github.javasampler.llama.NativeChain;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.function.IntSupplier;

/// One case at one width: both chains on the same rows, batch by batch in turn, so that a busy machine slows both.
///
/// Before each token its row is copied, untimed, to where it is sampled, as `llama_decode` does at last: so it lies in
/// the cache where a decode leaves it. A batch goes through all rows, as often as its time allows. Each side's time is
/// the median of its batches' averages.
final class SideBySide implements AutoCloseable {
    private static final int BATCHES = 15;
    private static final int FEWEST_BATCHES = 3;
    private static final int COMPARED_TOKENS = 256;
    private static final int CLEAN_TURNS = 50;

    private final long nanos;
    private final BenchCase benchCase;
    private final BenchRows rows;
    private final Arena arena = Arena.ofConfined();
    private final CheckedRow row;
    private final SamplerSession session;
    private final NativeChain nativeChain;
    private final IntSupplier java = this::java;
    private final IntSupplier llama = this::llama;
    private int compared;
    private int different;
    /// Takes the tokens, so that no compiler finds them unused.
    private int sink;

    /// @param nanos about how long it may take; a very slow case takes longer
    SideBySide(BenchCase benchCase, BenchRows rows, Numerics numerics, LlamaRuntime runtime, long nanos) {
        this.nanos = nanos;
        this.benchCase = benchCase;
        this.rows = rows;
        session = benchCase.chain().newSession(Vocabulary.ofSize(rows.vocabularySize()), numerics);
        row = CheckedRow.copyOf(rows.row(0).segment(), arena);
        nativeChain = new NativeChain(runtime, benchCase.chain(), rows.vocabularySize());
    }

    /// Compares the tokens of both sides, and warms both up and measures them.
    BenchResult run() {
        Kernel.awaitFastest();
        compare();
        warmUp();
        long javaTurn = wallNanosOfTurn(java);
        long llamaTurn = wallNanosOfTurn(llama);
        int javaTurns = turnsOfBatch(javaTurn);
        int llamaTurns = turnsOfBatch(llamaTurn);
        long both = javaTurns * javaTurn + llamaTurns * llamaTurn;
        int batches = Math.clamp(measuredNanos() / Math.max(1, both), FEWEST_BATCHES, BATCHES);
        long[] javaNanos = new long[batches];
        long[] llamaNanos = new long[batches];
        long[] bytes = new long[batches];
        for (int batch = 0; batch < batches; batch++) {
            long before = Allocation.bytes();
            javaNanos[batch] = turns(java, javaTurns);
            bytes[batch] = Allocation.bytes() - before;
            llamaNanos[batch] = turns(llama, llamaTurns);
        }
        double javaTokens = (double) javaTurns * rows.count();
        return BenchResult.of(benchCase.toString(), rows.vocabularySize(), median(javaNanos) / javaTokens,
                median(llamaNanos) / ((double) llamaTurns * rows.count()), median(bytes) / javaTokens);
    }

    /// How many tokens were compared at the start.
    int compared() {
        return compared;
    }

    /// How many of them the two sides did not agree on.
    int different() {
        return different;
    }

    private void compare() {
        long deadline = System.nanoTime() + nanos / 10;
        while (compared < COMPARED_TOKENS && (compared < rows.count() || System.nanoTime() < deadline)) {
            int index = compared % rows.count();
            row.copyFrom(rows.row(index));
            try {
                if (java() != llama()) {
                    different++;
                }
            } catch (SamplingException e) {
                throw new CommandException(benchCase + ", row " + index + ": " + e.getMessage());
            }
            compared++;
        }
    }

    /// Java until C2 has compiled what there is: then nothing is allocated. Of llama.cpp's side that is only the
    /// building of the array.
    private void warmUp() {
        Allocation.awaitNone(() -> turns(java, 1), CLEAN_TURNS, nanos / 3, nanos + nanos / 3);
        Allocation.awaitNone(() -> turns(llama, 1), 0, nanos / 10, nanos / 10);
    }

    /// How long all batches of both sides may take.
    private long measuredNanos() {
        return nanos / 2;
    }

    private int java() {
        return session.sample(row.segment());
    }

    private int llama() {
        return nativeChain.sample(row);
    }

    /// Samples all rows so many times.
    ///
    /// @return the nanoseconds that sampling took
    private long turns(IntSupplier side, int turns) {
        long nanos = 0;
        for (int turn = 0; turn < turns; turn++) {
            for (int i = 0; i < rows.count(); i++) {
                row.copyFrom(rows.row(i));
                long start = System.nanoTime();
                sink += side.getAsInt();
                nanos += System.nanoTime() - start;
            }
        }
        return nanos;
    }

    /// How long a turn takes with its copies.
    private long wallNanosOfTurn(IntSupplier side) {
        long start = System.nanoTime();
        turns(side, 1);
        return System.nanoTime() - start;
    }

    /// For one side's share of a batch's time.
    private int turnsOfBatch(long turnNanos) {
        return (int) Math.max(1, measuredNanos() / (2 * BATCHES) / Math.max(1, turnNanos));
    }

    private static double median(long[] values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2.0;
    }

    @Override
    public void close() {
        nativeChain.close();
        arena.close();
    }
}
