package io.github.javasampler.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.javasampler.Candidate;
import io.github.javasampler.Logprob;
import io.github.javasampler.Logprobs;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.SamplingException;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.LlamaModel;
import io.github.javasampler.llama.ModelOptions;
import io.github.javasampler.llama.NativeChain;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Samples from files of rows: no model needed.
@Command(
        name = "sample",
        description = "Samples one token from every row of a file, each accepted before the next.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  sampler sample --logits rows.bin --vocab 49152 --seed 7",
            "  sampler sample --logits rows.npy --top-p 0.9 --top 5",
            "  sampler sample --logits rows.npy --logprobs 5 --json",
            "  sampler sample --logits row.npy --temp 1 --draws 1000 --json",
            "  sampler sample --logits rows.npy --numerics llama.cpp --top-k 0 --typical 0.9 --seed 7",
            "  sampler sample --logits rows.npy --native-sampler --top-k 0 --typical 0.9 --seed 7"
        })
final class Sample implements Callable<Integer> {
    @Option(names = "--logits", paramLabel = "FILE", required = true,
            description = "Rows of little-endian float32, bare or as .npy")
    private Path logits;

    @Option(names = "--vocab", paramLabel = "N", defaultValue = "0",
            description = "How many floats a row holds; a .npy says it itself")
    private int vocabularySize;

    @Option(names = "--rows", paramLabel = "N", description = "Take only the first N rows")
    private Integer rowLimit;

    @Option(names = "--top", paramLabel = "N", defaultValue = "10",
            description = "How many survivors to show, best first; -1 for all. Default: ${DEFAULT-VALUE}")
    private int top;

    @Option(names = "--logprobs", paramLabel = "N",
            description = "Show the natural log probability of the chosen token, and the N best before and after the"
                    + " chain")
    private Integer logprobs;

    @Option(names = "--draws", paramLabel = "N", description = "Draw N times from the first row and count the tokens")
    private Integer draws;

    @Option(names = {"-m", "--model"}, paramLabel = "FILE",
            description = "A GGUF file whose vocabulary the rows are of: only for stages that look at texts (DRY's "
                    + "sequence breakers, infill)")
    private Path model;

    @Option(names = "--native-sampler", description = "Sample by llama.cpp's own chain, for comparison")
    private boolean nativeSampler;

    @Option(names = "--json", description = "Print a JSON object a line")
    private boolean json;

    @Mixin
    private LibraryOption library;

    @Mixin
    private SamplingOptions sampling;

    @Spec
    private CommandSpec spec;

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Row(int row, int token, int kept, List<ShownCandidate> candidates, ShownLogprobs logprobs) {}

    private record ShownCandidate(int id, float logit, double p) {
        ShownCandidate(Candidate candidate) {
            this(candidate.id(), candidate.logit(), candidate.probability());
        }
    }

    /// @param chosen before the chain; null if the row itself bans it
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record ShownLogprobs(Logprob chosen, List<Logprob> before, List<Logprob> after) {
        ShownLogprobs(Logprobs before, Logprobs after) {
            this(before.asked().stream().filter(l -> Double.isFinite(l.logprob())).findFirst().orElse(null),
                    before.top(), after.top());
        }
    }

    private record Counts(int row, int draws, int kept, Map<Integer, Integer> counts) {}

    @Override
    public Integer call() throws IOException {
        atLeast(1, "--rows", rowLimit);
        atLeast(1, "--draws", draws);
        atLeast(0, "--logprobs", logprobs);
        if (draws != null && logprobs != null) {
            throw new ParameterException(spec.commandLine(),
                    "--logprobs must stand without --draws, got both; take --draws away to see one draw's");
        }
        if (nativeSampler && (draws != null || logprobs != null)) {
            throw new ParameterException(spec.commandLine(),
                    "--native-sampler must stand without --draws and --logprobs, which are ours; take them away");
        }
        if (model == null) {
            sampling.withoutVocabulary();
        }
        try (Arena arena = Arena.ofConfined();
                LlamaModel vocabularyOf = model == null ? null : LlamaModel.load(library.runtime(), model,
                        ModelOptions.DEFAULT.withVocabularyOnly(true))) {
            LogitsFile file = LogitsFile.open(logits, vocabularySize, arena);
            SamplerChain chain = sampling.chain();
            if (nativeSampler) {
                sampleNatively(chain, file, vocabularyOf);
                return ExitCode.OK;
            }
            SamplerSession session = chain.newSession(vocabulary(file, vocabularyOf), sampling.numerics());
            if (draws == null) {
                for (int row = 0; row < rowsOf(file); row++) {
                    print(sampleRow(session, file, row));
                }
            } else {
                print(countDraws(session, file));
            }
        }
        return ExitCode.OK;
    }

    private static Vocabulary vocabulary(LogitsFile file, LlamaModel model) {
        if (model != null && model.vocabularySize() != file.vocabularySize()) {
            throw new CommandException("the rows must be as wide as the model's vocabulary, " + model.vocabularySize()
                    + ", and are " + file.vocabularySize() + "; name the model that made them, or none");
        }
        return model == null ? Vocabulary.ofSize(file.vocabularySize()) : model.tokenizer().vocabulary();
    }

