package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SeededTest;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SeededTest
class IdListTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 64, 300})
    void itHoldsWhatWasAddedAndNotRemoved(int capacity, RandomGenerator random) {
        IdList list = new IdList(capacity);
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            // Few ids, so that many share a slot and are taken out again.
            int id = random.nextInt(400) * (random.nextBoolean() ? 1 : 641);
            int index = list.indexOf(id);
            assertThat(index).isEqualTo(expected.indexOf(id));
            if (index < 0) {
                assertThat(list.add(id)).isEqualTo(expected.size());
                expected.add(id);
            } else if (random.nextInt(8) > 0) {
                list.remove(index);
                int last = expected.removeLast();
                if (index < expected.size()) {
                    expected.set(index, last);
                }
            }
            if (random.nextInt(2_000) == 0) {
                list.clear();
                expected.clear();
            }
            assertThat(ids(list)).isEqualTo(expected);
        }
        IdList copy = list.copy();
        list.clear();
        assertThat(ids(list)).isEmpty();
        assertThat(ids(copy)).isEqualTo(expected);
        expected.forEach(id -> assertThat(list.indexOf(id)).isEqualTo(-1));
    }

    private static List<Integer> ids(IdList list) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            ids.add(list.id(i));
        }
        return ids;
    }
}
