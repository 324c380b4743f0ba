package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SeededTest;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// Known orders are those of llama.cpp 0.5.0 on x86-64, seen through its top-k.
@SeededTest
class BucketSortTest {
    @Test
    void equalsStandAsTheBucketsSortLeavesThem() {
        assertThat(StdSortTest.ids(best(new float[200], 129), 10))
                .containsExactly(78, 94, 46, 70, 110, 38, 86, 22, 102, 54);
    }

    @Test
    void whatFitsNoBucketIsTheWorst() {
        float[] logits = new float[300];
        logits[7] = Float.POSITIVE_INFINITY;
        logits[8] = 1e30f;
        assertThat(StdSortTest.ids(best(logits, 200), 200)).doesNotContain(7, 8);
        logits[8] = 1e8f;
        assertThat(StdSortTest.ids(best(logits, 200), 200)).doesNotContain(7).startsWith(8);
    }

    @Test
    void theBestComeFirst(RandomGenerator random) {
        BucketSort sort = new BucketSort();
        for (int n : new int[] {1, 2, 129, 1_000, 4_000}) {
            float[] logits = new float[n];
            for (int i = 0; i < n; i++) {
                // Also beyond the buckets on both sides.
                logits[i] = random.nextInt(10) == 0 ? Float.NEGATIVE_INFINITY : (float) random.nextGaussian(0, 8);
            }
            long[] keys = StdSortTest.keys(logits);
            int count = random.nextInt(n) + 1;
            long[] expected = StdSortTest.keys(logits);
            StdSort.sort(expected, 0, n);
            long[] sorted = new long[n];
            sort.sort(keys, n, count, sorted);
            assertThat(StdSortTest.ids(sorted, count)).doesNotHaveDuplicates();
            for (int i = 0; i < count; i++) {
                assertThat(Keys.logit(sorted[i])).isEqualTo(Keys.logit(expected[i]))
                        .isEqualTo(logits[Keys.id(sorted[i])]);
            }
        }
    }

    private static long[] best(float[] logits, int count) {
        long[] sorted = new long[logits.length];
        new BucketSort().sort(StdSortTest.keys(logits), logits.length, count, sorted);
        return sorted;
    }
}
