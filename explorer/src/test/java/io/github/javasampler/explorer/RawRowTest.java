package io.github.javasampler.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.javasampler.measure.Softmax;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RawRowTest {
    private static final float[] LOGITS = {1, 3, Float.NEGATIVE_INFINITY, 3, 2};

    private final RawRow row = new RawRow(MemorySegment.ofArray(LOGITS));

    @Test
    void theBestComeInDescendingOrderOfEqualOnesTheLowerIdFirst() {
        assertThat(row.best(3)).containsExactly(1, 3, 4);
        assertThat(row.best(9)).containsExactly(1, 3, 4, 0, 2);
    }

    @Test
    void aRankCountsFromOne() {
        assertThat(IntStream.range(0, LOGITS.length).map(row::rank)).containsExactly(4, 1, 5, 2, 3);
    }

    @Test
    void theEntropyIsThatOfTheSoftmax() {
        double[] logits = {1, 3, Double.NEGATIVE_INFINITY, 3, 2};

        assertThat(row.entropyBits()).isCloseTo(Softmax.entropyBits(logits), within(1e-12));
    }

    @Test
    void theBestOfManyAreThoseOfASort() {
        double[] values = new Random(7).doubles(5000).map(x -> Math.rint(x * 1000)).toArray();
        int[] sorted = IntStream.range(0, values.length).boxed()
                .sorted(Comparator.comparingDouble((Integer id) -> values[id]).reversed()
                        .thenComparing(Comparator.naturalOrder()))
                .mapToInt(Integer::intValue).toArray();

        assertThat(RawRow.best(values, 100)).isEqualTo(Arrays.copyOf(sorted, 100));
    }
}
