package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What can crash the JVM stands in one file each, besides jextract's output.
class NativeAccessTest {
    private static final Path SOURCES = Path.of("src/main/java/io/github/javasampler/llama");

    @ParameterizedTest
    @CsvSource({
        ".reinterpret(, NativeMemory.java", "Linker., NativeSymbols.java", "SymbolLookup., NativeSymbols.java",
        "System.load(, LlamaRuntime.java", "log_callback.allocate(, LlamaLog.java",
        ".upcallStub(, NativeSymbols.java", "NativeSymbols.upcall(, SamplerTable.java",
    })
    void everyDangerHasOnePlace(String code, String file) throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            List<String> places = files.filter(Files::isRegularFile).filter(path -> contains(path, code))
                    .map(path -> path.getFileName().toString()).toList();
            assertThat(places).containsExactly(file);
        }
    }

    private static boolean contains(Path file, String code) {
        try {
            return Files.readString(file).lines().map(String::strip).filter(line -> !line.startsWith("/"))
                    .anyMatch(line -> line.contains(code));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
