package io.github.javasampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.offset;

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
class MeasuresTest {
    /// In doubles. A sum of n terms of one sign is off by at most n * 2^-53 of itself: 3e-11 for 262,144. The mean
    /// square of the distances to the best is at most 44^2 bits squared where anything weighs, and a difference of two
    /// such doubles that: 1.2e-7. Entropies stay below.
    private static final double TOLERANCE = 2e-7;
    /// Of a row's weights each is off by 2^-23 of itself and half a unit of 2^-40. So the entropy in bits is off by
    /// 2^-22 (H + log2 e) and by 44 n 2^-41, together at most 1e-5 for 262,144 tokens.
    private static final double ROW_TOLERANCE = 1e-5;
    /// The second moment is a sum of 64 floats in a lane: off by 64 * 2^-24 of itself and by what its terms are, twice.
    private static final double SQUARE_TOLERANCE = 1e-5;
    /// That of log probabilities.
    private static final double LOG_TOLERANCE = 1e-6;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 9, 1_000, 32_000, 262_144})
    void ofARowTheyAreThoseOfTheFormulas(int n, RandomGenerator random) {
        SamplerSession session = SamplerChain.parse("greedy").newSession(n);
        for (float[] logits : rows(random, n)) {
            double[] exact = IntStream.range(0, n).mapToDouble(i -> logits[i]).toArray();
            MemorySegment row = Rows.offHeap(logits);
            Measures measures = session.measures(row, 20);
            double[] probabilities = Softmax.probabilities(exact);
            double max = Arrays.stream(exact).max().orElseThrow();
            double square = IntStream.range(0, n).filter(i -> probabilities[i] > 0)
                    .mapToDouble(i -> probabilities[i] * StrictMath.pow((exact[i] - max) / StrictMath.log(2), 2)).sum();
            assertThat(measures.entropyBits()).isCloseTo(Softmax.entropyBits(exact), offset(ROW_TOLERANCE));
            assertThat(measures.varentropyBits()).isCloseTo(Softmax.varentropyBits(exact),
                    offset(SQUARE_TOLERANCE * square + n * 0x1p-30));
            assertThat(measures.effectiveVocabulary()).isEqualTo(StrictMath.pow(2, measures.entropyBits()));
            assertThat(measures.top()).isEqualTo(session.logprobs(row, 20).top());
            for (Logprob best : measures.top()) {
                assertThat(best.probability()).isCloseTo(probabilities[best.id()], offset(LOG_TOLERANCE));
            }
        }
    }

    /// The hard cases: one token alone, one peak that weighs about as much as all the rest, logits far apart.
    private static List<float[]> rows(RandomGenerator random, int n) {
        float[] alone = new float[n];
        Arrays.fill(alone, Float.NEGATIVE_INFINITY);
        alone[n / 2] = -7;
        float[] far = Rows.gaussian(random, n, 200f);
        far[n - 1] = 1e30f;
        float[] holes = Rows.modelLike(random, n);
        for (int id = 1; id < n; id += 2) {
            holes[id] = Float.NEGATIVE_INFINITY;
        }
        return List.of(Rows.modelLike(random, n), Rows.gaussian(random, n, 0.5f), Rows.gaussian(random, n, 30f),
                Rows.tied(random, n), new float[n], alone, far, holes, peak(n, 8), peak(n, 12.5f), peak(n, 20),
                peak(n, 29.9f));
    }

    private static float[] peak(int n, float height) {
        float[] logits = new float[n];
        logits[n / 3] = height;
        return logits;
    }

    @Test
    void equalTokensHaveTheEntropyOfTheirNumberAndNoVarentropy() {
        SamplerSession session = SamplerChain.parse("greedy").newSession(8);
        float no = Float.NEGATIVE_INFINITY;
        Measures measures = session.measures(Rows.offHeap(5, no, 5, 5, no, 5, no, no), 2);
        assertThat(measures.entropyBits()).isCloseTo(2, offset(1e-15));
        assertThat(measures.varentropyBits()).isZero();
        assertThat(measures.effectiveVocabulary()).isCloseTo(4, offset(1e-14));
        assertThat(measures.top()).extracting(Logprob::id).containsExactly(0, 2);
        assertThat(measures.top().getFirst().probability()).isCloseTo(0.25, offset(1e-15));
    }

    @Test
    void theVarentropyOfTwoTokensIsThatOfTheClosedForm() {
        // Of p and q = 1 - p it is p q (log2(p / q))^2.
        SamplerSession session = SamplerChain.parse("greedy").newSession(2);
        for (float distance : new float[] {0, 0.5f, 2, 7}) {
            double q = 1 / (1 + StrictMath.exp(distance));
            double bits = distance / StrictMath.log(2);
            assertThat(session.measures(Rows.offHeap(3, 3 - distance), 0).varentropyBits())
                    .isCloseTo((1 - q) * q * bits * bits, offset(0x1p-21 * bits * bits));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42", "temperature=1.5,seed=1", "greedy",
        "top_n_sigma=1,seed=2", "logit_bias=3:-Infinity;5:4,penalties=8:1.2,temperature=0.7,seed=3",
        "mirostat_v2=4:0.1:7", "adaptive_p=0.3:0.9:8", "typical=0.5,seed=4", "temperature=0,seed=5"
    })
    void afterTheChainTheyAreThoseOfTheSurvivors(String text, RandomGenerator random) {
        for (int n : new int[] {10, 700, 5_000}) {
            SamplerSession session = SamplerChain.parse(text).newSession(n);
            for (int i = 0; i < 6; i++) {
                session.sample(Rows.offHeap(i % 2 == 0 ? Rows.modelLike(random, n) : Rows.tied(random, n)));
                Measures measures = session.survivorMeasures(25);
                assertThat(session.survivorMeasures(25)).isEqualTo(measures);
                assertThat(measures.top()).isEqualTo(session.survivorLogprobs(25).top());
                double[] logits = session.survivors(-1).stream().mapToDouble(Candidate::logit).toArray();
                assertThat(measures.entropyBits()).isCloseTo(Softmax.entropyBits(logits), offset(TOLERANCE));
                assertThat(measures.varentropyBits()).isCloseTo(Softmax.varentropyBits(logits), offset(TOLERANCE));
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
            for (int i = 0; i < 10; i++) {
                assertThat(asked.sample(row)).isEqualTo(left.sample(row));
                byte[] state = asked.save();
                asked.measures(other, 5);
                asked.survivorMeasures(5);
                assertThat(asked.save()).isEqualTo(state);
                assertThat(asked.survivors(-1)).isEqualTo(left.survivors(-1));
            }
        }
    }

    /// Rows that only numerics like llama.cpp's take.
    @Test
    void infiniteLogitsShareAllAndWithoutAnyThereIsNothingToMeasure() {
        Candidates candidates = new ExactCandidates(4, new StrictFloatMath());
        float no = Float.NEGATIVE_INFINITY;
        candidates.begin(Rows.offHeap(Float.POSITIVE_INFINITY, 1, Float.POSITIVE_INFINITY, no), 0);
        Measures measures = Measures.of(candidates, 1);
        assertThat(measures.entropyBits()).isEqualTo(1);
        assertThat(measures.varentropyBits()).isZero();
        candidates.begin(Rows.offHeap(no, no, no, no), 0);
        assertThat(Measures.of(candidates, 4)).isEqualTo(new Measures(0, 0, List.of()));
    }

    @Test
    void whatCannotBeAskedIsAnError() {
        SamplerSession session = SamplerChain.parse("seed=1").newSession(4);
        MemorySegment row = Rows.offHeap(1, 2, 3, 4);
        assertThatIllegalStateException().isThrownBy(() -> session.survivorMeasures(1))
                .withMessageContaining("call sample or draw first");
        assertThatIllegalArgumentException().isThrownBy(() -> session.measures(row, -1))
                .withMessage("top must be at least 0, got -1");
        assertThatIllegalArgumentException().isThrownBy(() -> session.measures(Rows.offHeap(1, 2), 1))
                .withMessage("a row must hold 4 floats (16 bytes), got 8 bytes");
        assertThatExceptionOfType(InvalidLogitsException.class)
                .isThrownBy(() -> session.measures(Rows.offHeap(1, Float.NaN, 3, 4), 1));
        session.sample(row);
        assertThat(session.survivorMeasures(4).top()).hasSize(4);
    }
}
