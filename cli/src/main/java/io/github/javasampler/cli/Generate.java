package io.github.javasampler.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.llama.Generation;
import io.github.javasampler.llama.GenerationOptions;
import io.github.javasampler.llama.Generator;
import io.github.javasampler.llama.LlamaContext;
import io.github.javasampler.llama.LlamaModel;
import io.github.javasampler.llama.NativeChain;
import io.github.javasampler.llama.StopReason;
import io.github.javasampler.llama.TokenPicker;
import io.github.javasampler.llama.Tokenizer;
import io.github.javasampler.sampler.GrammarConstraint;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Streams text from a model.
@Command(
        name = "generate",
        description = "Streams text from a model: text on stdout, statistics on stderr.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sampler generate -p \"Tell me a story about a lighthouse.\"",
            "  sampler generate -p \"Name three rivers.\" --temp 0 -n 64",
            "  sampler generate -m model.gguf -f prompt.txt --raw --top-p 0.9 --seed 7 --json",
            "  sampler generate -p \"Is water wet?\" --choice yes --choice no",
            "  sampler generate -p \"A date of your choice:\" --regex \"[0-9]{4}-[0-9]{2}-[0-9]{2}\"",
            "  sampler generate -p \"Invent a person.\" --json-schema-file person.json"
        })
final class Generate implements Callable<Integer> {
    /// Exactly one of them.
    private static final class Prompt {
        @Option(names = {"-p", "--prompt"}, paramLabel = "TEXT", required = true, description = "The prompt")
        private String text;

        @Option(names = {"-f", "--file"}, paramLabel = "FILE", required = true,
                description = "A file that holds the prompt, in UTF-8")
        private Path file;
    }

    @ArgGroup(multiplicity = "1")
    private Prompt prompt;

    @Option(names = {"-n", "--predict"}, paramLabel = "N", defaultValue = "-1",
            description = "The most tokens to generate; -1 until the model or the context ends. "
                    + "Default: ${DEFAULT-VALUE}")
    private int maxTokens;

    @Option(names = "--raw", description = "Take the prompt as it is, without the model's chat template")
    private boolean raw;

    @Option(names = "--ignore-eos", description = "Ban the tokens that end a generation, so that it goes on to -n")
    private boolean ignoreEos;

    @Option(names = "--native-sampler", description = "Sample by llama.cpp's own chain, for comparison")
    private boolean nativeSampler;

    @Option(names = "--json", description = "Print one JSON object at the end instead of streaming the text")
    private boolean json;

    @Mixin
    private LlamaOptions llama;

    @Mixin
    private SamplingOptions sampling;

    @Spec
    private CommandSpec spec;

    /// What `--json` prints.
    private record Report(
            String text,
            @JsonProperty("prompt_tokens") int promptTokens,
            int[] tokens,
            long seed,
            @JsonProperty("tokens_per_second") double tokensPerSecond,
            @JsonProperty("sampling_us_per_token") double samplingMicrosPerToken,
            String stop) {}

    @Override
    public Integer call() throws IOException {
        if (ignoreEos && sampling.hasGrammar()) {
            throw new ParameterException(spec.commandLine(), "--ignore-eos must stand without a grammar, which allows"
                    + " nothing but the end where the text is complete; take one of them away");
        }
        SamplerChain unbiased = sampling.chain();
        String text = promptText();
        Thread warmUp = Thread.ofPlatform().daemon().name("warm-up").unstarted(unbiased::warmUp);
        if (!nativeSampler) {
            warmUp.start();
        }
        try (LlamaModel model = llama.loadModel(); LlamaContext context = model.newContext(llama.context())) {
            // The cores are the decode's from here on.
            warmUp.interrupt();
            SamplerChain chain = ignoreEos ? sampling.chain(endsOf(model.tokenizer())) : unbiased;
            try (NativeChain nativeChain = nativeSampler ? new NativeChain(model, chain) : null) {
                TokenPicker picker = nativeSampler ? TokenPicker.of(nativeChain)
                        : TokenPicker.of(chain.newSession(model.tokenizer().vocabulary(), sampling.numerics()));
                Generator generator =
                        new Generator(context, picker, GenerationOptions.DEFAULT.withMaxTokens(maxTokens));
                int[] tokens = PromptText.tokenize(model, text, raw);
                report(chain, generator.generate(tokens, json ? ignored -> { } : stream()));
            }
        }
        return ExitCode.OK;
    }

    private static int[] endsOf(Tokenizer tokenizer) {
        return IntStream.range(0, tokenizer.size()).filter(tokenizer::isEndOfGeneration).toArray();
    }

    private String promptText() throws IOException {
        if (prompt.text != null) {
            return prompt.text;
        }
        return TextFile.read(prompt.file, "prompt");
    }

    private Consumer<String> stream() {
        return piece -> {
            out().print(piece);
            out().flush();
        };
    }

    private void report(SamplerChain chain, Generation generation) {
        int count = generation.tokens().length;
        // As llama.cpp counts them, without the time that the prompt took.
        double seconds = (generation.decodeNanos() + generation.samplingNanos()) / 1e9;
        double samplingMicros = generation.samplingNanos() / 1e3 / Math.max(count, 1);
        String stop = generation.stop().name().toLowerCase(Locale.ROOT);
        if (json) {
            Json.println(out(), new Report(generation.text(), generation.promptTokens(), generation.tokens(),
                    sampling.seed(), count / seconds, samplingMicros, stop));
            return;
        }
        out().println();
        PrintWriter err = spec.commandLine().getErr();
        err.printf(Locale.ROOT, "%n%d tokens of prompt in %.0f ms, %d generated, %.1f tokens/s, "
                + "sampling %.1f us/token (%s), stop: %s%n%s%n", generation.promptTokens(),
                generation.promptNanos() / 1e6, count, count / seconds, samplingMicros,
                nativeSampler ? "llama.cpp" : "Java", stop, described(chain));
        if (generation.stop() == StopReason.CONTEXT_FULL) {
            err.println("The context is full; -c N makes it longer.");
        }
        if (sampling.hasGrammar() && generation.stop() != StopReason.END_OF_GENERATION) {
            err.println("The text may not be complete: only where the model stops by itself it follows the grammar to"
                    + " its end.");
        }
    }

    /// A grammar's text is long, and the user's own.
    private static String described(SamplerChain chain) {
        return chain.stages().stream()
                .map(stage -> stage instanceof GrammarConstraint ? stage.name() : stage.toString())
                .collect(Collectors.joining(","));
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
