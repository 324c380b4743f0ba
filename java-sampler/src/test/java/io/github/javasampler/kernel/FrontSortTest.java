package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SeededTest;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// [StdSort#sort] is the oracle.
@SeededTest
class FrontSortTest {
    private final FrontSort sort = new FrontSort();

    @Test
    void theFrontStandsAsAFullSortLeavesIt(RandomGenerator random) {
        for (int n : new int[] {1, 2, 16, 17, 18, 100, 5_000}) {
            for (int levels : new int[] {1, 3, n, 10 * n}) {
                float[] logits = new float[n];
                for (int i = 0; i < n; i++) {
                    logits[i] = random.nextInt(levels);
                }
                check(logits, random);
            }
        }
    }

    @Test
    void soItDoesWhereHeapSortTakesOver(RandomGenerator random) {
        // A killer of medians of three: again and again the pivot is the next to the worst.
        int half = 2_500;
        float[] logits = new float[2 * half];
        for (int i = 0; i < half; i++) {
            logits[i] = i % 2 == 0 ? i + 1 : half + i;
            logits[half + i] = 2 * (i + 1);
        }
        check(logits, random);
        for (int i = 0; i < logits.length; i++) {
            // With ties, so that it matters which sort it was.
            logits[i] = (int) logits[i] / 4;
        }
        check(logits, random);
    }

    @Test
    void ofNothingNothingIsSorted() {
        sort.begin(new long[0], 0);
        assertThat(sort.sortTo(0)).isZero();
    }

    private void check(float[] logits, RandomGenerator random) {
        long[] expected = StdSortTest.keys(logits);
        StdSort.sort(expected, 0, expected.length);
        long[] keys = StdSortTest.keys(logits);
        sort.begin(keys, keys.length);
        for (int asked = 0; asked < keys.length;) {
            asked += 1 + random.nextInt(keys.length - asked);
            int sorted = sort.sortTo(asked);
            assertThat(sorted).isBetween(asked, keys.length);
            assertThat(Arrays.copyOf(keys, sorted)).isEqualTo(Arrays.copyOf(expected, sorted));
        }
        assertThat(keys).isEqualTo(expected);
    }
}
