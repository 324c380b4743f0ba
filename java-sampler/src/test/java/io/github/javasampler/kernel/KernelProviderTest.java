package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.ChildJvm;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Law 3: the same token with and without the Vector API, at every width and in every JIT state.
class KernelProviderTest {
    private static final int ROWS = 8;
    private static final int WIDTH = 9_001;
    private static final String AT_ONCE = "-Dio.github.javasampler.kernels=vector";

    /// Not made in the child JVMs, whose main class this is.
    private static final class Expected {
        private static final String TOKENS = tokens(ROWS, WIDTH);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "-XX:MaxVectorSize=16", "-XX:MaxVectorSize=32", "-XX:MaxVectorSize=64", "-XX:TieredStopAtLevel=1"
    })
    void everyWidthAndCompilerGivesTheSameTokens(String flag) throws Exception {
        assertThat(child("--add-modules", "jdk.incubator.vector", AT_ONCE, flag).out()).isEqualTo(Expected.TOKENS);
    }

    /// One row a chain, and a short one: there a vector takes a thousand times as long.
    @Test
    void theInterpreterGivesTheSameTokens() throws Exception {
        int width = 2_049;
        assertThat(child(1, width, "--add-modules", "jdk.incubator.vector", AT_ONCE, "-Xint").out())
                .isEqualTo(tokens(1, width));
    }

    @Test
    void withoutTheVectorModuleTheScalarKernelsGiveTheSameTokensAndOneLineSaysWhatToDo() throws Exception {
        ChildJvm child = child();
        assertThat(child.out()).isEqualTo(Expected.TOKENS);
        assertThat(child.err().lines().filter(line -> line.contains("kernels"))).containsExactly(
                "INFO: scalar kernels: the module jdk.incubator.vector is absent; start the JVM with "
                        + "--add-modules jdk.incubator.vector to use the vector kernels");
    }

    @Test
    void withTheVectorModuleOneLineSaysHowWideTheyAre() throws Exception {
        ChildJvm child = child("--add-modules", "jdk.incubator.vector", "-XX:MaxVectorSize=16");
        assertThat(child.err().lines().filter(line -> line.contains("kernels")))
                .containsExactly("INFO: vector kernels: 128 bits");
    }

    @Test
    void untilTheVectorKernelsAreCompiledTheScalarOnesGiveTheSameTokens() throws Exception {
        ChildJvm child = child("--add-modules", "jdk.incubator.vector");
        assertThat(child.out()).isEqualTo(Expected.TOKENS);
        assertThat(child.err().lines().filter(line -> line.contains("kernels"))).singleElement().asString()
                .startsWith("INFO: vector kernels: ").endsWith(" bits");
    }

    @Test
    void theTrainingBeginsWithTheRowFromWhichOnItPays() {
        assertThat(rowsUntilTraining(VectorTraining.DECODE_NANOS / 10)).isEqualTo(VectorTraining.ROWS_BEFORE);
    }

    @Test
    void whereRowsWaitForDecodesItBeginsLater() {
        assertThat(rowsUntilTraining(2 * VectorTraining.DECODE_NANOS))
                .isEqualTo(VectorTraining.ROWS_BEFORE * VectorTraining.ROWS_OF_DECODES);
    }

    private static int rowsUntilTraining(long nanosApart) {
        VectorTraining training = new VectorTraining(new ScalarKernels(), new ScalarKeys());
        int rows = 0;
        while (!training.hasBegun()) {
            rows++;
            training.countRow(rows * nanosApart);
        }
        training.await();
        assertThat(training.isDone()).isTrue();
        return rows;
    }

    @Test
    void awaitingBeginsTheTraining() {
        VectorTraining training = new VectorTraining(new ScalarKernels(), new ScalarKeys());
        training.await();
        assertThat(training.isDone()).isTrue();
    }

    @Test
    void thePropertyTurnsTheVectorKernelsOff() throws Exception {
        ChildJvm child = child("--add-modules", "jdk.incubator.vector", "-Dio.github.javasampler.kernels=scalar");
        assertThat(child.out()).isEqualTo(Expected.TOKENS);
        assertThat(child.err()).contains(
                "INFO: scalar kernels: the system property io.github.javasampler.kernels says so");
    }

    private static ChildJvm child(String... flags) throws IOException, InterruptedException {
        return child(ROWS, WIDTH, flags);
    }

    private static ChildJvm child(int rows, int width, String... flags) throws IOException, InterruptedException {
        return ChildJvm.run(KernelProviderTest.class, List.of(flags), String.valueOf(rows), String.valueOf(width));
    }

    /// Run in child JVMs.
    public static void main(String[] arguments) {
        System.out.println(tokens(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1])));
    }

    /// @param rows how many each chain samples
    private static String tokens(int rows, int width) {
        StringBuilder tokens = new StringBuilder();
        SplittableRandom random = new SplittableRandom(1);
        float[] logits = new float[width];
        for (String text : new String[] {
            "temperature=1.5,seed=1", "top_p=0.97,temperature=0.7,seed=2", "top_k=60,min_p=0.01,seed=3", "seed=4",
            "temperature=3,top_p=0.95,seed=5", "temp_ext=0.8:0.4:1,seed=6", "typical=0.9,seed=7",
            "xtc=0.5:0.01:0:8,seed=8", "mirostat_v2=5:0.1:9", "penalties=8:1.2,top_n_sigma=1,seed=10"
        }) {
            SamplerSession session = SamplerChain.parse(text).newSession(logits.length);
            for (int i = 0; i < rows; i++) {
                for (int id = 0; id < logits.length; id++) {
                    logits[id] = (float) (8 * random.nextDouble() - 4);
                }
                tokens.append(session.sample(MemorySegment.ofArray(logits))).append(' ');
            }
        }
        return tokens.toString().strip();
    }
}
