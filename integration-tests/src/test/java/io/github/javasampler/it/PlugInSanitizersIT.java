package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.llama.Requirement;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The C library and its hosts, built with AddressSanitizer and UndefinedBehaviorSanitizer, which end the program if
/// they find something. This build knows no usual places of JDKs.
class PlugInSanitizersIT {
    private static final String[] SANITIZE = {"-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"};
    /// Faults are the JVM's to handle, and what it leaves behind at the end is no leak of ours.
    private static final String WITH_JVM = "handle_segv=0:detect_leaks=0";

    @TempDir
    static Path directory;

    private static PlugIn plugIn;
    private static String classPath;

    @BeforeAll
    static void build() throws Exception {
        PlugIn plain = PlugIn.built();
        classPath = jarsBeside(plain.library());
        Path trial = Files.writeString(directory.resolve("trial.c"), "int main(void) { return 0; }\n");
        List<String> compile = new ArrayList<>(List.of(Requirement.cc(), trial.toString(), "-o", directory + "/trial"));
        compile.addAll(List.of(SANITIZE));
        if (PlugIn.run(Map.of(), compile.toArray(String[]::new)).exit() != 0) {
            Requirement.missing("the C compiler has no AddressSanitizer: install its libasan and libubsan");
        }
        String build = directory.resolve("build").toString();
        run("cmake", "-S", "../native", "-B", build, "-DSANITIZE=ON", "-DJAVA_HOME=" + System.getProperty("java.home"),
                "-DCMAKE_C_FLAGS=-DJDK_PLACES='\"/nonexistent/*\"'");
        run("cmake", "--build", build);
        run("cmake", "--install", build, "--prefix", directory.toString());
        plugIn = new PlugIn(directory.resolve("lib/libjavasampler.so"), directory.resolve("include"));
    }

    private static String jarsBeside(Path library) throws Exception {
        List<String> jars = new ArrayList<>();
        try (var files = Files.newDirectoryStream(library.getParent(), "*.jar")) {
            files.forEach(jar -> jars.add(jar.toString()));
        }
        return String.join(File.pathSeparator, jars);
    }

    private static void run(String... command) throws Exception {
        Cli.Result result = PlugIn.run(Map.of(), command);
        assertThat(result.exit()).as(result.out() + result.err()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"threads 8", "handlers", "masks"})
    void hostsRunClean(String mode) throws Exception {
        Path host = plugIn.compile("plugin_host.c", directory, PlugIn.llamaOptions(SANITIZE));
        List<String> command = new ArrayList<>(List.of(host.toString()));
        command.addAll(List.of(mode.split(" ")));
        Cli.Result result = PlugIn.run(Map.of("ASAN_OPTIONS", WITH_JVM, "JAVA_SAMPLER_CLASS_PATH", classPath),
                command.toArray(String[]::new));
        assertThat(result.exit()).as(result.err()).isZero();
    }

    @Test
    void errorsOfJavaAreCleanToo() throws Exception {
        Map<String, String> environment = Map.of("ASAN_OPTIONS", WITH_JVM, "JAVA_SAMPLER_CLASS_PATH", classPath);
        assertThat(said(environment, "\u00e9=1", "20", PlugIn.libllama().toString())).startsWith("none: a stage must");
        assertThat(said(environment, "greedy", "-1", PlugIn.libllama().toString())).isEqualTo("made: ");
    }

    /// Where no JVM is started, leaks are looked for.
    @Test
    void nothingLeaksWhereThereIsNoJvm() throws Exception {
        assertThat(said(Map.of(), "greedy", "4096")).startsWith("none: libllama must be loaded");
        assertThat(said(Map.of("JAVA_HOME", "", "PATH", "/nonexistent"), "greedy", "4096",
                PlugIn.libllama().toString())).startsWith("none: a JDK 25 or newer must be on this machine");
        assertThat(said(Map.of(), "greedy", "4096", PlugIn.libllama().toString()))
                .startsWith("none: java-sampler's jars must lie beside");
    }

    private static String said(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(plugIn.compile("plugin_init.c", directory, SANITIZE).toString());
        command.addAll(List.of(arguments));
        Cli.Result result = PlugIn.run(environment, command.toArray(String[]::new));
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out().lines().toList().getLast();
    }
}
