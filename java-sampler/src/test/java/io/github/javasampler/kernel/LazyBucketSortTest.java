package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SeededTest;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// [BucketSort] is the oracle.
@SeededTest
class LazyBucketSortTest {
    private final LazyBucketSort sort = new LazyBucketSort();

    @Test
    void logitsAndIdsStandAsTheBucketSortLeavesThem(RandomGenerator random) {
        for (int n : new int[] {1, 2, 129, 1_000, 5_000, 3_000}) {
            for (float step : new float[] {0, 4, 0.25f, 0.001f}) {
                float[] logits = new float[n];
                for (int i = 0; i < n; i++) {
                    float logit = (float) random.nextGaussian(0, 8);
                    logits[i] = random.nextInt(10) == 0 ? Float.NEGATIVE_INFINITY
                            : step == 0 ? logit : Math.round(logit / step) * step;
                }
                check(logits, random);
            }
        }
    }

    @Test
    void digitsThatAllShareAreNoMatter(RandomGenerator random) {
        check(new float[2_000], random);
        float[] logits = new float[2_000];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = Float.intBitsToFloat(Float.floatToRawIntBits(1) + random.nextInt(1_500));
        }
        check(logits, random);
    }

    @Test
    void equalsKeepTheirOrderUntilSomebodyAsks() {
        long[] keys = StdSortTest.keys(new float[200]);
        assertThat(sort.sort(keys, keys.length)).isTrue();
        assertThat(keys).isEqualTo(StdSortTest.keys(new float[200]));
    }

    @Test
    void whatFitsNoBucketIsLeftToOthers() {
        float[] logits = new float[300];
        logits[7] = Float.POSITIVE_INFINITY;
        long[] keys = StdSortTest.keys(logits);
        assertThat(sort.sort(keys, keys.length)).isFalse();
        assertThat(keys).isEqualTo(StdSortTest.keys(logits));
    }

    @Test
    void whatIsCutAtEitherEndIsWhatTheBucketSortHasThere(RandomGenerator random) {
        int n = 5_000;
        for (int levels : new int[] {1, 10, 1_000}) {
            for (int turn = 0; turn < 20; turn++) {
                float[] logits = new float[n];
                for (int i = 0; i < n; i++) {
                    logits[i] = 16f * random.nextInt(levels) / levels - 8;
                }
                long[] expected = sorted(logits);
                long[] keys = StdSortTest.keys(logits);
                sort.sort(keys, n);
                int end = 1 + random.nextInt(n);
                int first = random.nextInt(end);
                sort.settleBorder(keys, n, end);
                sort.settleBorder(keys, end, first);
                System.arraycopy(keys, first, keys, 0, end - first);
                sort.dropFirst(first);
                int[] ids = Arrays.copyOfRange(StdSortTest.ids(expected, n), first, end);
                assertThat(StdSortTest.ids(keys, ids.length)).containsExactlyInAnyOrder(ids);
                int place = random.nextInt(ids.length);
                assertThat(sort.id(keys, ids.length, place)).isEqualTo(ids[place]);
                sort.settle(keys, ids.length);
                assertThat(StdSortTest.ids(keys, ids.length)).isEqualTo(ids);
            }
        }
    }

    @Test
    void whatIsForgottenStays() {
        long[] keys = StdSortTest.keys(new float[200]);
        sort.sort(keys, keys.length);
        sort.forget();
        sort.settle(keys, keys.length);
        assertThat(keys).isEqualTo(StdSortTest.keys(new float[200]));
        assertThat(sort.id(keys, keys.length, 7)).isEqualTo(7);
    }

    private static long[] sorted(float[] logits) {
        long[] sorted = new long[logits.length];
        new BucketSort().sort(StdSortTest.keys(logits), logits.length, logits.length, sorted);
        return sorted;
    }

    private void check(float[] logits, RandomGenerator random) {
        int n = logits.length;
        long[] expected = sorted(logits);
        // More room than keys, as survivors have.
        long[] keys = Arrays.copyOf(StdSortTest.keys(logits), n + 10);
        assertThat(sort.sort(keys, n)).isTrue();
        assertThat(StdSortTest.ids(keys, n)).doesNotHaveDuplicates();
        for (int i = 0; i < n; i++) {
            assertThat(Keys.logit(keys[i])).isEqualTo(Keys.logit(expected[i])).isEqualTo(logits[Keys.id(keys[i])]);
        }
        for (int i = 0; i < 100; i++) {
            int place = random.nextInt(n);
            assertThat(sort.id(keys, n, place)).isEqualTo(Keys.id(expected[place]));
        }
        sort.settle(keys, n);
        assertThat(Arrays.copyOf(keys, n)).isEqualTo(expected);
    }
}
