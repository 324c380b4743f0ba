package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SamplerChain;
import io.github.javasampler.llama.parity.Chains;
import io.github.javasampler.llama.parity.LogitRows;
import io.github.javasampler.llama.parity.LogitRows.Kind;
import io.github.javasampler.llama.parity.Tally;
import io.github.javasampler.llama.parity.Trial;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Law 4: numerics llama.cpp choose llama.cpp's token and keep its survivors on every row; portable numerics choose
/// another one only where that is explained. The library is the oracle.
class ParityTest {
    private static final long SEED = Long.getLong("test.seed", 20261121L);
    private static final int WIDEST = 262_144;
    private static final int DECODED = 5;
    /// How many rows of each width a chain gets.
    private static final Map<Integer, Integer> ROWS = new TreeMap<>(Map.ofEntries(
            Map.entry(1, 40), Map.entry(2, 140), Map.entry(3, 200), Map.entry(17, 300), Map.entry(40, 300),
            Map.entry(128, 280), Map.entry(129, 280), Map.entry(300, 280), Map.entry(1_024, 200),
            Map.entry(1_025, 200), Map.entry(2_000, 150), Map.entry(32_000, 22), Map.entry(WIDEST, 4)));

    private static final Map<Integer, float[][]> PLAIN = new TreeMap<>();
    private static final Map<Integer, float[][]> UNPLAIN = new TreeMap<>();
    private static final Tally ALL = new Tally();

    @TempDir
    static Path directory;

    @BeforeAll
    static void makeRows() throws IOException {
        SplittableRandom random = new SplittableRandom(SEED);
        ROWS.forEach((n, count) -> {
            PLAIN.put(n, LogitRows.of(Kind.PLAIN, n == WIDEST ? Kind.PLAIN.size() : count, n, random));
            UNPLAIN.put(n, LogitRows.of(EnumSet.complementOf(EnumSet.copyOf(Kind.PLAIN)), Math.max(count / 40, 2), n,
                    random));
        });
        PLAIN.put(WIDEST, Stream.concat(Arrays.stream(PLAIN.get(WIDEST)), Arrays.stream(decoded()))
                .toArray(float[][]::new));
    }

    /// Rows that llama.cpp made, of a model with random weights.
    private static float[][] decoded() throws IOException {
        float[][] rows = new float[DECODED][];
        Path file = TinyModel.write(directory.resolve("wide.gguf"), WIDEST);
        try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), file);
                LlamaContext context = model.newContext(ContextOptions.DEFAULT.withThreads(1))) {
            for (int i = 0; i < DECODED; i++) {
                context.decode(TinyModel.FIRST_BYTE + i);
                rows[i] = context.logits(-1).toArray(ValueLayout.JAVA_FLOAT);
            }
        }
        return rows;
    }

    static List<String> chains() {
        return Chains.TEXTS;
    }

    @ParameterizedTest
    @MethodSource("chains")
    void theTokensAreThoseOfLlamaCppOrTheDifferenceIsExplained(String text) {
        SamplerChain chain = SamplerChain.parse(text);
        Tally tally = new Tally();
        SplittableRandom random = new SplittableRandom(SEED ^ text.hashCode());
        ROWS.forEach((n, count) -> {
            if (Chains.fits(text, n)) {
                run(chain, n, count, random, tally);
            }
        });
        ALL.add(tally);
        assertThat(String.join("\n", tally.failures())).as("replay with -Dtest.seed=" + SEED).isEmpty();
        assertThat(tally.rows()).isGreaterThanOrEqualTo(2_000);
    }

    private static void run(SamplerChain chain, int n, int count, SplittableRandom random, Tally tally) {
        float[][] plain = PLAIN.get(n);
        float[][] unplain = UNPLAIN.get(n);
        int turn = random.nextInt(plain.length);
        try (Trial trial = new Trial(LlamaRuntime.load(), chain, n, random, tally)) {
            for (int i = 0; i < count; i++) {
                trial.run(plain[(turn + i) % plain.length]);
                if (i % 40 == 1) {
                    trial.runUnplain(unplain[i / 40 % unplain.length]);
                }
            }
        }
    }

    @AfterAll
    static void say() {
        System.out.println("parity: " + ALL + ", seed " + SEED);
    }
}
