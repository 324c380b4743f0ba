package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SeededTest;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SeededTest
class KeysTest {
    @Test
    void aKeyHoldsItsLogitAndId() {
        for (float logit : new float[] {
            Float.NEGATIVE_INFINITY, -Float.MAX_VALUE, -1.5f, -Float.MIN_VALUE, 0f, Float.MIN_VALUE, 842.3f,
            Float.MAX_VALUE
        }) {
            for (int id : new int[] {0, 1, 262_143, Integer.MAX_VALUE}) {
                long key = Keys.of(logit, id);
                assertThat(Keys.logit(key)).isEqualTo(logit);
                assertThat(Keys.id(key)).isEqualTo(id);
            }
        }
    }

    @Test
    void greaterLogitsComeFirstThenLowerIds() {
        long[] ordered = {
            Keys.of(2f, 9), Keys.of(1f, 3), Keys.of(1f, 4), Keys.of(0f, 1), Keys.of(-0f, 2), Keys.of(-1f, 0),
            Keys.of(Float.NEGATIVE_INFINITY, 5)
        };
        assertThat(ordered).isSorted();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 48, 49, 65, 1_000, 4_096, 4_097, 100_000})
    void sortingGivesTheNaturalOrderWithoutAllocating(int size, RandomGenerator random) {
        var meter = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        KeySort sort = new KeySort();
        // In disorder, rising, falling, rising and then falling, in runs, and nearly all alike.
        for (int shape = 0; shape < 6; shape++) {
            long[] keys = new long[size + 1];
            for (int i = 0; i < keys.length; i++) {
                float logit = switch (shape) {
                    case 0 -> (float) random.nextGaussian(0, 4);
                    case 1 -> i;
                    case 2 -> -i;
                    case 3 -> Math.min(i, size - i);
                    case 4 -> i % 100;
                    default -> random.nextInt(20) == 0 ? 1 : 0;
                };
                keys[i] = Keys.of(logit, i);
            }
            long[] expected = keys.clone();
            Arrays.sort(expected, 0, size);
            long[] warm = keys.clone();
            sort.sort(warm, size);
            long before = meter.getCurrentThreadAllocatedBytes();
            sort.sort(keys, size);
            assertThat(meter.getCurrentThreadAllocatedBytes() - before).as("bytes for shape %d", shape).isZero();
            assertThat(keys).as("shape %d", shape).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 100, 4_096})
    void theKthLargestIsTheOneOfTheSortedValues(int size, RandomGenerator random) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = random.nextInt(50) == 0 ? Float.NEGATIVE_INFINITY : random.nextInt(size);
        }
        float[] sorted = values.clone();
        Arrays.sort(sorted);
        for (int k : new int[] {1, (size + 1) / 2, size}) {
            assertThat(Largest.kth(values, size, k, new float[size])).isEqualTo(sorted[size - k]);
        }
    }
}
