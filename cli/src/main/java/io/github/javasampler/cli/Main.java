package io.github.javasampler.cli;

import io.github.javasampler.InvalidSettingException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The command line. Data goes to stdout, everything else to stderr. Exit codes: 0; 1 with one line of reason; 2 for
/// wrong usage.
@Command(
        name = "sampler",
        description = "Samples tokens from the logits of llama.cpp, in Java, where they lie.",
        subcommands = {Generate.class, Sample.class, Explain.class, Explore.class, Bench.class, Doctor.class},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footer = {
            "",
            "Examples:",
            "  sampler generate -p \"Tell me a story about a lighthouse.\"",
            "  sampler sample --logits rows.bin --vocab 49152 --top-k 40 --seed 7",
            "  sampler explain -p \"The capital of France is\" --raw --token 42",
            "  sampler explore",
            "  sampler bench",
            "  sampler doctor"
        })
public final class Main implements Runnable {
    /// Held here, because a logger that nobody holds forgets its level.
    private static final Logger LOGGER = Logger.getLogger("io.github.javasampler");

    @Spec
    private CommandSpec spec;

    private Main() {}

    /// Runs a command and ends the process with its exit code.
    public static void main(String[] arguments) {
        // Which kernels were chosen is said by "doctor"; what a library has to warn of still shows.
        LOGGER.setLevel(Level.WARNING);
        System.exit(run(System.out, System.err, arguments));
    }

    /// Runs a command and returns its exit code.
    static int run(PrintStream out, PrintStream err, String... arguments) {
        return new CommandLine(new Main())
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, args) -> wrongUsage(e))
                .setExecutionExceptionHandler((e, command, result) -> failure(command.getErr(), e))
                .execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(),
                "a command must be given: generate, sample, explain, explore, bench or doctor");
    }

    private static int wrongUsage(ParameterException e) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        e.getCommandLine().getErr().println("sampler: " + oneLine(e) + " (see '" + command + " --help')");
        return ExitCode.USAGE;
    }

    private static int failure(PrintWriter err, Exception e) {
        err.println("sampler: " + oneLine(e));
        return e instanceof InvalidSettingException ? ExitCode.USAGE : ExitCode.SOFTWARE;
    }

    /// Errors of ours say it all in their message; of others the kind belongs to it.
    private static String oneLine(Exception e) {
        String message = e.getMessage() == null ? "" : e.getMessage().strip().replaceAll("\\s*\\R\\s*", "; ")
                .replaceFirst("^Error: ", "");
        boolean ours = e.getClass().getName().startsWith("io.github.javasampler") || e instanceof ParameterException
                || e instanceof IllegalArgumentException;
        return ours ? message : e.getClass().getSimpleName() + ": " + message;
    }
}
