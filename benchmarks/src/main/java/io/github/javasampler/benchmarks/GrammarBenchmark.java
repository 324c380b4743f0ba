package io.github.javasampler.benchmarks;

import io.github.javasampler.grammar.CompiledGrammar;
import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.grammar.GrammarMatcher;
import io.github.javasampler.grammar.GrammarVocabulary;
import io.github.javasampler.llama.LlamaModel;
import io.github.javasampler.llama.LlamaRuntime;
import io.github.javasampler.llama.ModelOptions;
import io.github.javasampler.llama.NativeSampler;
import io.github.javasampler.sampler.Greedy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
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

/// What json.gbnf costs for each token of a document: the mask of all tokens and going on by one, here and in
/// llama.cpp. [#java] is warm, [#javaCold] has never seen the grammar. llama.cpp's includes filling its array of
/// candidates, which is a small part of it. Run from the root, with the module `native` built, which fetches grammar
/// and vocabularies.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GrammarBenchmark {
    private static final Path LLAMA_CPP = Path.of("native", ".cache", "llama.cpp");
    static final Path JSON_GRAMMAR = LLAMA_CPP.resolve("grammars/json.gbnf");
    private static final String TEXT = """
            {"name": "The \\"Quick\\" Brown Fox", "tags": ["animal", "fast", [1, 2.5e1, -3]], "active": true,
            "owner": {"name": "Zo\u00eb", "address": {"city": "Z\u00fcrich", "zip": null}}, "notes":
            "A fairly long text, as they are in most documents, with commas, and some: punctuation! \u4e16\u754c"}""";

    /// Of 49,152 and 262,144 tokens.
    @Param({"starcoder", "gemma-4"})
    public String vocabulary;

    private LlamaModel model;
    private String gbnf;
    private int[] tokens;
    private CompiledGrammar compiled;
    private GrammarMatcher matcher;
    private int at;
    private int run;
    private NativeSampler llama;
    private int llamaAt;
    private Arena arena;
    private MemorySegment row;

    /// Loads the vocabulary and makes both grammars.
    @Setup(Level.Trial)
    public void open() throws IOException {
        model = LlamaModel.load(LlamaRuntime.load(), LLAMA_CPP.resolve("models/ggml-vocab-" + vocabulary + ".gguf"),
                ModelOptions.DEFAULT.withVocabularyOnly(true));
        gbnf = Files.readString(JSON_GRAMMAR);
        tokens = model.tokenizer().tokenize(TEXT.replace("\n", ""), false, false);
        compiled = GrammarVocabulary.of(model.tokenizer().vocabulary()).compile(Grammar.parse(gbnf));
        matcher = compiled.newMatcher();
        llama = NativeSampler.chain(LlamaRuntime.load(), List.of(NativeSampler.grammar(model, gbnf, "root"),
                NativeSampler.builtIn(model, new Greedy())));
        arena = Arena.ofShared();
        row = arena.allocate(ValueLayout.JAVA_FLOAT, model.vocabularySize());
    }

    /// Frees them.
    @TearDown(Level.Trial)
    public void close() {
        llama.close();
        model.close();
        arena.close();
    }

    /// The mask, and going on by the document's next token.
    @Benchmark
    public int java() {
        int allowed = matcher.mask().count();
        matcher.accept(tokens[at]);
        at = at + 1 == tokens.length ? 0 : at + 1;
        if (at == 0) {
            matcher.reset();
        }
        return allowed;
    }

    /// Parsing, and the masks of the whole document without anything known: divide it by the document's tokens.
    @Benchmark
    public long javaCold() {
        // A comment makes it another grammar.
        GrammarMatcher cold = compiled.vocabulary().compile(Grammar.parse(gbnf + "# " + run++)).newMatcher();
        long allowed = 0;
        for (int token : tokens) {
            allowed += cold.mask().count();
            cold.accept(token);
        }
        return allowed;
    }

    /// llama.cpp's candidates, its grammar, a greedy picker, and going on by what it picks, which is the
    /// document's next token: it alone has a logit of 1.
    @Benchmark
    public int llama() {
        row.set(ValueLayout.JAVA_FLOAT, (long) tokens[llamaAt] * Float.BYTES, 1);
        int picked = llama.sample(row);
        row.set(ValueLayout.JAVA_FLOAT, (long) tokens[llamaAt] * Float.BYTES, 0);
        if (picked != tokens[llamaAt]) {
            throw new IllegalStateException("llama.cpp must take the document's token " + tokens[llamaAt] + ", took "
                    + picked);
        }
        llamaAt = llamaAt + 1 == tokens.length ? 0 : llamaAt + 1;
        if (llamaAt == 0) {
            llama.reset();
        }
        return picked;
    }
}
