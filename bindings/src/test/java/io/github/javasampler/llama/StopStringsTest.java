package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopStringsTest {

    @Test
    void textPassesWhereThereAreNone() {
        StopStrings stops = new StopStrings(List.of());
        assertThat(stops.feed("abc")).isEqualTo("abc");
        assertThat(stops.found()).isFalse();
        assertThat(stops.flush()).isEmpty();
    }

    @Test
    void aStopStringIsFoundAcrossPieces() {
        StopStrings stops = new StopStrings(List.of("END"));
        assertThat(stops.feed("one E")).isEqualTo("one ");
        assertThat(stops.feed("N")).isEmpty();
        assertThat(stops.found()).isFalse();
        assertThat(stops.feed("D two")).isEmpty();
        assertThat(stops.found()).isTrue();
    }

    @Test
    void textThatWasHeldBackInVainIsPassedOn() {
        StopStrings stops = new StopStrings(List.of("END"));
        assertThat(stops.feed("EN")).isEmpty();
        assertThat(stops.feed("x")).isEqualTo("ENx");
        assertThat(stops.feed("E")).isEmpty();
        assertThat(stops.flush()).isEqualTo("E");
    }

    @Test
    void theEarliestOfSeveralWins() {
        StopStrings stops = new StopStrings(List.of("later", "bb", "b"));
        assertThat(stops.feed("aabb later")).isEqualTo("aa");
        assertThat(stops.found()).isTrue();
    }

    @Test
    void aStopStringThatBeginsInsideItselfIsFound() {
        StopStrings stops = new StopStrings(List.of("aab"));
        assertThat(stops.feed("a")).isEmpty();
        assertThat(stops.feed("a")).isEmpty();
        assertThat(stops.feed("a")).isEqualTo("a");
        assertThat(stops.feed("b")).isEmpty();
        assertThat(stops.found()).isTrue();
    }

    @Test
    void anEmptyStopStringIsRefused() {
        assertThatThrownBy(() -> new StopStrings(List.of("a", ""))).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a stop string must not be empty");
    }

    @Test
    void anyCutOfAnyTextEndsWhereTheWholeTextWould() {
        long seed = 7;
        Random random = new Random(seed);
        for (int run = 0; run < 20_000; run++) {
            String text = letters(random, random.nextInt(14));
            List<String> wanted =
                    List.of(letters(random, 1 + random.nextInt(4)), letters(random, 1 + random.nextInt(4)));
            StopStrings stops = new StopStrings(wanted);
            StringBuilder out = new StringBuilder();
            for (int from = 0; from < text.length() && !stops.found();) {
                int to = Math.min(text.length(), from + 1 + random.nextInt(3));
                out.append(stops.feed(text.substring(from, to)));
                from = to;
            }
            if (!stops.found()) {
                out.append(stops.flush());
            }
            // Letter by letter, the stop string that is complete first ends the text, not the one that begins first.
            String expected = expected(text, wanted);
            assertThat(stops.found()).as("seed " + seed + ", run " + run + ": " + text + " " + wanted)
                    .isEqualTo(expected != null);
            if (expected == null) {
                assertThat(out.toString()).isEqualTo(text);
            } else {
                assertThat(text).startsWith(out.toString());
                assertThat(wanted).anyMatch(stop -> text.startsWith(stop, out.length()));
                assertThat(out.length()).isLessThanOrEqualTo(expected.length());
            }
        }
    }

    private static String expected(String text, List<String> stops) {
        for (int end = 1; end <= text.length(); end++) {
            for (String stop : stops) {
                if (text.substring(0, end).endsWith(stop)) {
                    return text.substring(0, end - stop.length());
                }
            }
        }
        return null;
    }

    private static String letters(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(2)));
        }
        return text.toString();
    }
}
