package io.github.javasampler.cli;

import io.github.javasampler.Kernel;
import io.github.javasampler.Numerics;
import io.github.javasampler.llama.LlamaModel;
import io.github.javasampler.llama.LlamaRuntime;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Measures both chains on the user's own machine.
@Command(
        name = "bench",
        description = {
            "Times this chain and llama.cpp's own side by side, on 16 rows in turn, in under two minutes.",
            "",
            "Without --rows the rows are those of a model after a fixed text, and the same widened to 262,144: ids "
                    + "past the model's vocabulary hold the row's own logits again, in a fixed random order and each 5 "
                    + "lower, so that the head stays the model's and the tail is as long as that of a large "
                    + "vocabulary.",
            "Per token both sides select and accept. Java reads the row in place; llama.cpp's side first builds the "
                    + "array of candidates, as llama_sampler_sample does. A ratio above 1 says that Java is faster.",
            ""
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  sampler bench",
            "  sampler bench --case default --case \"flat top-p\" --json",
            "  sampler bench --numerics llama.cpp",
            "  sampler bench --rows rows.npy",
            "  sampler bench --rows rows.bin --vocab 151936",
            "  sampler bench --structured"
        })
final class Bench implements Callable<Integer> {
    private static final int MAX_SECONDS = 3600;
    private static final Path CPUS = Path.of("/proc/cpuinfo");

    @Option(names = {"-m", "--model"}, paramLabel = "FILE",
            description = "A GGUF file whose rows to take. Default: SmolLM2-135M-Instruct, fetched once")
    private Path model;

    @Option(names = "--rows", paramLabel = "FILE",
            description = "Take the first 16 rows of a file instead: little-endian float32, bare or as .npy")
    private Path rowFile;

    @Option(names = "--vocab", paramLabel = "N",
            description = "How many floats a row of the file holds; a .npy says it itself")
    private Integer vocabularySize;

    @Option(names = "--structured",
            description = "Measure grammars instead, beside llama.cpp's own: the mask of the tokens that fit, and "
                    + "going on by one of them. With -m over that model's vocabulary, which may "
                    + "be a file without weights; else over the small model's and a made-up one of 262,144 tokens")
    private boolean structured;

    @Option(names = "--case", paramLabel = "NAME",
            description = "Measure only this case; may be repeated. Default: all of them")
    private List<String> cases = List.of();

