package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The committed bindings are jextract's output and nothing else.
class RegenerateTest {
    private static final String PACKAGE = "io/github/javasampler/llama/abi";

    @TempDir
    Path directory;

    @Test
    void theCommittedBindingsAreWhatJextractMakes() throws IOException, InterruptedException {
        Path llamaCpp = Requirement.llamaCpp();
        if (System.getenv("JEXTRACT") == null && !Requirement.onPath("jextract")) {
            // Skipped with CI set too: jextract comes by no package registry.
            String reason = "no 'jextract' is on the PATH, so the bindings are not compared with its output";
            System.out.println("SKIPPED: " + reason);
            abort(reason);
        }
        Commands.Result result = Commands.run(List.of("bash", "jextract/regenerate", llamaCpp.toString(),
                directory.toString()), Map.of());
        assertThat(result.exit()).as(result.output()).isZero();
        assertThat(contents(directory.resolve(PACKAGE))).isEqualTo(contents(Path.of("src/main/java", PACKAGE)));
    }

    private static Map<String, String> contents(Path folder) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return contents;
    }
}
