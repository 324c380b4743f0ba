package io.github.javasampler.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.javasampler.Candidates;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.SamplingException;
import io.github.javasampler.Trace;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.LlamaContext;
import io.github.javasampler.llama.LlamaModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Shows what each stage of the chain does to one row.
@Command(
        name = "explain",
        description = "Shows what each stage keeps of one row, and why a token dies. Nothing is drawn.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sampler explain -p \"The capital of France is\" --raw --top-p 0.9",
            "  sampler explain --logits rows.npy --row 3 --token 17 --json"
        })
final class Explain implements Callable<Integer> {
    private static final int NO_TOKEN = Candidates.NONE;

    /// Where the row comes from: exactly one of them.
    private static final class Source {
        @Option(names = "--logits", paramLabel = "FILE", required = true,
                description = "Rows of little-endian float32, bare or as .npy")
        private Path logits;

        @Option(names = {"-p", "--prompt"}, paramLabel = "TEXT", required = true,
                description = "The row after this prompt, by the model")
        private String prompt;
    }

    @ArgGroup(multiplicity = "1")
    private Source source;

    @Option(names = "--vocab", paramLabel = "N", defaultValue = "0",
            description = "How many floats a row of the file holds; a .npy says it itself")
    private int vocabularySize;

    @Option(names = "--row", paramLabel = "N", defaultValue = "0",
            description = "Which row of the file. Default: ${DEFAULT-VALUE}")
    private int rowIndex;

    @Option(names = "--raw", description = "Take the prompt as it is, without the model's chat template")
    private boolean raw;

    @Option(names = "--token", paramLabel = "ID", description = "Say which stage cuts this token, and why")
    private Integer token;

    @Option(names = "--json", description = "Print one JSON object")
    private boolean json;

    @Mixin
    private LlamaOptions llama;

    @Mixin
    private SamplingOptions sampling;

    @Spec
    private CommandSpec spec;

    private record Stage(String name, int kept, double mass, @JsonProperty("entropy_bits") double entropyBits,
            @JsonProperty("cut_logit") float cutLogit) {
        Stage(Trace.Stage stage) {
            this(stage.name(), stage.kept(), stage.mass(), stage.entropyBits(), stage.cutLogit());
        }
    }

    private record Fate(int id, @JsonProperty("cut_by") String cutBy, String reason) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Report(List<Stage> stages, Fate token) {
        Report(Trace trace) {
            this(trace.stages().stream().map(Stage::new).toList(), trace.fate()
                    .map(fate -> new Fate(fate.token(), fate.cutBy().orElse(null), fate.reason())).orElse(null));
        }
    }

    @Override
    public Integer call() throws IOException {
        if (source.prompt == null) {
            sampling.withoutVocabulary();
        }
        SamplerChain chain = sampling.chain();
        Trace trace = source.prompt == null ? ofFile(chain) : ofPrompt(chain);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Json.println(out, new Report(trace));
        } else {
            print(out, trace);
        }
        return ExitCode.OK;
    }

    private Trace ofFile(SamplerChain chain) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            LogitsFile file = LogitsFile.open(source.logits, vocabularySize, arena);
            if (rowIndex < 0 || rowIndex >= file.rowCount()) {
                throw new CommandException("--row must be in [0, " + (file.rowCount() - 1) + "], got " + rowIndex);
            }
            long rowBytes = (long) file.vocabularySize() * Float.BYTES;
            return trace(chain.newSession(Vocabulary.ofSize(file.vocabularySize()), sampling.numerics()),
                    file.file().asSlice(file.rowOffsetBytes(rowIndex), rowBytes));
        }
    }

    private Trace ofPrompt(SamplerChain chain) throws IOException {
        try (LlamaModel model = llama.loadModel(); LlamaContext context = model.newContext(llama.context())) {
            context.decode(PromptText.tokenize(model, source.prompt, raw));
            return trace(chain.newSession(model.tokenizer().vocabulary(), sampling.numerics()), context.logits(-1));
        }
    }

    private Trace trace(SamplerSession session, MemorySegment row) {
        try {
            return session.explain(row, token == null ? NO_TOKEN : token);
        } catch (SamplingException | IllegalArgumentException e) {
            throw new CommandException(e.getMessage());
        }
    }

    private static void print(PrintWriter out, Trace trace) {
        out.printf("%-14s %9s %10s %13s %10s%n", "stage", "kept", "mass", "entropy bits", "cut logit");
        for (Trace.Stage stage : trace.stages()) {
            out.printf(Locale.ROOT, "%-14s %9d %10.6f %13.4f %10.4f%n", stage.name(), stage.kept(), stage.mass(),
                    stage.entropyBits(), stage.cutLogit());
        }
        trace.fate().ifPresent(fate -> out.println(fate.reason()));
    }
}
