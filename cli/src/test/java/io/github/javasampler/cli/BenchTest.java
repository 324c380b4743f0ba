package io.github.javasampler.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.llama.CheckedRow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchTest {
    private static final int WIDTH = 100;
    private static final String[] TITLES = {
        "greedy", "default", "penalties", "min-p", "untruncated", "top-p", "top-n-sigma", "xtc", "flat top-p",
        "mirostat v2", "temp_ext", "typical"
    };

    @TempDir
    private Path directory;
    private Path file;

    private record Result(int exit, String out, String err) {}

    @BeforeEach
    void twoRows() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        file = write(Stream.generate(() -> (float) random.nextGaussian()).limit(2 * WIDTH).toList());
    }

    @Test
    void jsonIsOneArrayOnStdoutInTheOrderOfTheTable() {
        Result result = run("bench", "--rows", file.toString(), "--vocab", "100", "--case", "default", "--case",
                "GREEDY", "--seconds", "0.2", "--json");
        assertThat(result.exit).as(result.err).isZero();
        assertThat(result.out.lines()).hasSize(1);
        JsonNode array = JsonMapper.shared().readTree(result.out);
        assertThat(array).extracting(node -> node.get("case").asString()).containsExactly("greedy", "default");
        for (JsonNode node : array) {
            assertThat(node.propertyNames())
                    .containsExactly("case", "vocab", "java_us", "llama_us", "ratio", "bytes_per_token");
            assertThat(node.get("vocab").asInt()).isEqualTo(WIDTH);
            assertThat(node.get("java_us").asDouble()).isPositive();
            assertThat(node.get("llama_us").asDouble()).isPositive();
            assertThat(node.get("ratio").asDouble()).isPositive();
            assertThat(node.get("bytes_per_token").isNumber()).isTrue();
        }
        assertThat(result.err).contains("1/2  greedy, 100 wide ...").contains("2/2  default, 100 wide ...");
    }

    @Test
    void theTableHasEveryCaseAndEndsWithMeansAndWhatMeasured() {
        Result result = run("bench", "--rows", file.toString(), "--vocab", "100", "--seconds", "0.1");
        assertThat(result.exit).as(result.err).isZero();
        List<String> lines = result.out.lines().toList();
        assertThat(lines.getFirst()).matches("case +vocab +java us +llama us +ratio +bytes/token");
        assertThat(lines.subList(1, 13)).extracting(line -> line.substring(0, 12).strip()).containsExactly(TITLES);
        assertThat(lines.subList(1, 13))
                .allMatch(line -> line.matches(".{12} +100 +[0-9.]+ +[0-9.]+ +[0-9.]+x +[0-9.e+-]+"));
        assertThat(lines.get(14)).startsWith("geometric mean of the ratios, at 100: ");
        assertThat(lines.get(15)).startsWith("geometric mean of the ratios, overall: ");
        assertThat(lines.get(16)).contains("processors; JDK ").contains("kernels").contains("llama.cpp 0.5.0");
        assertThat(lines).hasSize(17);
    }

    @Test
    void theMeanOfRatiosIsGeometric() {
        List<BenchResult> results =
                List.of(BenchResult.of("a", 1, 1000, 2000, 0), BenchResult.of("b", 1, 2000, 1000, 0));
        assertThat(results.getFirst().ratio()).isEqualTo(2);
        assertThat(BenchResult.meanRatio(results)).isEqualTo(1);
    }

    @Test
    void wideRowsKeepTheHeadAndRepeatTheVocabularyFiveLower() {
        try (Arena arena = Arena.ofConfined()) {
            float[] logits = new float[60_000];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = i / 1000f;
            }
            BenchRows rows = new BenchRows(logits.length,
                    List.of(CheckedRow.copyOf(MemorySegment.ofArray(logits), arena)));
            BenchRows wide = rows.ofWidth(BenchRows.WIDE, arena);
            assertThat(wide.vocabularySize()).isEqualTo(262_144);
            float[] widened = wide.row(0).segment().toArray(ValueLayout.JAVA_FLOAT);
            assertThat(widened).hasSize(262_144).startsWith(logits);
            boolean[] seen = new boolean[logits.length];
            for (int id = logits.length; id < 2 * logits.length; id++) {
                int source = Math.round((widened[id] + BenchRows.LOWER) * 1000);
                assertThat(seen[source]).isFalse();
                seen[source] = true;
            }
            assertThat(rows.ofWidth(BenchRows.WIDE, arena).row(0).segment().mismatch(wide.row(0).segment()))
                    .isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bench --case default --case typ | 2 | --case must be one of greedy, default, penalties, min-p, untruncated,
            bench --rows ROWS -m model.gguf | 2 | --rows must stand without -m, got both
            bench --vocab 100 | 2 | --vocab must stand with --rows
            bench --rows ROWS --vocab 0 | 2 | --vocab must be at least 1, got 0
            bench --rows ROWS | 1 | --vocab must be given and at least 1
            bench --rows ROWS --vocab 99 | 1 | must hold whole rows of 99 floats
            bench --rows nowhere.npy | 1 | nowhere.npy must be a file of logits, and there is none
            bench --numerics gpu | 2 | numerics must be portable or llama.cpp, got gpu
            bench --rows ROWS --vocab 100 --seconds 0 | 2 | --seconds must be above 0 and at most 3600, got 0
            bench -m nowhere.gguf | 1 | nowhere.gguf must exist
            """)
    void badInputIsOneClearLine(String arguments, int exit, String reason) {
        Result result = run(arguments.replace("ROWS", file.toString()).split(" "));
        assertThat(result.err).contains(reason).doesNotContain("\tat ");
        assertThat(result.err.lines()).hasSize(1);
        assertThat(result.exit).isEqualTo(exit);
        assertThat(result.out).isEmpty();
    }

    @Test
    void aNaNNamesItsRow() throws IOException {
        write(List.of(1f, 2f, 3f, Float.NaN));
        Result result = run("bench", "--rows", file.toString(), "--vocab", "2");
        assertThat(result.exit).isEqualTo(1);
        assertThat(result.err).contains("row 1 of " + file + ": logits must be numbers").contains("token 1 is NaN");
    }

    @Test
    void aRowThatPortableNumericsRefuseNamesItsCaseAndRow() throws IOException {
        write(List.of(1f, 2f, 3f, Float.POSITIVE_INFINITY));
        Result result = run("bench", "--rows", file.toString(), "--vocab", "2", "--case", "default");
        assertThat(result.exit).isEqualTo(1);
        assertThat(result.err).contains("default, row 1: ").doesNotContain("\tat ");
    }

    private Path write(List<Float> floats) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(floats.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        floats.forEach(bytes::putFloat);
        return file = Files.write(directory.resolve("rows.bin"), bytes.array());
    }

    private static Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exit = Main.run(new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), arguments);
        return new Result(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
