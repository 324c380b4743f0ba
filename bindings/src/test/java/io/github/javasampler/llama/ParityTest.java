package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SamplerChain;
import io.github.javasampler.llama.parity.Chains;
import io.github.javasampler.llama.parity.LogitRows;
import io.github.javasampler.llama.parity.LogitRows.Kind;
import io.github.javasampler.llama.parity.Tally;
import io.github.javasampler.llama.parity.Trial;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Law 4: numerics llama.cpp choose llama.cpp's token and keep its survivors on every row; portable numerics choose
/// another one only where that is explained. The library is the oracle.
class ParityTest {
    private static final long SEED = Long.getLong("test.seed", 20261121L);
    /// How many rows of each width a chain gets.
    private static final Map<Integer, Integer> ROWS = new TreeMap<>(Map.ofEntries(
            Map.entry(1, 40), Map.entry(2, 140), Map.entry(3, 200), Map.entry(17, 300), Map.entry(40, 300),
            Map.entry(128, 280), Map.entry(129, 280), Map.entry(300, 280), Map.entry(1_024, 200),
            Map.entry(1_025, 200), Map.entry(2_000, 150), Map.entry(32_000, 22), Map.entry(262_144, 3)));
    private static final int WIDE = 32_000;
    private static final int SHARED_WIDE = 9;

    private static final Map<Integer, float[][]> PLAIN = new TreeMap<>();
    private static final Map<Integer, float[][]> UNPLAIN = new TreeMap<>();
    private static final Tally ALL = new Tally();

    @BeforeAll
    static void makeRows() {
        SplittableRandom random = new SplittableRandom(SEED);
        ROWS.forEach((n, count) -> {
            PLAIN.put(n, LogitRows.of(Kind.PLAIN, n > WIDE ? SHARED_WIDE : count, n, random));
            UNPLAIN.put(n, LogitRows.of(EnumSet.complementOf(EnumSet.copyOf(Kind.PLAIN)), Math.max(count / 40, 2), n,
                    random));
        });
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
