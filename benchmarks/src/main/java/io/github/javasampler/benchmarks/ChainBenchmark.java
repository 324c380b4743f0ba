package io.github.javasampler.benchmarks;

import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.cli.ModelRows;
import io.github.javasampler.cli.SmallModel;
import io.github.javasampler.llama.LlamaModel;
import io.github.javasampler.llama.LlamaRuntime;
import io.github.javasampler.llama.NativeChain;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// The default chain: this library on the row in place, and `llama_sampler_sample`, over the same 16 real rows in turn.
/// The native side passes through [NativeChain], which looks each row over for NaN first, as a Java program would have
/// to.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = {
    "--add-modules", "jdk.incubator.vector", "-Dio.github.javasampler.kernels=vector",
    "--enable-native-access=ALL-UNNAMED"
})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ChainBenchmark {
    private static final String DEFAULT = "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42";

    private LlamaModel model;
    private ModelRows rows;
    private MemorySegment[] segments;
    private SamplerSession session;
    private NativeChain nativeChain;
    private int[] outputs;
    private int turn;

    /// Loads the model and checks that both sides choose the same tokens.
    @Setup(Level.Trial)
    public void open() throws IOException {
        model = LlamaModel.load(LlamaRuntime.load(), SmallModel.fetch());
        rows = new ModelRows(model);
        SamplerChain chain = SamplerChain.parse(DEFAULT);
        session = chain.newSession(model.vocabularySize());
        nativeChain = new NativeChain(model, chain);
        segments = new MemorySegment[ModelRows.COUNT];
        outputs = new int[ModelRows.COUNT];
        for (int i = 0; i < ModelRows.COUNT; i++) {
            segments[i] = rows.row(i);
            outputs[i] = rows.output(i);
            int java = session.sample(segments[i]);
            int llama = nativeChain.sample(rows.context(), outputs[i]);
            if (java != llama) {
                throw new IllegalStateException("row " + i + ": Java chose " + java + ", llama.cpp " + llama);
            }
        }
    }

    /// Frees the model.
    @TearDown(Level.Trial)
    public void close() {
        nativeChain.close();
        rows.close();
        model.close();
    }

    /// Ours.
    @Benchmark
    public int java() {
        return session.sample(segments[next()]);
    }

    /// llama.cpp's.
    @Benchmark
    public int llama() {
        return nativeChain.sample(rows.context(), outputs[next()]);
    }

    private int next() {
        turn = (turn + 1) % ModelRows.COUNT;
        return turn;
    }
}
