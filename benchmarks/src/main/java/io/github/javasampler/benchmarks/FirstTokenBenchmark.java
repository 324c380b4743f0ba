package io.github.javasampler.benchmarks;

import io.github.javasampler.Kernel;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
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
import org.openjdk.jmh.annotations.Warmup;

/// What the first tokens of a program cost, before the JIT compilers have been at work, and how far `awaitFastest()`
/// and `warmUp()` help:
/// one token is timed in each JVM.
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 7, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 0)
@Measurement(iterations = 1)
public class FirstTokenBenchmark {
    private static final int VOCABULARY_SIZE = 49_152;

    /// The chain's text.
    @Param({"top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42", "temperature=0.8,top_p=0.95,seed=42"})
    public String chain;

    /// Whether they have run, as they would while a server loads its model.
    @Param({"false", "true"})
    public boolean warmedUp;

    /// How many tokens were sampled before.
    @Param({"0", "10", "100", "1000"})
    public int tokensBefore;

    private SamplerSession session;
    private MemorySegment row;

    /// Makes a row and samples the tokens before.
    @Setup(Level.Trial)
    public void open() {
        SamplerChain parsed = SamplerChain.parse(chain);
        if (warmedUp) {
            Kernel.awaitFastest();
            parsed.warmUp();
        }
        session = parsed.newSession(VOCABULARY_SIZE);
        row = Arena.ofAuto().allocate(ValueLayout.JAVA_FLOAT, VOCABULARY_SIZE);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < VOCABULARY_SIZE; i++) {
            row.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian(0, 3));
        }
        for (int i = 0; i < tokensBefore; i++) {
            session.sample(row);
        }
    }

    /// The token.
    @Benchmark
    public int token() {
        return session.sample(row);
    }
}
