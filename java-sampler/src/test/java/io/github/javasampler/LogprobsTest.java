package io.github.javasampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.offset;

import io.github.javasampler.kernel.Keys;
import io.github.javasampler.measure.Softmax;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SeededTest
class LogprobsTest {
    private static final double TOLERANCE = 1e-6;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 9, 1_000, 32_000, 262_144})
    void everyTokensLogprobIsThatOfTheFormula(int n, RandomGenerator random) {
        SamplerSession session = SamplerChain.parse("greedy").newSession(n);
        int[] ids = IntStream.range(0, n).toArray();
        for (float[] logits : rows(random, n)) {
            double[] expected = Softmax.logProbabilities(doubles(logits));
            Logprobs logprobs = session.logprobs(Rows.offHeap(logits), 20, ids);
            double worst = 0;
            for (int id : ids) {
                Logprob asked = logprobs.asked().get(id);
                double error = asked.logprob() == expected[id] ? 0 : Math.abs(asked.logprob() - expected[id]);
                worst = Math.max(worst, asked.id() == id ? error : Double.NaN);
            }
            assertThat(worst).isLessThan(TOLERANCE);
            assertThat(logprobs.top()).isEqualTo(Arrays.stream(ids)
                    .filter(id -> logits[id] > Float.NEGATIVE_INFINITY).mapToLong(id -> Keys.of(logits[id], id))
                    .sorted().limit(20).mapToObj(key -> logprobs.asked().get(Keys.id(key))).toList());
        }
    }

    /// The hard cases are one peak over many equal logits: every rounding goes the same way.
    private static List<float[]> rows(RandomGenerator random, int n) {
        float[] alone = new float[n];
        Arrays.fill(alone, Float.NEGATIVE_INFINITY);
        alone[n / 2] = -7;
        float[] far = Rows.gaussian(random, n, 200f);
        far[n - 1] = 1e30f;
        float[] ascending = new float[n];
        for (int id = 0; id < n; id++) {
            ascending[id] = 0.001f * id;
        }
        return List.of(Rows.modelLike(random, n), Rows.gaussian(random, n, 0.5f), Rows.gaussian(random, n, 30f),
                Rows.tied(random, n), new float[n], alone, far, ascending, peak(n, 8.0000001f, 0), peak(n, 12.3f, 0.1f),
                peak(n, 12.5f, -3.7f), peak(n, 15.99f, 0.33f), peak(n, 20, 0), peak(n, 24.6f, 0), peak(n, 29.9f, 1.7f),
                peak(n, 31, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"xtc=1:0.1:0:1", "temperature=0.7,xtc=1:0.1:0:1", "xtc=1:0.1:0:1,temperature=2",
            "top_k=50,xtc=1:0.1:0:1"})
    void survivorsAddUpToOneWhenTheBestAreGone(String stages, RandomGenerator random) {
        float[] logits = Rows.gaussian(random, 1_000, 0.5f);
        logits[700] = 9;
        logits[20] = 8.5f;
        logits[400] = 8;
        SamplerSession session = SamplerChain.parse(stages + ",greedy").newSession(logits.length);

        assertThat(session.sample(Rows.offHeap(logits))).isEqualTo(400);

        Logprobs logprobs = session.survivorLogprobs(logits.length, 400, 20);
        assertThat(logprobs.top().stream().mapToDouble(Logprob::probability).sum()).isCloseTo(1, offset(TOLERANCE));
        assertThat(logprobs.asked().getFirst()).isEqualTo(logprobs.top().getFirst());
        assertThat(logprobs.asked().getLast().probability()).isZero();
    }

    private static float[] peak(int n, float height, float base) {
        float[] logits = new float[n];
        Arrays.fill(logits, base);
        logits[n / 3] = base + height;
        return logits;
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42", "temperature=1.5,seed=1", "greedy",
        "top_n_sigma=1,seed=2", "logit_bias=3:-Infinity;5:4,penalties=8:1.2,temperature=0.7,seed=3",
        "mirostat_v2=4:0.1:7", "adaptive_p=0.3:0.9:8", "typical=0.5,seed=4"
    })
    void afterTheChainTheyAreThoseOfTheSurvivors(String text, RandomGenerator random) {
        for (int n : new int[] {10, 700, 5_000}) {
            SamplerSession session = SamplerChain.parse(text).newSession(n);
            int[] ids = IntStream.range(0, n).toArray();
            for (int i = 0; i < 6; i++) {
                session.sample(Rows.offHeap(i % 2 == 0 ? Rows.modelLike(random, n) : Rows.tied(random, n)));
                Logprobs logprobs = session.survivorLogprobs(25, ids);
                assertThat(session.survivorLogprobs(25, ids)).isEqualTo(logprobs);
                List<Candidate> survivors = session.survivors(-1);
                double[] expected = new double[n];
                Arrays.fill(expected, Double.NEGATIVE_INFINITY);
                double[] ofSurvivors = Softmax.logProbabilities(
                        survivors.stream().mapToDouble(Candidate::logit).toArray());
                for (int s = 0; s < survivors.size(); s++) {
                    expected[survivors.get(s).id()] = ofSurvivors[s];
                }
                assertThat(logprobs.asked().stream().mapToDouble(Logprob::logprob).toArray())
                        .containsExactly(expected, offset(TOLERANCE));
                assertThat(logprobs.top()).isEqualTo(survivors.stream().limit(25)
                        .map(survivor -> logprobs.asked().get(survivor.id())).toList());
            }
        }
    }

    @Test
    void askingDrawsNothingAndLeavesTheLastSamplesSurvivors(RandomGenerator random) {
        MemorySegment row = Rows.offHeap(Rows.modelLike(random, 1_000));
        MemorySegment other = Rows.offHeap(Rows.modelLike(random, 1_000));
        for (String text : new String[] {"temperature=1.5,seed=1", "top_k=40,temperature=0.8,seed=2"}) {
            SamplerSession asked = SamplerChain.parse(text).newSession(1_000);
            SamplerSession left = asked.fork();
            for (int i = 0; i < 20; i++) {
                int token = asked.sample(row);
                byte[] state = asked.save();
                asked.logprobs(other, 5, token);
                asked.survivorLogprobs(5, token);
                assertThat(asked.save()).isEqualTo(state);
                assertThat(token).isEqualTo(left.sample(row));
                assertThat(asked.kept()).isEqualTo(left.kept());
                assertThat(asked.survivors(-1)).isEqualTo(left.survivors(-1));
            }
        }
    }

    @Test
    void tokensAreGivenInTheOrderAskedAndTiesById() {
        SamplerSession session = SamplerChain.parse("top_k=2,seed=1").newSession(4);
        MemorySegment row = Rows.offHeap(0f, 1f, -0f, 1f);
        session.sample(row);
        assertThat(session.logprobs(row, 9).top()).extracting(Logprob::id).containsExactly(1, 3, 0, 2);
        assertThat(session.logprobs(row, 0, 2, 2, 1).asked()).extracting(Logprob::id).containsExactly(2, 2, 1);
        assertThat(session.logprobs(row, 0).top()).isEmpty();
        double half = StrictMath.log(0.5);
        assertThat(session.survivorLogprobs(9, 0, 3)).isEqualTo(new Logprobs(
                List.of(new Logprob(1, half), new Logprob(3, half)),
                List.of(new Logprob(0, Double.NEGATIVE_INFINITY), new Logprob(3, half))));
    }

    /// Rows that only numerics like llama.cpp's take.
    @Test
    void infiniteLogitsShareAllAndBannedOnesHaveNothing() {
        Candidates candidates = new ExactCandidates(4, new StrictFloatMath());
        candidates.begin(Rows.offHeap(Float.POSITIVE_INFINITY, 1, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY), 0);
        double half = StrictMath.log(0.5);
        assertThat(Logprobs.of(candidates, 4, 1)).isEqualTo(new Logprobs(
                List.of(new Logprob(0, half), new Logprob(2, half), new Logprob(1, Double.NEGATIVE_INFINITY)),
                List.of(new Logprob(1, Double.NEGATIVE_INFINITY))));
        candidates.begin(Rows.offHeap(Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY,
                Float.NEGATIVE_INFINITY), 0);
        assertThat(Logprobs.of(candidates, 4, 1)).isEqualTo(
                new Logprobs(List.of(), List.of(new Logprob(1, Double.NEGATIVE_INFINITY))));
    }

    @Test
    void whatCannotBeAskedIsAnError() {
        SamplerSession session = SamplerChain.parse("seed=1").newSession(4);
        MemorySegment row = Rows.offHeap(1, 2, 3, 4);
        assertThatIllegalStateException().isThrownBy(() -> session.survivorLogprobs(1))
                .withMessage("a row must have been sampled before its survivors have probabilities, got none yet; call "
                        + "sample or draw first");
        session.sample(row);
        assertThatIllegalArgumentException().isThrownBy(() -> session.logprobs(row, -1))
                .withMessage("top must be at least 0, got -1");
        for (int id : new int[] {-1, 4}) {
            assertThatIllegalArgumentException().isThrownBy(() -> session.logprobs(row, 1, id))
                    .withMessage("a token must be in [0, 3], got " + id);
            assertThatIllegalArgumentException().isThrownBy(() -> session.survivorLogprobs(1, id));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> session.logprobs(Rows.offHeap(1, 2), 1))
                .withMessage("a row must hold 4 floats (16 bytes), got 8 bytes");
        assertThatExceptionOfType(InvalidLogitsException.class)
                .isThrownBy(() -> session.logprobs(Rows.offHeap(1, Float.NaN, 3, 4), 1));
        assertThat(session.survivorLogprobs(4).top()).hasSize(4);
    }

    private static double[] doubles(float[] logits) {
        return IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).toArray();
    }
}
