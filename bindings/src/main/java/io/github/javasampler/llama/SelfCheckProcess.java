package io.github.javasampler.llama;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Runs [SelfCheck] in another JVM, which a library of an unknown version may crash, end or stop.
final class SelfCheckProcess {
    private static final String LOG = "out.log";
    private static final String CRASH = "crash.log";
    /// Where a JVM's crash log has the signal: `#  SIGSEGV (0xb) at pc=...`.
    private static final String SIGNAL = "#  ";

    private SelfCheckProcess() {}

    /// What came out.
    ///
    /// @param layouts the version whose layouts the library has; empty if it must not be used
    /// @param expected what was expected where it failed, else empty
    /// @param found what came instead
    record Verdict(Optional<KnownVersion> layouts, String expected, String found) {
        static Verdict failed(String expected, String found) {
            return new Verdict(Optional.empty(), expected, found);
        }
    }

    /// Checks the libraries of a directory.
    ///
    /// @param limit after which the other JVM is ended
    static Verdict run(Path folder, Duration limit) {
        try {
            Path scratch = Files.createTempDirectory("java-sampler-check-");
            try {
                return run(command(folder, scratch), scratch, limit);
            } finally {
                delete(scratch);
            }
        } catch (IOException e) {
            return Verdict.failed("another JVM to be started", e.toString());
        }
    }

    private static Verdict run(List<String> command, Path scratch, Duration limit) throws IOException {
        Path log = scratch.resolve(LOG);
        ProcessBuilder builder = new ProcessBuilder(command).directory(scratch.toFile())
                .redirectOutput(log.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
        // Else ggml would start a debugger when it aborts.
        builder.environment().put("GGML_NO_BACKTRACE", "1");
        // Options of this JVM, such as an agent, are not for that one.
        builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            boolean hasEnded = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            return verdict(Files.readString(log, StandardCharsets.UTF_8), hasEnded
                    ? end(process.exitValue(), scratch.resolve(CRASH))
                    : "no answer within " + limit.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Verdict.failed("the self-check to end", "the thread was interrupted");
        } finally {
            process.destroyForcibly();
        }
    }

    private static String end(int exit, Path crash) throws IOException {
        if (Files.exists(crash)) {
            for (String line : Files.readAllLines(crash, StandardCharsets.ISO_8859_1)) {
                if (line.startsWith(SIGNAL)) {
                    return "a crash: " + line.substring(SIGNAL.length()).split(" ")[0];
                }
            }
        }
        return "the process ended with exit code " + exit;
    }

    /// @param end how the process ended, which counts where it did not get to its verdict
    private static Verdict verdict(String output, String end) {
        String expected = "the self-check to start";
        for (String line : output.lines().toList()) {
            if (line.startsWith(SelfCheck.STEP)) {
                expected = line.substring(SelfCheck.STEP.length());
            } else if (line.startsWith(SelfCheck.EXPECTED)) {
                expected = line.substring(SelfCheck.EXPECTED.length());
            } else if (line.startsWith(SelfCheck.FOUND)) {
                return Verdict.failed(expected, line.substring(SelfCheck.FOUND.length()));
            } else if (line.startsWith(SelfCheck.PASSED)) {
                return new Verdict(KnownVersion.of(line.substring(SelfCheck.PASSED.length())), "", "");
            }
        }
        return Verdict.failed(expected, end);
    }

    /// A small JVM with this class and the core, wherever they come from.
    private static List<String> command(Path folder, Path scratch) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-XX:-CreateCoredumpOnCrash", "-XX:-UsePerfData",
                "-XX:ErrorFile=" + scratch.resolve(CRASH), "-Dfile.encoding=UTF-8"));
        String module = SelfCheck.class.getModule().getName();
        command.add("--enable-native-access=" + (module == null ? "ALL-UNNAMED" : module));
        String path = path();
        if (!path.isEmpty()) {
            command.addAll(List.of(module == null ? "-cp" : "-p", path));
        }
        String main = SelfCheck.class.getName();
        command.addAll(module == null ? List.of(main) : List.of("-m", module + '/' + main));
        command.add(folder.toString());
        return command;
    }

    /// Where the classes lie; empty if that is in the JVM's own image.
    private static String path() throws IOException {
        Set<String> places = new LinkedHashSet<>();
        for (Class<?> type : List.of(SelfCheck.class, io.github.javasampler.SamplerChain.class)) {
            CodeSource source = type.getProtectionDomain().getCodeSource();
            try {
                URI place = source.getLocation().toURI();
                if (!place.getScheme().equals("jrt")) {
                    places.add(Path.of(place).toString());
                }
            } catch (URISyntaxException | RuntimeException e) {
                throw new IOException(type.getName() + " must lie in a jar or folder that another JVM can read: " + e,
                        e);
            }
        }
        return String.join(File.pathSeparator, places);
    }

    private static void delete(Path scratch) throws IOException {
        try (var files = Files.list(scratch)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(scratch);
    }
}
