package io.github.javasampler.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SampleTest {
    @TempDir
    private Path directory;
    private Path rows;

    private record Result(int exit, String out, String err) {
        List<JsonNode> json() {
            return out.lines().map(line -> JsonMapper.shared().readTree(line)).toList();
        }
    }

    @BeforeEach
    void twoRowsOfFour() throws IOException {
        rows = Files.write(directory.resolve("rows.bin"), floats(1, 2, 3, 4, 9, 1, 1, 1));
    }

    @Test
    void everyRowGivesALineWithItsTokenAndSurvivors() {
        Result result = run("sample", "--logits", rows.toString(), "--vocab", "4", "--top-k", "2", "--top-p", "1",
                "--min-p", "0", "--temp", "1", "--seed", "1", "--json");
        assertThat(result.exit).as(result.err).isZero();
        assertThat(result.json()).hasSize(2);
        JsonNode first = result.json().getFirst();
        assertThat(first.propertyNames()).containsExactly("row", "token", "kept", "candidates");
        assertThat(first.get("kept").asInt()).isEqualTo(2);
        JsonNode best = first.get("candidates").get(0);
        assertThat(best.propertyNames()).containsExactly("id", "logit", "p");
        assertThat(best.get("id").asInt()).isEqualTo(3);
        assertThat(best.get("logit").asDouble()).isEqualTo(4);
        assertThat(best.get("p").asDouble()).isCloseTo(Math.E / (1 + Math.E), offset(1e-6));
    }

    @Test
    void greedyIsTemperatureZero() {
        Result result = run("sample", "--logits", rows.toString(), "--vocab", "4", "--temp", "0", "--json");
        assertThat(result.json()).extracting(row -> row.get("token").asInt()).containsExactly(3, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "--logit-bias 1+9 --temp 0, 1", "-l 3-inf --temp 0, 2", "-l 3-1.5 --temp 0, 2", "--top-nsigma 0.1, 3",
        "--typical 0.1 --temp 0, 2", "--repeat-penalty 0.5 --temp 0, 3", "--xtc-probability 0 --temp 0, 3",
        "--mirostat 2 --mirostat-ent 0.01 --mirostat-lr 1, 3", "--mirostat 1 --temp 0, 3",
        "--adaptive-target 1 --top-k 1, 3", "--dynatemp-range 0 --temp 0, 3",
        "--samplers top_k;adaptive_p --adaptive-target 1 --top-k 1, 3", "--dry-multiplier 0.8 --temp 0, 3",
        "--samplers TOP-K;temp --top-k 1, 3", "--samplers nucleus;typ;minp --top-p 0 --min-keep 1, 3"
    })
    void everyStageHasAnOption(String options, int token) {
        Result result = run(("sample --logits " + rows + " --vocab 4 --rows 1 --json " + options).split(" "));
        assertThat(result.exit).as(result.err).isZero();
        assertThat(result.json().getFirst().get("token").asInt()).isEqualTo(token);
    }

    @Test
    void rowsTakesTheFirstAndTopLimitsWhatIsShown() {
        Result result = run("sample", "--logits", rows.toString(), "--vocab", "4", "--rows", "1", "--top", "1",
                "--top-p", "1", "--min-p", "0", "--seed", "1");
        assertThat(result.out.lines()).hasSize(2);
        assertThat(result.out).startsWith("row 0: token ").contains(", 4 kept");
    }

    @Test
    void logprobsShowsTheChosenAndTheBestBeforeAndAfterTheChain() {
        String options = "sample --logits " + rows + " --vocab 4 --rows 1 --top-k 2 --top-p 1 --min-p 0 --temp 0.5"
                + " --seed 1 --logprobs 3";
        JsonNode row = run((options + " --json").split(" ")).json().getFirst();
        assertThat(row.propertyNames()).containsExactly("row", "token", "kept", "candidates", "logprobs");
        JsonNode logprobs = row.get("logprobs");
        assertThat(logprobs.propertyNames()).containsExactly("chosen", "before", "after");
        double logTotal = Math.log(1 + Math.exp(-1) + Math.exp(-2) + Math.exp(-3));
        int token = row.get("token").asInt();
        assertThat(logprobs.get("chosen").get("id").asInt()).isEqualTo(token);
        assertThat(logprobs.get("chosen").get("logprob").asDouble()).isCloseTo(token - 3 - logTotal, offset(1e-6));
        assertThat(logprobs.get("before")).extracting(l -> l.get("id").asInt()).containsExactly(3, 2, 1);
        assertThat(logprobs.get("before").get(2).get("logprob").asDouble()).isCloseTo(-2 - logTotal, offset(1e-6));
        // Two are left after top-k, at half the temperature.
        assertThat(logprobs.get("after")).extracting(l -> l.get("id").asInt()).containsExactly(3, 2);
        assertThat(logprobs.get("after").get(1).get("logprob").asDouble())
                .isCloseTo(-2 - Math.log(1 + Math.exp(-2)), offset(1e-6));

        assertThat(run(options.split(" ")).out).containsPattern("  chosen +" + token + "  logprob +-[0-9.]+")
                .containsPattern("  before +1  logprob +-2.440190").containsPattern("  after +3  logprob +-0.126928");
    }

    @Test
    void noLogprobOfTheJsonIsInfinite() throws IOException {
        Files.write(rows, floats(1, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY));
        Result result = run("sample", "--logits", rows.toString(), "--vocab", "4", "--logprobs", "4", "--json");
        assertThat(result.out).contains("\"logprobs\":{\"chosen\":{\"id\":0,\"logprob\":0.0},\"before\":"
                + "[{\"id\":0,\"logprob\":0.0}],\"after\":[{\"id\":0,\"logprob\":0.0}]}").doesNotContain("Infinity");
        assertThat(run("sample", "--logits", rows.toString(), "--vocab", "4", "--logprobs", "0", "--json").out)
                .contains("\"before\":[],\"after\":[]");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "--top-k 0 --typical 0.9", "--top-k 0 --dynatemp-range 0.5", "--top-nsigma 1 --xtc-probability 0.5",
        "--samplers top_p;penalties;dry;temperature --repeat-penalty 1.2 --dry-multiplier 0.8 --top-p 0.9",
        "--mirostat 1", "--mirostat 2 --temp 1.2", "--top-k 200 --min-keep 300 -l 5+3 -l 7-inf", "--adaptive-target 0.2"
    })
    void numericsLlamaCppGiveTheTokensOfTheNativeSampler(String options) throws IOException {
        SplittableRandom random = new SplittableRandom(options.hashCode());
        float[] logits = new float[24 * 32_000];
        for (int i = 0; i < logits.length; i++) {
            // Peaked, flat, and full of ties.
            logits[i] = switch (i / 32_000 % 3) {
                case 0 -> (float) random.nextGaussian(-2, 2.5) + (random.nextInt(2_000) == 0 ? 14 : 0);
                case 1 -> (float) random.nextGaussian(0, 0.5);
                default -> random.nextInt(40) / 4f;
            };
        }
        Files.write(rows, floats(logits));
        String[] arguments = ("sample --logits " + rows + " --vocab 32000 --seed 7 --top 0 --json " + options).strip()
                .split(" ");
        Result ours = run(append(arguments, "--numerics", "llama.cpp"));
        Result theirs = run(append(arguments, "--native-sampler"));
        assertThat(ours.exit).as(ours.err).isZero();
        assertThat(ours.json()).hasSize(24);
        assertThat(ours.out).isEqualTo(theirs.out);
    }

    private static String[] append(String[] arguments, String... more) {
        return Stream.of(arguments, more).flatMap(Stream::of).toArray(String[]::new);
    }

    @Test
    void explainShowsEveryStageAndTheFateOfAToken() {
        Result result = run("explain", "--logits", rows.toString(), "--vocab", "4", "--token", "0", "--json");
        JsonNode json = result.json().getFirst();
        JsonNode stage = json.get("stages").get(3);
        assertThat(stage.propertyNames()).containsExactly("name", "kept", "mass", "entropy_bits", "cut_logit");
        assertThat(stage.get("name").asString()).isEqualTo("top-k");
        assertThat(json.get("token").get("cut_by").asString()).isEqualTo("top-p");
        assertThat(run("explain", "--logits", rows.toString(), "--vocab", "4", "--row", "1", "--token", "0").out)
                .contains("cut logit").contains("?penalties").contains("token 0 reached the picker");
    }

    @Test
    void drawsCountsTheTokensOfTheFirstRow() {
        Result result = run("sample", "--logits", rows.toString(), "--vocab", "4", "--draws", "1000", "--temp", "1",
                "--top-p", "1", "--min-p", "0", "--seed", "3", "--json");
        JsonNode counts = result.json().getFirst().get("counts");
        int sum = 0;
        for (JsonNode count : counts) {
            sum += count.asInt();
        }
        assertThat(sum).isEqualTo(1_000);
        // The best has p = 0.644; 5 standard deviations of 1,000 draws are 76.
        assertThat(counts.get("3").asInt()).isBetween(568, 720);
    }

    @Test
    void drawsDoNotCountAsAHistory() {
        String[] plain = ("sample --logits " + rows + " --vocab 4 --draws 300 --temp 1 --seed 3 --json").split(" ");
        String[] penalised = Arrays.copyOf(plain, plain.length + 2);
        penalised[plain.length] = "--presence-penalty";
        penalised[plain.length + 1] = "100";
        assertThat(run(penalised).out).isEqualTo(run(plain).out);
    }

    @Test
    void anNpySaysItsWidthItself() throws IOException {
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }";
        Path npy = npy(header);
        Result result = run("sample", "--logits", npy.toString(), "--temp", "0", "--json");
        assertThat(result.exit).as(result.err).isZero();
        assertThat(result.json()).extracting(row -> row.get("token").asInt()).containsExactly(3, 0);
        assertThat(run("sample", "--logits", npy.toString(), "--vocab", "5").err)
                .contains("--vocab 5 must be the width of").contains("which is 4");
        assertThat(run("sample", "--logits", npy(header.replace("(2, 4)", "(8,)")).toString(), "--temp", "0").out)
                .startsWith("row 0: token 4");
        assertThat(run("sample", "--logits", npy(header.replace("<f4", "<f8")).toString()).err)
                .contains("must be a .npy of little-endian float32");
    }

    @Test
    void aNaNNamesItsRowAndTokenAfterTheRowsBefore() throws IOException {
        Files.write(rows, floats(1, 2, 3, 4, 5, Float.NaN, 6, 7));
        Result result = run("sample", "--logits", rows.toString(), "--vocab", "4");
        assertThat(result.exit).isEqualTo(1);
        assertThat(result.out).startsWith("row 0:");
        assertThat(result.err.lines()).singleElement().asString()
                .contains("row 1 of").contains("got NaN for token 1 of 4");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sample --logits nowhere.bin --vocab 4 | 1 | nowhere.bin must be a file of logits, and there is none
            sample --logits ROWS | 1 | --vocab must be given and at least 1
            sample --logits ROWS --vocab 3 | 1 | must hold whole rows of 3 floats (12 bytes), got 32 bytes
            sample --logits ROWS --vocab 4 --rows 0 | 2 | --rows must be at least 1, got 0
            sample --logits ROWS --vocab 4 --draws -1 | 2 | --draws must be at least 1, got -1
            sample --logits ROWS --vocab 4 --logprobs -1 | 2 | --logprobs must be at least 0, got -1
            sample --logits ROWS --vocab 4 --logprobs 1 --draws 2 | 2 | --logprobs must stand without --draws, got both
            sample --logits ROWS --vocab 4 --top-p 1.5 | 2 | top_p must be in [0, 1], got 1.5 (stage 6 of 10, "top-p")
            sample --logits ROWS --vocab 4 --samplers top_k;tfs | 2 | --samplers must name stages, got "tfs"; known are
            sample --logits ROWS --vocab 4 --numerics gpu | 2 | numerics must be portable or llama.cpp, got gpu
            sample --logits ROWS --vocab 4 --samplers infill | 1 | a stage of the chain needs the tokens' texts
            sample --logits ROWS --vocab 4 --native-sampler --draws 2 | 2 | --native-sampler must stand without --draws
            sample --logits ROWS --vocab 4 --dry-multiplier -1 | 2 | dry_multiplier must be a number >= 0, got -1.0
            sample --logits ROWS --vocab 4 --temp -1 | 2 | temperature must be a number >= 0, got -1.0
            sample --logits ROWS --vocab 4 --mirostat 3 | 2 | mirostat must be 0, 1 or 2, got 3
            sample --logits ROWS --vocab 4 -l 7 | 2 | a logit bias must be a token's id and a signed number, got 7
            sample --logits ROWS --vocab 4 -l 7+1 | 2 | a biased token must be below 4, got 7
            sample --logits ROWS --vocab four | 2 | Invalid value for option '--vocab': 'four' is not an int
            sample | 2 | Missing required option: '--logits=FILE'
            explain | 2 | Missing required argument
            explain --logits ROWS --vocab 4 --row 2 | 1 | --row must be in [0, 1], got 2
            explain --logits ROWS --vocab 4 --token 4 | 1 | token must be in [0, 3], got 4
            generate | 2 | Missing required argument
            generate -p hello -f file | 2 | mutually exclusive
            generate -p hello -m nowhere.gguf | 1 | nowhere.gguf must exist
            simple | 2 | Unmatched argument at index 0: 'simple'
            '' | 2 | a command must be given: generate, sample, explain, explore, bench or doctor
            """)
    void badInputIsOneClearLine(String arguments, int exit, String reason) {
        String[] split = arguments.isEmpty() ? new String[0] : arguments.replace("ROWS", rows.toString()).split(" ");
        Result result = run(split);
        assertThat(result.err).contains(reason).doesNotContain("\tat ");
        assertThat(result.err.lines()).hasSize(1);
        assertThat(result.exit).isEqualTo(exit);
        assertThat(result.out).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"generate", "sample", "explain", "bench", "doctor"})
    void everyCommandHasHelpWithAnExample(String command) {
        Result result = run(command, "--help");
        assertThat(result.exit).isZero();
        assertThat(result.out).contains("Examples:").contains("  sampler " + command);
    }

    private Path npy(String header) throws IOException {
        byte[] text = (header + "\n").getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer file = ByteBuffer.allocate(10 + text.length + 32).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) text.length).put(text);
        file.put(Files.readAllBytes(rows));
        return Files.write(directory.resolve("rows.npy"), file.array());
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private static Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exit = Main.run(new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), arguments);
        return new Result(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
