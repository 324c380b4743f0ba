package io.github.javasampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SeededTest
class TraceTest {
    /// Probabilities 0.4, 0.3, 0.2, 0.1.
    private static final MemorySegment ROW = MemorySegment.ofArray(new float[] {
        (float) Math.log(0.4), (float) Math.log(0.3), (float) Math.log(0.2), (float) Math.log(0.1)
    });

    @Test
    void everyStageBeforeThePickerTellsWhatItLeft() {
        SamplerSession session = SamplerChain.parse("top_k=3,top_p=0.7,temp=1,temperature=0.5,seed=1").newSession(4);
        Trace trace = session.explain(ROW);
        assertThat(trace.stages()).extracting(Trace.Stage::name).containsExactly("top-k", "top-p", "?temp", "temp");
        assertThat(trace.stages()).extracting(Trace.Stage::kept).containsExactly(3, 2, 2, 2);
        assertThat(trace.stages().get(0).mass()).isCloseTo(0.9, offset(1e-6));
        assertThat(trace.stages().get(1).mass()).isCloseTo(0.7, offset(1e-6));
        assertThat(trace.stages().get(0).cutLogit()).isCloseTo((float) Math.log(0.2), offset(1e-6f));
        // 4/7 and 3/7, then 16/25 and 9/25.
        assertThat(trace.stages().get(2).entropyBits()).isCloseTo(0.985228, offset(1e-6));
        assertThat(trace.stages().get(3).entropyBits()).isCloseTo(0.942683, offset(1e-6));
        assertThat(trace.fate()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            top_k=3,top_p=0.7,greedy | 0 | | token 0 reached the picker with probability 0.571429
            top_k=3,top_p=0.7,greedy | 3 | top-k | token 3 was cut by top-k: its logit -2.3026 is below -1.6094, \
            the least that is left
            top_k=3,top_p=0.7,greedy | 2 | top-p | token 2 was cut by top-p: its logit -1.6094 is below -1.2040, \
            the least that is left
            xtc=1:0.09:0:1,greedy | 0 | xtc | token 0 was cut by xtc: its logit -0.9163 is above -2.3026, \
            the greatest that is left
            logit_bias=1:-Infinity,greedy | 1 | logit-bias | token 1 was cut by logit-bias: its logit was -1.2040
            """)
    void aTokenIsFollowedToItsEnd(String chain, int token, String cutBy, String reason) {
        Trace.Fate fate = SamplerChain.parse(chain).newSession(4).explain(ROW, token).fate().orElseThrow();
        assertThat(fate.cutBy().orElse(null)).isEqualTo(cutBy);
        assertThat(fate.reason()).isEqualTo(reason);
    }

    @Test
    void explainingDrawsNothingAndChangesNothing(RandomGenerator random) {
        MemorySegment row = Rows.offHeap(Rows.gaussian(random, 400, 2f));
        String text = "penalties=64:1.2,xtc=0.5:0.05:0:3,min_p=0.01,seed=3";
        SamplerSession watched = SamplerChain.parse(text).newSession(400);
        SamplerSession alone = SamplerChain.parse(text).newSession(400);
        for (int i = 0; i < 40; i++) {
            Trace trace = watched.explain(row, i);
            assertThat(watched.explain(row, i)).isEqualTo(trace);
            assertThat(watched.sample(row)).isEqualTo(alone.sample(row));
            assertThat(trace.stages().getLast().kept()).isEqualTo(watched.kept());
        }
    }

    @Test
    void whatCannotBeExplainedSaysWhy() {
        SamplerSession session = SamplerChain.parse("greedy").newSession(4);
        assertThatIllegalArgumentException().isThrownBy(() -> session.explain(ROW, 4))
                .withMessage("token must be in [0, 3], got 4");
        assertThatIllegalArgumentException().isThrownBy(() -> session.explain(MemorySegment.ofArray(new float[3])));
        assertThatExceptionOfType(InvalidLogitsException.class)
                .isThrownBy(() -> session.explain(MemorySegment.ofArray(new float[] {1, Float.NaN, 2, 3})));
    }
}
