package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Runs the command line in a child process, as the launcher does, on the class path of the test.
final class Cli {
    private Cli() {}

    record Result(int exit, String out, String err) {
        /// The one JSON object that a successful run prints.
        JsonNode json() {
            assertThat(exit).as(err).isZero();
            return JsonMapper.shared().readTree(out);
        }

        /// What was said, but for the JVM's own line about the incubator module.
        List<String> errLines() {
            return err.lines().filter(line -> !line.contains("incubator modules")).toList();
        }
    }

    static Result run(String... arguments) {
        return run(List.of(arguments));
    }

    static Result run(List<String> arguments) {
        return execute(command(arguments));
    }

    /// What starts it.
    static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules",
                "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Dfile.encoding=UTF-8", "-cp",
                System.getProperty("java.class.path"), "io.github.javasampler.cli.Main"));
        command.addAll(arguments);
        return command;
    }

    /// Runs any command to its end.
    static Result execute(List<String> command) {
        try {
            Path err = Files.createTempFile("sampler", ".err");
            try {
                Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
                process.getOutputStream().close();
                String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return new Result(process.waitFor(), out, Files.readString(err));
            } finally {
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