    @Option(names = "--numerics", paramLabel = "NAME", defaultValue = "portable",
            converter = SamplingOptions.NumericsName.class,
            description = "portable: the same tokens everywhere; llama.cpp: to the bit what llama.cpp computes on this "
                    + "machine. Default: ${DEFAULT-VALUE}")
    private Numerics numerics;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "2.5",
            description = "About how long a case takes, warm-up and all. Default: ${DEFAULT-VALUE}")
    private double seconds;

    @Option(names = "--json", description = "Print one JSON array")
    private boolean json;

    @Mixin
    private LibraryOption library;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        checkOptions();
        if (structured) {
            List<StructuredCase> chosen = chosen(StructuredCase.values());
            new StructuredBench(library.runtime(), (long) (seconds * 1e9), err()).run(model, chosen, out(), json);
            return ExitCode.OK;
        }
        // Before anything slow is done.
        chosen(BenchCase.values());
        LlamaRuntime runtime = library.runtime();
        try (Arena arena = Arena.ofConfined()) {
            List<BenchResult> results = measure(rows(runtime, arena), runtime);
            if (json) {
                Json.println(out(), results);
            } else {
                print(results, runtime);
            }
        }
        return ExitCode.OK;
    }

    private void checkOptions() {
        if (structured && (rowFile != null || numerics != Numerics.PORTABLE)) {
            throw new ParameterException(spec.commandLine(), "--structured must stand without --rows and --numerics,"
                    + " for a grammar needs the vocabulary and does not compute; take them away, or name a model");
        }
        if (rowFile != null && model != null) {
            throw new ParameterException(spec.commandLine(),
                    "--rows must stand without -m, got both; take one of them away");
        }
        if (rowFile == null && vocabularySize != null) {
            throw new ParameterException(spec.commandLine(),
                    "--vocab must stand with --rows, whose width it is; a model knows its own");
        }
        if (vocabularySize != null && vocabularySize < 1) {
            throw new ParameterException(spec.commandLine(), "--vocab must be at least 1, got " + vocabularySize);
        }
        if (!(seconds > 0 && seconds <= MAX_SECONDS)) {
            throw new ParameterException(spec.commandLine(),
                    "--seconds must be above 0 and at most " + MAX_SECONDS + ", got " + seconds);
        }
    }

    /// Those that were named, or all.
    private <T> List<T> chosen(T[] all) {
        List<String> names = Stream.of(all).map(T::toString).toList();
        for (String name : cases) {
            if (names.stream().noneMatch(name::equalsIgnoreCase)) {
                throw new ParameterException(spec.commandLine(), "--case must be one of " + String.join(", ", names)
                        + "; got " + name);
            }
        }
        return Stream.of(all)
                .filter(one -> cases.isEmpty() || cases.stream().anyMatch(one.toString()::equalsIgnoreCase)).toList();
    }

    /// One element for each width.
    private List<BenchRows> rows(LlamaRuntime runtime, Arena arena) throws IOException {
        if (rowFile != null) {
            return List.of(BenchRows.ofFile(rowFile, vocabularySize == null ? 0 : vocabularySize, arena));
        }
        try (LlamaModel loaded = LlamaModel.load(runtime, model == null ? SmallModel.fetch() : model)) {
            BenchRows rows = BenchRows.ofModel(loaded, arena);
            return rows.vocabularySize() < BenchRows.WIDE ? List.of(rows, rows.ofWidth(BenchRows.WIDE, arena))
                    : List.of(rows);
        }
    }

    private List<BenchResult> measure(List<BenchRows> widths, LlamaRuntime runtime) {
        List<BenchCase> chosen = chosen(BenchCase.values());
        List<BenchResult> results = new ArrayList<>();
        for (BenchRows rows : widths) {
            for (BenchCase benchCase : chosen) {
                err().printf(Locale.ROOT, "%d/%d  %s, %d wide ...%n", results.size() + 1,
                        widths.size() * chosen.size(), benchCase, rows.vocabularySize());
                results.add(measure(benchCase, rows, runtime));
            }
        }
        return results;
    }

    private BenchResult measure(BenchCase benchCase, BenchRows rows, LlamaRuntime runtime) {
        try (SideBySide sides = new SideBySide(benchCase, rows, numerics, runtime, (long) (seconds * 1e9))) {
            BenchResult result = sides.run();
            if (sides.different() > 0) {
                err().printf(Locale.ROOT, "note: in %s, %d wide, %d of %d tokens are not llama.cpp's: in portable "
                        + "numerics rounding and ties may make that (docs/numerics.md)%n", benchCase,
                        rows.vocabularySize(), sides.different(), sides.compared());
            }
            return result;
        }
    }

    private void print(List<BenchResult> results, LlamaRuntime runtime) throws IOException {
        out().printf("%-12s %8s %10s %10s %7s %12s%n", "case", "vocab", "java us", "llama us", "ratio", "bytes/token");
        for (BenchResult result : results) {
            out().printf(Locale.ROOT, "%-12s %8d %10.1f %10.1f %6.2fx %12s%n", result.name(), result.vocab(),
                    result.javaMicros(), result.llamaMicros(), result.ratio(), bytes(result.bytesPerToken()));
        }
        out().println();
        results.stream().collect(Collectors.groupingBy(BenchResult::vocab)).entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(width -> mean("at " + width.getKey(), width.getValue()));
        mean("overall", results);
        out().printf("%s; JDK %s, %s; %s; llama.cpp %s; numerics %s%n", cpu(), Runtime.version(),
                System.getProperty("java.vendor"), Kernel.description(), runtime.version(), numerics);
    }

    private void mean(String of, List<BenchResult> results) {
        out().printf(Locale.ROOT, "geometric mean of the ratios, %s: %.2fx%n", of, BenchResult.meanRatio(results));
    }

    /// Zero only if it is.
    private static String bytes(double bytesPerToken) {
        return bytesPerToken == 0 ? "0" : String.format(Locale.ROOT, "%.3g", bytesPerToken);
    }

    /// What the CPU calls itself, where Linux tells it.
    static String cpu() throws IOException {
        String count = Runtime.getRuntime().availableProcessors() + " processors";
        if (!Files.isReadable(CPUS)) {
            return System.getProperty("os.arch") + ", " + count;
        }
        try (Stream<String> lines = Files.lines(CPUS)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst()
                    .orElse(System.getProperty("os.arch")) + ", " + count;
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
