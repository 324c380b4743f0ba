package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.llama.LlamaRuntime;
import io.github.javasampler.llama.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// `libjavasampler.so`, as its users find it, and programs that are compiled against it.
///
/// @param library its path
/// @param include the folder of its header
record PlugIn(Path library, Path include) {
    static final Path LLAMA_LIB = LlamaRuntime.load().directory();
    private static final Path SOURCES = Path.of("src", "test", "c");
    private static final int TIMEOUT_SECONDS = 120;

    /// The one that the command line speaks of.
    static PlugIn built() {
        JsonNode plugin = Cli.run("doctor", "--json").json().get("plugin");
        if (plugin.get("library").isNull()) {
            Requirement.missing("libjavasampler.so was not built: see what the module 'native' printed");
        }
        return new PlugIn(Path.of(plugin.get("library").asString()), Path.of(plugin.get("include").asString()));
    }

    /// Compiles a host.
    ///
    /// @param source in `src/test/c`
    /// @param options more of the compiler's
    Path compile(String source, Path folder, String... options) throws IOException, InterruptedException {
        Path program = folder.resolve(source.replace(".c", ""));
        List<String> command = new ArrayList<>(List.of(Requirement.cc(), "-std=c11", "-D_GNU_SOURCE", "-Wall",
                "-Wextra", "-Wpedantic", "-Werror", "-pthread", SOURCES.resolve(source).toString(), "-o",
                program.toString(), "-I", include.toString(), library.toString(), "-Wl,-rpath," + library.getParent()));
        command.addAll(List.of(options));
        Cli.Result result = run(Map.of(), command.toArray(String[]::new));
        assertThat(result.exit()).as(result.err()).isZero();
        return program;
    }

    /// What a program needs that calls llama.cpp.
    static String[] llamaOptions(String... more) throws IOException {
        Path llamaCpp = Requirement.llamaCpp();
        List<String> options = new ArrayList<>(List.of(more));
        options.addAll(List.of("-isystem", llamaCpp.resolve("include").toString(), "-isystem",
                llamaCpp.resolve("ggml/include").toString(), libllama().toString(), file("libggml[.].*so").toString(),
                "-Wl,-rpath," + LLAMA_LIB));
        return options.toArray(String[]::new);
    }

    static Path libllama() throws IOException {
        return file("libllama[.].*so");
    }

    private static Path file(String name) throws IOException {
        try (Stream<Path> files = Files.list(LLAMA_LIB)) {
            return files.filter(file -> file.getFileName().toString().matches(name)).findFirst().orElseThrow();
        }
    }

    /// Runs a command with this JVM's JDK as `JAVA_HOME`, and nothing else set that the library looks at.
    ///
    /// @param environment what is set besides; an empty text takes a variable away
    static Cli.Result run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        Map<String, String> all = new HashMap<>(Map.of("JAVA_HOME", System.getProperty("java.home"),
                "JAVA_SAMPLER_CLASS_PATH", "", "JAVA_SAMPLER_JVM_OPTIONS", "", "JAVA_TOOL_OPTIONS", "",
                "LD_PRELOAD", ""));
        all.putAll(environment);
        Path out = Files.createTempFile("sampler", ".out");
        Path err = Files.createTempFile("sampler", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(all);
            builder.environment().values().removeIf(String::isEmpty);
            Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(List.of(command) + " must end within " + TIMEOUT_SECONDS + " s, and does not: "
                        + Files.readString(err));
            }
            return new Cli.Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
