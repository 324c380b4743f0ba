package io.github.javasampler.benchmarks;

import io.github.javasampler.Measures;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What entropy, varentropy and the 20 best of a row of 262,144 cost, beside the draw from it alone.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Dio.github.javasampler.kernels=vector"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class MeasuresBenchmark {
    private static final int TOP = 20;

    private final MemorySegment row = MadeUpRows.of(1);
    private final SamplerSession session = SamplerChain.parse("seed=42").newSession(MadeUpRows.VOCABULARY_SIZE);

    /// The draw alone.
    @Benchmark
    public int draw() {
        return session.sample(row);
    }

    /// The log probabilities of the best alone.
    @Benchmark
    public Object logprobs() {
        return session.logprobs(row, TOP);
    }

    /// Everything.
    @Benchmark
    public Measures measures() {
        return session.measures(row, TOP);
    }
}
