package io.github.javasampler.benchmarks;

import io.github.javasampler.Numerics;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.CheckedRow;
import io.github.javasampler.llama.LlamaRuntime;
import io.github.javasampler.llama.NativeChain;
import io.github.javasampler.llama.NativeSampler;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
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

/// What it costs to be called by llama.cpp: the default chain as a plug-in, on the row in place, and as llama.cpp's
/// own, over one made-up row. Of a single candidate, [#plugIn] less [#builtIn] of a greedy picker is the price of two
/// upcalls, apply and accept; both pass through [NativeSampler] with its checks. All but [#direct] fill the array.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {
    "--add-modules", "jdk.incubator.vector", "-Dio.github.javasampler.kernels=vector",
    "--enable-native-access=ALL-UNNAMED"
})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PlugInBenchmark {
    private static final String DEFAULT = "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42";

    /// How wide the row is; of 1 only a greedy picker is measured.
    @Param({"1", "49152", "131072"})
    public int vocabulary;

    private Arena arena;
    private MemorySegment row;
    private CheckedRow checked;
    private SamplerSession session;
    private NativeSampler published;
    private NativeSampler own;
    private NativeChain nativeChain;

    /// Makes the row and the four.
    @Setup(Level.Trial)
    public void open() {
        LlamaRuntime runtime = LlamaRuntime.load();
        arena = Arena.ofShared();
        SamplerChain chain = SamplerChain.parse(vocabulary == 1 ? "greedy" : DEFAULT);
        checked = CheckedRow.copyOf(MadeUpRows.of(1).asSlice(0, (long) vocabulary * Float.BYTES), arena);
        row = checked.segment();
        session = chain.newSession(vocabulary);
        Vocabulary tokens = Vocabulary.ofSize(vocabulary);
        published = NativeSampler.chain(runtime,
                List.of(NativeSampler.publish(runtime, chain, tokens, Numerics.PORTABLE)));
        own = NativeSampler.chain(runtime, chain.stages().stream()
                .map(stage -> NativeSampler.builtIn(runtime, stage, vocabulary)).toList());
        nativeChain = new NativeChain(runtime, chain, vocabulary);
    }

    /// Frees them.
    @TearDown(Level.Trial)
    public void close() {
        nativeChain.close();
        own.close();
        published.close();
        arena.close();
    }

    /// Java on the row in place.
    @Benchmark
    public int direct() {
        return session.sample(row);
    }

    /// Java called by llama.cpp's chain.
    @Benchmark
    public int plugIn() {
        return published.sample(row);
    }

    /// llama.cpp's own stages, with the same checks around them.
    @Benchmark
    public int builtIn() {
        return own.sample(row);
    }

    /// llama.cpp's own stages, without.
    @Benchmark
    public int llama() {
        return nativeChain.sample(checked);
    }
}
