package io.github.javasampler.benchmarks;

import io.github.javasampler.BatchSampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// 64 rows of 262,144 for 64 sessions, on one thread and on two: the time of a whole batch. It says something only on a
/// machine with two free processors.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Dio.github.javasampler.kernels=vector"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class BatchBenchmark {
    private static final int COUNT = 64;

    /// By a name, for JMH takes commas apart.
    @Param({"greedy", "default", "top-p"})
    public String chain;

    /// The caller among them.
    @Param({"1", "2"})
    public int threads;

    private final List<SamplerSession> sessions = new ArrayList<>();
    private final int[] tokens = new int[COUNT];
    private MemorySegment rows;
    private ExecutorService executor;
    private BatchSampler sampler;

    /// Makes rows and sessions.
    @Setup(Level.Trial)
    public void open() {
        rows = MadeUpRows.of(COUNT);
        for (int i = 0; i < COUNT; i++) {
            sessions.add(SamplerChain.parse(text()).newSession(MadeUpRows.VOCABULARY_SIZE));
        }
        executor = Executors.newFixedThreadPool(Math.max(threads - 1, 1));
        sampler = threads == 1 ? BatchSampler.sequential() : BatchSampler.parallel(executor, threads);
    }

    private String text() {
        return switch (chain) {
            case "greedy" -> "greedy";
            case "default" -> "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42";
            case "top-p" -> "top_p=0.95,seed=42";
            default -> throw new IllegalArgumentException("chain must be greedy, default or top-p, got " + chain);
        };
    }

    /// Ends the other threads.
    @TearDown(Level.Trial)
    public void close() {
        executor.shutdown();
    }

    /// All rows once.
    @Benchmark
    public int[] batch() {
        sampler.sampleAll(rows, sessions, tokens);
        return tokens;
    }
}
