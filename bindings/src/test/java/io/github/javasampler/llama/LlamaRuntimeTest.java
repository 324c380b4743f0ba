package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Loading, each time in a JVM of its own: what is loaded once stays.
class LlamaRuntimeTest {
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    @TempDir
    Path directory;

    @Test
    void thePackagedRuntimeIsUnpackedAndLoaded() throws Exception {
        String output = load(0, Map.of("XDG_CACHE_HOME", directory.toString()), CLASS_PATH);
        assertThat(output).contains("version 0.5.0-dev")
                .contains("directory " + directory.resolve("java-sampler/llama-0.5.0-"))
                .contains("tried -Dio.github.javasampler.llama.lib: not set")
                .contains("tried JAVA_SAMPLER_LLAMA_LIB: not set")
                .contains("META-INF/java-sampler/native/").contains("system CPU");
        // llama.cpp's log is off: nothing but what Loading prints.
        assertThat(output.lines().filter(line -> !line.matches("(version|directory|tried|system|WARNING:) .*")))
                .isEmpty();
    }

    @Test
    void withoutAnyLibraryTheErrorListsWhatWasTried() throws Exception {
        assertThat(load(1, Map.of(), withoutNativeJar()))
                .contains("LibraryLoadException: no llama.cpp library was found for ")
                .contains("  tried -Dio.github.javasampler.llama.lib: not set")
                .contains("  tried JAVA_SAMPLER_LLAMA_LIB: not set")
                .contains("  tried META-INF/java-sampler/native/").contains(": not on the class path")
                .contains("  put a java-sampler-native jar for this platform on the class path");
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThat(load(1, Map.of("XDG_CACHE_HOME", file.toString()), CLASS_PATH))
                .contains("LibraryLoadException: the packaged llama.cpp cannot be used")
                .contains("cannot be unpacked to " + file).contains("set XDG_CACHE_HOME");
    }

    @Test
    void aNamedDirectoryIsTakenInsteadOfThePackagedRuntime() throws Exception {
        Path named = libraries();
        assertThat(load(0, Map.of("JAVA_SAMPLER_LLAMA_LIB", named.toString()), CLASS_PATH))
                .contains("directory " + named.toRealPath());
        assertThat(load(0, Map.of(), withoutNativeJar(), "-Dio.github.javasampler.llama.lib=" + named))
                .contains("directory " + named.toRealPath());
    }

    @Test
    void everyVariantOfTheFileNamesLoads() throws Exception {
        Path named = libraries();
        Files.move(find(named, "llama"), named.resolve("libllama.so.0.5.0"));
        Files.createSymbolicLink(named.resolve("libllama.so.0"), Path.of("libllama.so.0.5.0"));
        Files.createSymbolicLink(named.resolve("libllama.so"), Path.of("libllama.so.0"));
        Files.move(find(named, "ggml"), named.resolve("libggml.so.0"));
        assertThat(load(0, Map.of("JAVA_SAMPLER_LLAMA_LIB", named.toString()), CLASS_PATH))
                .contains("version 0.5.0-dev")
                .contains("libllama.so.0.5.0: loaded");
    }

    @Test
    void aMissingDirectoryAndAnEmptyOneAreToldApart() throws Exception {
        Path missing = directory.resolve("missing");
        assertThat(load(1, Map.of("JAVA_SAMPLER_LLAMA_LIB", missing.toString()), CLASS_PATH))
                .contains("LibraryLoadException: the directory of llama.cpp's libraries must exist")
                .contains("tried " + missing + ": cannot be read");
        Path empty = Files.createDirectory(directory.resolve("empty")).toRealPath();
        assertThat(load(1, Map.of("JAVA_SAMPLER_LLAMA_LIB", empty.toString()), CLASS_PATH))
                .contains("the directory of llama.cpp's libraries must hold one ggml-base")
                .contains("tried " + empty.resolve("libggml-base.so") + ": does not exist, under no variant of that"
                + " name");
    }

    @Test
    void twoLibrariesOfOneNameAreRefused() throws Exception {
        Path named = libraries();
        Files.copy(find(named, "llama"), named.resolve("libllama.so.1"));
        assertThat(load(1, Map.of("JAVA_SAMPLER_LLAMA_LIB", named.toString()), CLASS_PATH))
                .contains("must hold one llama").contains("is there more than once: ");
    }

    @Test
    void aDamagedLibraryIsRefusedWithTheReasonOfTheSystem() throws Exception {
        Path named = libraries();
        Files.writeString(find(named, "llama"), "garbage");
        String output = load(1, Map.of("JAVA_SAMPLER_LLAMA_LIB", named.toString()), CLASS_PATH);
        assertThat(output).contains("LibraryLoadException: llama.cpp's libraries cannot be loaded")
                .containsPattern("tried .*libggml-base.so: loaded")
                .containsPattern("tried .*libllama.*: .*file too short");
        // What was loaded stays, and must not be mixed with another llama.cpp.
        assertThat(output).contains("again LibraryLoadException: no llama.cpp can be loaded any more");
    }

