package io.github.javasampler.benchmarks;

import io.github.javasampler.Kernel;
import io.github.javasampler.Numerics;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.cli.SmallModel;
import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.llama.ContextOptions;
import io.github.javasampler.llama.Generation;
import io.github.javasampler.llama.GenerationOptions;
import io.github.javasampler.llama.Generator;
import io.github.javasampler.llama.LlamaContext;
import io.github.javasampler.llama.LlamaModel;
import io.github.javasampler.llama.LlamaRuntime;
import io.github.javasampler.llama.NativeChain;
import io.github.javasampler.llama.TokenPicker;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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

/// JSON end to end, as a server writes it: the small model, decodes and all, with json.gbnf before all other stages.
/// Each text has a session, or a chain of llama.cpp's, of its own, and another seed; `tokens` is how many come in a
/// second. Run from the root, with the module `native` built, which fetches the grammar.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 1, time = 10)
@Measurement(iterations = 4, time = 10)
public class GenerationBenchmark {
    private static final String PROMPT =
            "Write a JSON object that describes a long fairy tale, with the whole text of the tale in it.";
    private static final int MAX_TOKENS = 200;
    private static final int SEEDS = 12;

    /// Threads that decode.
    @Param({"1", "2"})
    public int threads;

    private LlamaModel model;
    private LlamaContext context;
    private Grammar grammar;
    private int[] prompt;
    private int seed;

    /// Counts what [#java] and [#llama] generate.
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Counter {
        /// Those of the texts, without the prompts'.
        public long tokens;
    }

    /// Loads the model.
    @Setup(Level.Trial)
    public void open() throws IOException {
        Kernel.awaitFastest();
        model = LlamaModel.load(LlamaRuntime.load(), SmallModel.fetch());
        context = model.newContext(ContextOptions.DEFAULT.withThreads(threads));
        grammar = Grammar.parse(Files.readString(GrammarBenchmark.JSON_GRAMMAR));
        prompt = model.promptTokens(PROMPT, true);
    }

    /// Frees it.
    @TearDown(Level.Trial)
    public void close() {
        context.close();
        model.close();
    }

    /// This chain.
    @Benchmark
    public void java(Counter counter) {
        count(counter, TokenPicker.of(nextChain().newSession(model.tokenizer().vocabulary(), Numerics.PORTABLE)));
    }

    /// llama.cpp's own.
    @Benchmark
    public void llama(Counter counter) {
        try (NativeChain chain = new NativeChain(model, nextChain())) {
            count(counter, TokenPicker.of(chain));
        }
    }

    private SamplerChain nextChain() {
        seed = seed % SEEDS + 1;
        return SamplerChain.builder().grammar(grammar).topK(40).topP(0.95f).minP(0.05f).temperature(0.8f)
                .distribution(seed);
    }

    private void count(Counter counter, TokenPicker picker) {
        context.clear();
        Generation text = new Generator(context, picker, GenerationOptions.DEFAULT.withMaxTokens(MAX_TOKENS))
                .generate(prompt);
        counter.tokens += text.tokens().length;
    }
}
