package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.cli.SmallModel;
import io.github.javasampler.llama.Requirement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What `docs/plug-in.md` says of hosts that are not Java; its Java code is for the module `bindings`.
class PlugInGuideIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"c, generate.c", "python, generate.py"})
    void everyLineOfTheGuideStandsInTheExample(String language, String example) throws Exception {
        String code = Files.readString(ROOT.resolve("native/examples").resolve(example));
        List<String> lines = guide(language);
        assertThat(lines).hasSizeGreaterThan(3).allSatisfy(line -> assertThat(code).contains(line));
    }

    @Test
    void theCommandsOfTheGuideRun() throws Exception {
        PlugIn plugIn = PlugIn.built();
        Requirement.cc();
        if (!Requirement.onPath("python3")) {
            Requirement.missing("no python3 is on the PATH");
        }
        Path link = Files.createSymbolicLink(directory.resolve("native"), ROOT.resolve("native"));
        Map<String, String> environment = Map.of("LIBRARY", plugIn.library().toString(), "INCLUDE",
                plugIn.include().toString(), "LLAMA_LIB", PlugIn.LLAMA_LIB.toString(), "LLAMA_CPP",
                Requirement.llamaCpp().toString(), "MODEL", SmallModel.fetch().toString());
        Cli.Result result = PlugIn.run(environment, "sh", "-euc",
                "cd '" + directory + "'\n" + String.join("\n", guide("sh")));
        Files.delete(link);
        assertThat(result.exit()).as(result.err()).isZero();
        // Both write the same text.
        assertThat(result.out()).hasSizeGreaterThan(60);
        String half = result.out().substring(0, result.out().length() / 2);
        assertThat(result.out()).isEqualTo(half + half);
    }

    private static List<String> guide(String language) throws Exception {
        List<String> lines = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(ROOT.resolve("docs/plug-in.md"))) {
            if (line.startsWith("```")) {
                inside = line.equals("```" + language);
            } else if (inside) {
                lines.add(line.strip());
            }
        }
        return lines;
    }
}