    private int rowsOf(LogitsFile file) {
        return rowLimit == null ? file.rowCount() : Math.min(rowLimit, file.rowCount());
    }

    private void sampleNatively(SamplerChain chain, LogitsFile file, LlamaModel vocabularyOf) {
        vocabulary(file, vocabularyOf);
        try (NativeChain nativeChain = vocabularyOf == null
                ? new NativeChain(library.runtime(), chain, file.vocabularySize())
                : new NativeChain(vocabularyOf, chain)) {
            for (int row = 0; row < rowsOf(file); row++) {
                NativeChain.Selection selection = nativeChain.apply(rowOf(file, row));
                nativeChain.accept(selection.token());
                List<Candidate> survivors = drawable(selection);
                int shown = top < 0 ? survivors.size() : Math.min(top, survivors.size());
                print(row(row, selection.token(), survivors.subList(0, shown), survivors.size(), null));
            }
        }
    }

    /// What llama.cpp left as `p` may be from before the last cut, so it is made anew.
    private static List<Candidate> drawable(NativeChain.Selection selection) {
        List<Candidate> drawable = selection.survivors().stream()
                .filter(candidate -> candidate.logit() > Float.NEGATIVE_INFINITY)
                .sorted(Comparator.comparingDouble((Candidate candidate) -> -candidate.logit())
                        .thenComparingInt(Candidate::id)).toList();
        double max = drawable.isEmpty() ? 0 : drawable.getFirst().logit();
        double sum = drawable.stream().mapToDouble(candidate -> Math.exp(candidate.logit() - max)).sum();
        return drawable.stream().map(candidate -> new Candidate(candidate.id(), candidate.logit(),
                Math.exp(candidate.logit() - max) / sum)).toList();
    }

    private Row row(int row, int token, List<Candidate> survivors, int kept, ShownLogprobs shownLogprobs) {
        return new Row(row, token, kept, survivors.stream().map(ShownCandidate::new).toList(), shownLogprobs);
    }

    private static MemorySegment rowOf(LogitsFile file, int row) {
        return file.file().asSlice(file.rowOffsetBytes(row), (long) file.vocabularySize() * Float.BYTES);
    }

    private Row sampleRow(SamplerSession session, LogitsFile file, int row) {
        int token = refusingByRow(row, () -> session.sample(file.file(), file.rowOffsetBytes(row)));
        ShownLogprobs shownLogprobs = logprobs == null ? null : logprobs(session, file, row, token);
        return row(row, token, session.survivors(top), session.kept(), shownLogprobs);
    }

    private ShownLogprobs logprobs(SamplerSession session, LogitsFile file, int row, int token) {
        return new ShownLogprobs(session.logprobs(rowOf(file, row), logprobs, token),
                session.survivorLogprobs(logprobs));
    }

    private Counts countDraws(SamplerSession session, LogitsFile file) {
        Map<Integer, Integer> counts = new TreeMap<>();
        for (int draw = 0; draw < draws; draw++) {
            int token = refusingByRow(0, () -> session.draw(file.file(), file.rowOffsetBytes(0)));
            counts.merge(token, 1, Integer::sum);
        }
        return new Counts(0, draws, session.kept(), counts);
    }

    /// Adds the row to what is said of it.
    private int refusingByRow(int row, IntSupplier sampling) {
        try {
            return sampling.getAsInt();
        } catch (SamplingException e) {
            throw new CommandException("row " + row + " of " + logits + ": " + e.getMessage());
        }
    }

    private void print(Row row) {
        if (json) {
            Json.println(out(), row);
            return;
        }
        out().printf("row %d: token %d, %d kept%n", row.row, row.token, row.kept);
        for (ShownCandidate candidate : row.candidates) {
            out().printf("  %8d  logit %10.5f  p %9.6f%n", candidate.id, candidate.logit, candidate.p);
        }
        if (row.logprobs != null) {
            print("chosen", Stream.ofNullable(row.logprobs.chosen).toList());
            print("before", row.logprobs.before);
            print("after", row.logprobs.after);
        }
    }

    private void print(String label, List<Logprob> logprobs) {
        for (Logprob logprob : logprobs) {
            out().printf("  %-6s %8d  logprob %11.6f%n", label, logprob.id(), logprob.logprob());
        }
    }

    private void print(Counts counts) {
        if (json) {
            Json.println(out(), counts);
            return;
        }
        out().printf("row %d: %d draws, %d kept%n", counts.row, counts.draws, counts.kept);
        counts.counts.forEach((id, n) -> out().printf("  %8d  %8d times  %9.6f%n", id, n, (double) n / counts.draws));
    }

    private void atLeast(int least, String option, Integer value) {
        if (value != null && value < least) {
            throw new ParameterException(spec.commandLine(), option + " must be at least " + least + ", got " + value);
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
