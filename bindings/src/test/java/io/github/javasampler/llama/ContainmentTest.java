package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Law 5: nothing kills the JVM. Each scenario has a JVM of its own, which must end by itself, with exit code 0 and
/// without a crash file.
class ContainmentTest {
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Hazard.class)
    void theJvmSurvives(Hazard hazard) throws Exception {
        Path file = TinyModel.write(directory.resolve("tiny.gguf"), null);
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Commands.Result result = Commands.run(List.of(java.toString(), "--enable-native-access=ALL-UNNAMED",
                "-XX:ErrorFile=" + directory.resolve("hs_err.log"), "-XX:-CreateCoredumpOnCrash", "-cp", CLASS_PATH,
                Hazard.class.getName(), hazard.name(), file.toString()), Map.of("GGML_NO_BACKTRACE", "1"));
        assertThat(result.exit()).as(result.output()).isZero();
        assertThat(result.output()).contains("survived " + hazard);
        assertThat(directory.resolve("hs_err.log")).doesNotExist();
    }
}
