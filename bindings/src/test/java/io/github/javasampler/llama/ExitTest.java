package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Leaving while llama.cpp is at work.
class ExitTest {
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 50, 150})
    void aProcessThatExitsDuringLoadsAndDecodesDoesNotCrash(int milliseconds) throws Exception {
        Path file = TinyModel.write(directory.resolve("tiny.gguf"), null);
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Commands.Result result = Commands.run(List.of(java.toString(), "--enable-native-access=ALL-UNNAMED",
                "-XX:ErrorFile=" + directory.resolve("hs_err.log"), "-cp", CLASS_PATH, Leaving.class.getName(),
                file.toString(), Integer.toString(milliseconds)), Map.of());
        assertThat(result.exit()).as(result.output()).isZero();
        assertThat(directory.resolve("hs_err.log")).doesNotExist();
    }

    /// What the other JVM runs.
    static final class Leaving {

        private Leaving() {
        }

        public static void main(String[] arguments) throws InterruptedException {
            LlamaRuntime runtime = LlamaRuntime.load();
            Thread worker = new Thread(() -> {
                while (true) {
                    try (LlamaModel model = LlamaModel.load(runtime, Path.of(arguments[0]));
                            LlamaContext context = model.newContext(ContextOptions.DEFAULT.withThreads(2))) {
                        context.decode(new int[] {1, 5, 9});
                    }
                }
            });
            worker.start();
            Thread.sleep(Long.parseLong(arguments[1]));
            System.exit(0);
        }
    }
}
