package io.github.javasampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// A session that samples from what somebody else has left of a row, in an order of their own.
@SeededTest
class NarrowedCandidatesTest {
    private static final String DEFAULT = "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42";
    private static final int SIZE = 1_000;

    @Test
    void theBestOfARowInAnyOrderGiveTheTokensOfTheRow(RandomGenerator random) {
        SamplerSession ofRow = SamplerChain.parse(DEFAULT).newSession(SIZE);
        SamplerSession ofSome = SamplerChain.parse(DEFAULT).newSession(SIZE);
        for (int i = 0; i < 50; i++) {
            float[] row = Rows.modelLike(random, SIZE);
            List<Integer> order = best(row, 40 + random.nextInt(SIZE - 40));
            Collections.shuffle(order, new Random(random.nextLong()));
            try (Arena arena = Arena.ofConfined()) {
                assertThat(ofSome.sample(ids(order, arena), logits(order, row, arena)))
                        .isEqualTo(ofRow.sample(MemorySegment.ofArray(row)));
            }
            assertThat(ofSome.survivors(-1)).isEqualTo(ofRow.survivors(-1));
        }
    }

    @Test
    void theTokenIsAcceptedByEveryStage() {
        SamplerSession session = SamplerChain.parse("penalties=8:1:100:0,greedy").newSession(SIZE);
        float[] row = new float[SIZE];
        row[7] = 3;
        row[900] = 2;
        List<Integer> order = List.of(900, 5, 7);
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            tokens.add(session.sample(ids(order, Arena.ofAuto()), logits(order, row, Arena.ofAuto())));
        }
        assertThat(tokens).containsExactly(7, 900, 5);
    }

    @Test
    void idsAndLogitsThatDoNotFitEachOtherOrTheVocabularyAreRefusedAndTheSessionGoesOn() {
        SamplerSession session = SamplerChain.parse("greedy").newSession(3);
        for (int[] counts : new int[][] {{0, 0}, {2, 1}, {1, 2}, {4, 4}}) {
            assertThatIllegalArgumentException().isThrownBy(() -> session.sample(
                    MemorySegment.ofArray(new int[counts[0]]), MemorySegment.ofArray(new float[counts[1]])))
                    .withMessageContaining("as many ids as logits").withMessageContaining("got " + 4 * counts[0]);
        }
        for (int id : new int[] {-1, 3}) {
            assertThatIllegalArgumentException().isThrownBy(() -> session.sample(
                    MemorySegment.ofArray(new int[] {1, id}), MemorySegment.ofArray(new float[2])))
                    .withMessageContaining("got " + id);
        }
        assertThatExceptionOfType(InvalidLogitsException.class).isThrownBy(() -> session.sample(
                MemorySegment.ofArray(new int[] {1, 2}), MemorySegment.ofArray(new float[] {1, Float.NaN})));
        assertThat(session.sample(MemorySegment.ofArray(new int[] {2, 0}), MemorySegment.ofArray(new float[] {1, 0})))
                .isEqualTo(2);
    }

    @Test
    void candidatesWhoseMemoryIsGoneThrow() {
        SamplerSession session = SamplerChain.parse("greedy").newSession(3);
        Arena arena = Arena.ofConfined();
        MemorySegment ids = arena.allocateFrom(ValueLayout.JAVA_INT, 2, 1);
        MemorySegment logits = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0, 1);
        assertThat(session.sample(ids, logits)).isEqualTo(1);
        arena.close();
        assertThatIllegalStateException().isThrownBy(() -> session.sample(ids, logits));
    }

    @Test
    void samplingAllocatesNothing(RandomGenerator random) {
        float[] row = Rows.modelLike(random, SIZE);
        List<Integer> order = best(row, 100);
        MemorySegment ids = ids(order, Arena.ofAuto());
        MemorySegment logits = logits(order, row, Arena.ofAuto());
        SamplerSession session = SamplerChain.parse(DEFAULT).newSession(SIZE);
        ThreadMXBean meter = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        // Code that is compiled meanwhile allocates a little; once there must be a round without.
        for (int round = 0; round < 20 && least > 0; round++) {
            long before = meter.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 2_000; i++) {
                session.sample(ids, logits);
            }
            least = Math.min(least, meter.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isZero();
    }

    private static List<Integer> best(float[] row, int count) {
        List<Integer> ids = new ArrayList<>();
        for (int id = 0; id < row.length; id++) {
            ids.add(id);
        }
        ids.sort((a, b) -> Float.compare(row[b], row[a]));
        return new ArrayList<>(ids.subList(0, count));
    }

    private static MemorySegment ids(List<Integer> order, Arena arena) {
        return arena.allocateFrom(ValueLayout.JAVA_INT, order.stream().mapToInt(Integer::intValue).toArray());
    }

    private static MemorySegment logits(List<Integer> order, float[] row, Arena arena) {
        MemorySegment logits = arena.allocate(ValueLayout.JAVA_FLOAT, order.size());
        for (int i = 0; i < order.size(); i++) {
            logits.setAtIndex(ValueLayout.JAVA_FLOAT, i, row[order.get(i)]);
        }
        return logits;
    }
}
