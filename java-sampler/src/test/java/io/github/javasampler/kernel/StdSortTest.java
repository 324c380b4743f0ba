package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SeededTest;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Known orders are those of llama.cpp 0.5.0 on x86-64, seen through its samplers.
@SeededTest
class StdSortTest {
    @Test
    void theBestFiveOfTwentyEqualsStandAsTheHeapLeavesThem() {
        long[] keys = keys(new float[20]);
        StdSort.partialSort(keys, 0, 5, 20);
        assertThat(ids(keys, 5)).containsExactly(3, 4, 1, 0, 2);
    }

    @Test
    void theBestTwelveOfFortyInFoursStandAsTheHeapLeavesThem() {
        float[] logits = new float[40];
        for (int i = 0; i < 40; i++) {
            logits[i] = i / 4;
        }
        long[] keys = keys(logits);
        StdSort.partialSort(keys, 0, 12, 40);
        assertThat(ids(keys, 12)).containsExactly(38, 37, 39, 36, 33, 34, 32, 35, 29, 30, 28, 31);
    }

    @Test
    void twentyEqualsStandAsHeapSortLeavesThem() {
        long[] keys = keys(new float[20]);
        StdSort.partialSort(keys, 0, 20, 20);
        assertThat(ids(keys, 18)).containsExactly(18, 10, 4, 16, 12, 8, 19, 1, 11, 5, 15, 13, 7, 17, 3, 9, 0, 2);
    }

    @Test
    void aHeapFedOneByOneIsAPartialSort(RandomGenerator random) {
        for (int n : new int[] {1, 2, 3, 10, 129, 1_000}) {
            long[] keys = keys(levels(random, n));
            int middle = random.nextInt(n) + 1;
            long[] heap = Arrays.copyOf(keys, middle);
            StdSort.makeHeap(heap, 0, middle);
            for (int i = middle; i < n; i++) {
                if (Keys.isAbove(keys[i], heap[0])) {
                    StdSort.replaceWorst(heap, 0, middle, keys[i]);
                }
            }
            StdSort.sortHeap(heap, 0, middle);
            StdSort.partialSort(keys, 0, middle, n);
            assertThat(heap).isEqualTo(Arrays.copyOf(keys, middle));
        }
    }

    @Test
    void sortingLeavesTheSameKeysTheBestFirst(RandomGenerator random) {
        for (int n : new int[] {0, 1, 2, 15, 16, 17, 18, 100, 5_000}) {
            float[] logits = levels(random, n);
            isSorted(keys(logits), logits);
            Arrays.sort(logits);
            isSorted(keys(logits), logits);
            for (int i = 0; i < n; i++) {
                // The worst case of a median of three, so that the depth limit is reached.
                logits[i] = i % 2 == 0 ? i : n - i;
            }
            isSorted(keys(logits), logits);
        }
    }

    @Test
    void whatLiesOutsideTheRangeStays() {
        long[] keys = keys(new float[] {1, 2, 3, 4, 5, 6});
        StdSort.sort(keys, 1, 5);
        assertThat(ids(keys, 6)).containsExactly(0, 4, 3, 2, 1, 5);
    }

    private static void isSorted(long[] keys, float[] logits) {
        StdSort.sort(keys, 0, keys.length);
        assertThat(ids(keys, keys.length)).doesNotHaveDuplicates();
        for (int i = 0; i < keys.length; i++) {
            assertThat(Keys.logit(keys[i])).isEqualTo(logits[Keys.id(keys[i])]);
            assertThat(i > 0 && Keys.isAbove(keys[i], keys[i - 1])).isFalse();
        }
    }

    private static float[] levels(RandomGenerator random, int n) {
        float[] logits = new float[n];
        for (int i = 0; i < n; i++) {
            logits[i] = random.nextInt(n / 3 + 1);
        }
        return logits;
    }

    static long[] keys(float[] logits) {
        return IntStream.range(0, logits.length).mapToLong(i -> Keys.of(logits[i], i)).toArray();
    }

    static int[] ids(long[] keys, int count) {
        return Arrays.stream(keys, 0, count).mapToInt(Keys::id).toArray();
    }
}
