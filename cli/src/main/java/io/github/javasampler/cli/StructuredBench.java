package io.github.javasampler.cli;

import io.github.javasampler.Kernel;
import io.github.javasampler.grammar.GrammarVocabulary;
import io.github.javasampler.llama.LlamaModel;
import io.github.javasampler.llama.LlamaRuntime;
import io.github.javasampler.llama.ModelOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// `bench --structured`: grammars, beside llama.cpp's own.
final class StructuredBench {
    private static final ModelOptions VOCABULARY_ONLY = ModelOptions.DEFAULT.withVocabularyOnly(true);

    private final LlamaRuntime runtime;
    private final long nanos;
    private final PrintWriter err;

    /// @param nanos about how long a case may take
    StructuredBench(LlamaRuntime runtime, long nanos, PrintWriter err) {
        this.runtime = runtime;
        this.nanos = nanos;
        this.err = err;
    }

    /// @param vocabularyFile whose vocabulary to take; null for the small model's and a wide one
    void run(Path vocabularyFile, List<StructuredCase> cases, PrintWriter out, boolean json) throws IOException {
        List<StructuredResult> results = new ArrayList<>();
        try (Arena arena = Arena.ofConfined(); LlamaModel small = LlamaModel.load(runtime, SmallModel.fetch())) {
            BenchRows rows = BenchRows.ofModel(small, arena);
            if (vocabularyFile != null) {
                measure(vocabularyFile, cases, rows, results);
            } else {
                measure(small, cases, rows, results);
                Path wide = Files.createTempFile("vocabulary", ".gguf");
                try {
                    WideVocabulary.write(small.tokenizer().vocabulary(), BenchRows.WIDE, wide);
                    measure(wide, cases, rows, results);
                } finally {
                    Files.delete(wide);
                }
            }
        }
        if (json) {
            Json.println(out, results);
        } else {
            print(results, out);
        }
    }

    private void measure(Path vocabularyFile, List<StructuredCase> cases, BenchRows rows,
            List<StructuredResult> results) {
        try (LlamaModel model = LlamaModel.load(runtime, vocabularyFile, VOCABULARY_ONLY);
                Arena arena = Arena.ofConfined()) {
            measure(model, cases, rows.ofWidth(model.vocabularySize(), arena), results);
        }
    }

    private void measure(LlamaModel model, List<StructuredCase> cases, BenchRows rows,
            List<StructuredResult> results) {
        long start = System.nanoTime();
        GrammarVocabulary.of(model.tokenizer().vocabulary());
        err.printf(Locale.ROOT, "%d tokens: their texts made ready in %.0f ms, once%n", model.vocabularySize(),
                (System.nanoTime() - start) / 1e6);
        for (StructuredCase grammarCase : cases) {
            err.printf("%s, %d tokens ...%n", grammarCase, model.vocabularySize());
            try (StructuredSides sides = new StructuredSides(grammarCase, model, rows, nanos)) {
                results.add(sides.run());
                if (sides.different() > 0) {
                    err.printf("note: in %s %d tokens are not llama.cpp's: rounding and ties may make that%n",
                            grammarCase, sides.different());
                }
            }
        }
    }

    private void print(List<StructuredResult> results, PrintWriter out) throws IOException {
        out.printf("%-12s %8s %10s %10s %8s %10s %10s %14s %12s%n", "case", "vocab", "mask us", "llama us", "ratio",
                "p99 us", "token us", "first mask us", "bytes/token");
        for (StructuredResult result : results) {
            out.printf(Locale.ROOT, "%-12s %8d %10.2f %10.1f %7.0fx %10.1f %10.1f %14.0f %12.3g%n", result.name(),
                    result.vocab(), result.javaMicros(), result.llamaMicros(), result.ratio(), result.p99Micros(),
                    result.tokenMicros(), result.firstMaskMicros(), result.bytesPerToken());
        }
        out.printf("%n%s; JDK %s, %s; %s; llama.cpp %s%n", Bench.cpu(), Runtime.version(),
                System.getProperty("java.vendor"), Kernel.description(), runtime.version());
    }
}