    @Test
    void backendsMayLieWhereDebianPutsThem() throws Exception {
        Path named = libraries();
        Path backends = Files.createDirectories(named.resolve("ggml/backends0"));
        try (Stream<Path> files = Files.list(named)) {
            for (Path file : files.filter(path -> path.getFileName().toString().startsWith("libggml-cpu")).toList()) {
                Files.move(file, backends.resolve(file.getFileName()));
            }
        }
        assertThat(load(0, Map.of("JAVA_SAMPLER_LLAMA_LIB", named.toString()), CLASS_PATH)).contains("system CPU")
                .contains("tried " + named.toRealPath() + ": holds no backend for this processor");
    }

    @Test
    void aDirectoryWithoutABackendIsRefused() throws Exception {
        Path named = libraries();
        try (Stream<Path> files = Files.list(named)) {
            for (Path file : files.filter(path -> path.getFileName().toString().startsWith("libggml-cpu")).toList()) {
                Files.delete(file);
            }
        }
        assertThat(load(1, Map.of("JAVA_SAMPLER_LLAMA_LIB", named.toString()), CLASS_PATH))
                .contains("LibraryLoadException: llama.cpp needs a backend, such as libggml-cpu-x64.so")
                .contains("holds no backend for this processor");
    }

    @Test
    void aLibraryThatIsAnotherOneIsRefused() throws Exception {
        // Others are in VersionsTest.
        assertThat(load(1, Map.of("JAVA_SAMPLER_LLAMA_LIB",
                fake("const char * llama_version(void) { return \"0.7.0\"; }").toString()), CLASS_PATH))
                .contains("UnsupportedVersionException: ")
                .contains("libllama.so must be llama.cpp 0.5.0 or 0.7.0, or pass the self-check of other versions;"
                + " it is 0.7.0, and the check expected a function ").contains(", found none; install");
    }

    @Test
    void aLibraryThatDoesNotTellItsVersionIsRefused() throws Exception {
        assertThat(load(1, Map.of("JAVA_SAMPLER_LLAMA_LIB", fake("int llama_max_devices;").toString()), CLASS_PATH))
                .contains("it is older than any that tells its version, and the check expected a function"
                + " llama_version, found none;");
    }

    @Test
    void oneProcessLoadsOneLlamaCpp() throws Exception {
        LlamaRuntime runtime = LlamaRuntime.load();
        assertThat(LlamaRuntime.load()).isSameAs(runtime);
        assertThat(LlamaRuntime.load(runtime.directory())).isSameAs(runtime);
        assertThatThrownBy(() -> LlamaRuntime.load(directory)).isInstanceOf(LibraryLoadException.class)
                .hasMessageStartingWith("one process can load one llama.cpp, and has loaded that of "
                + runtime.directory());
        assertThat(runtime.searched()).last()
                .isEqualTo(new LlamaRuntime.Attempt(runtime.directory().toString(), "loaded"));
        assertThat(runtime).hasToString("llama.cpp 0.5.0-dev in " + runtime.directory());
    }

    /// Loads in another JVM.
    private static String load(int exit, Map<String, String> environment, String classPath, String... options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath, Loading.class.getName()));
        Map<String, String> all = new HashMap<>(Map.of("JAVA_SAMPLER_LLAMA_LIB", ""));
        all.putAll(environment);
        Commands.Result result = Commands.run(command, all);
        assertThat(result.exit()).as(result.output()).isEqualTo(exit);
        return result.output();
    }

    private static String withoutNativeJar() {
        List<String> entries = new ArrayList<>();
        for (String entry : CLASS_PATH.split(File.pathSeparator)) {
            if (!entry.contains("java-sampler-native")) {
                entries.add(entry);
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    /// A copy of the packaged libraries.
    private Path libraries() throws IOException {
        Path copy = Files.createDirectory(directory.resolve("lib"));
        try (Stream<Path> files = Files.list(LlamaRuntime.load().directory())) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private static Path find(Path directory, String library) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> Platform.current().files(library).matcher(file.getFileName().toString())
                    .matches())
                    .findFirst().orElseThrow();
        }
    }

    /// Libraries of the right names with other contents.
    private Path fake(String source) throws IOException, InterruptedException {
        Path folder = Files.createDirectory(directory.resolve("fake"));
        Path file = Files.writeString(folder.resolve("fake.c"), source);
        for (String library : List.of("ggml-base", "ggml", "llama")) {
            Commands.Result compiled = Commands.run(List.of(Requirement.cc(), "-shared", "-fPIC", file.toString(), "-o",
                    folder.resolve(Platform.current().usualName(library)).toString()), Map.of());
            assertThat(compiled.exit()).as(compiled.output()).isZero();
        }
        return folder;
    }

    /// What the other JVM runs.
    static final class Loading {

        private Loading() {
        }

        public static void main(String[] arguments) {
            try {
                LlamaRuntime runtime = LlamaRuntime.load();
                System.out.println("version " + runtime.version());
                System.out.println("directory " + runtime.directory());
                System.out.println("system " + runtime.systemInfo());
                for (LlamaRuntime.Attempt attempt : runtime.searched()) {
                    System.out.println("tried " + attempt.where() + ": " + attempt.outcome());
                }
            } catch (LlamaException e) {
                System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
                try {
                    LlamaRuntime.load();
                } catch (LlamaException again) {
                    System.out.println("again " + again.getClass().getSimpleName() + ": " + again.getMessage());
                }
                System.exit(1);
            }
        }
    }
}
