package io.github.javasampler.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LookTest {
    private static final int SIZE = 5000;
    private static final float[] LOGITS = new float[SIZE];

    static {
        Random random = new Random(3);
        for (int i = 0; i < SIZE; i++) {
            LOGITS[i] = (float) (3 * random.nextGaussian());
        }
    }

    private static Look.Reply look(String chain, int top, Integer token) {
        return Look.of(MemorySegment.ofArray(LOGITS), Chain.parse(chain), it -> it.newSession(SIZE), top, token,
                id -> new Token(id, "t" + id, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "temperature=5", "top_k=40,top_p=0.9,temperature=0.7", "temperature=0",
            "penalties=64:1.1,top_n_sigma=2,typical=0.9,xtc=1:0.01:0:5", "top_k=0,top_p=1,min_p=0,typical=1"})
    void theProbabilitiesAddUpToOneBeforeAndAfterAChain(String chain) {
        Look.Reply look = look(chain, 20, null);

        assertThat(look.tokens().stream().mapToDouble(Look.Line::raw).sum() + look.tail().raw())
                .isCloseTo(1, within(1e-9));
        assertThat(look.tokens().stream().mapToDouble(Look.Line::after).sum() + look.tail().after())
                .isCloseTo(1, within(1e-9));
        assertThat(look.tokens().size() + look.tail().count()).isEqualTo(SIZE);
        assertThat(look.tokens()).isSortedAccordingTo((a, b) -> Double.compare(b.raw(), a.raw()));
    }

    @Test
    void withoutStagesNothingChanges() {
        Look.Reply look = look("", SIZE, null);

        assertThat(look.stages()).isEmpty();
        assertThat(look.after().kept()).isEqualTo(SIZE);
        assertThat(look.after().entropyBits()).isEqualTo(look.raw().entropyBits());
        assertThat(look.tokens()).allSatisfy(line -> assertThat(line.after()).isCloseTo(line.raw(), within(1e-6)));
    }

    @Test
    void theFunnelSaysWhatEachStageLeaves() {
        Look.Reply look = look("top_k=40,top_p=0.5", 40, null);

        assertThat(look.stages()).extracting(Look.Stage::name).containsExactly("top-k", "top-p");
        Look.Stage topK = look.stages().getFirst();
        assertThat(topK.kept()).isEqualTo(40);
        assertThat(topK.mass()).isCloseTo(look.tokens().stream().mapToDouble(Look.Line::raw).sum(), within(1e-9));
        assertThat(topK.cutRaw()).isEqualTo(look.tokens().getLast().raw());
        assertThat(topK.cutLogit()).isEqualTo(look.tokens().getLast().logit());
        assertThat(look.stages().getLast().kept()).isEqualTo(look.after().kept());
    }

    @Test
    void theFateNamesTheStageThatCut() {
        int tenth = look("", 10, null).tokens().get(9).id();

        Look.Reply look = look("top_k=40,top_p=0.9999,min_p=0.9,temperature=0.8", 10, tenth);

        assertThat(look.fate().cutBy()).isEqualTo("min-p");
        assertThat(look.fate().stage()).isEqualTo(2);
        assertThat(look.fate().text()).isEqualTo("t" + tenth);
        assertThat(look.fate().reason()).contains("min-p");
        assertThat(look.token().rank()).isEqualTo(10);
        assertThat(look.token().after()).isZero();
    }

    @Test
    void aTokenThatReachesThePickerIsCutByNone() {
        int best = look("", 1, null).tokens().getFirst().id();

        Look.Reply look = look("top_k=40", 10, best);

        assertThat(look.fate().cutBy()).isNull();
        assertThat(look.fate().stage()).isEqualTo(-1);
        assertThat(look.token().rank()).isEqualTo(1);
        assertThat(look.token().after()).isGreaterThan(look.token().raw());
    }

    @Test
    void temperatureZeroIsGreedy() {
        Look.Reply look = look("temperature=0", 3, null);

        assertThat(look.greedy()).isTrue();
        assertThat(look.after().kept()).isEqualTo(1);
        assertThat(look.after().entropyBits()).isZero();
        assertThat(look.tokens()).extracting(Look.Line::after).containsExactly(1.0, 0.0, 0.0);
    }
}
