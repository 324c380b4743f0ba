package io.github.javasampler.sampler;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SeededTest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SeededTest
class TokenHistoryTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 64, 500})
    void theCountsAreThoseOfTheLastTokens(int capacity, RandomGenerator random) {
        TokenHistory history = new TokenHistory(capacity);
        Deque<Integer> last = new ArrayDeque<>();
        for (int i = 0; i < 5_000; i++) {
            int token = random.nextInt(random.nextBoolean() ? 10 : 262_144);
            history.add(token);
            last.add(token);
            if (last.size() > capacity) {
                last.remove();
            }
            Map<Integer, Integer> expected = new TreeMap<>();
            last.forEach(t -> expected.merge(t, 1, Integer::sum));
            assertThat(counts(history)).isEqualTo(expected);
        }
        TokenHistory copy = history.copy();
        Map<Integer, Integer> before = counts(copy);
        history.clear();
        assertThat(counts(history)).isEmpty();
        assertThat(counts(copy)).isEqualTo(before);
    }

    private static Map<Integer, Integer> counts(TokenHistory history) {
        Map<Integer, Integer> counts = new TreeMap<>();
        for (int i = 0; i < history.size(); i++) {
            assertThat(counts.put(history.token(i), history.count(i))).isNull();
        }
        return counts;
    }
}
