package io.github.javasampler.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SeededTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

@SeededTest
class ByteClassesTest {
    private static final CharClass QUOTE = CharClass.of('"');
    private static final CharClass DIGITS = CharClass.of(false, new long[] {'0', '9'});
    private static final CharClass STRING = CharClass.of(true, new long[] {'"', '"', '\\', '\\', 0, 0x1F, 0x7F, 0x7F});

    @Test
    void whatNoClassTellsApartIsAlike() {
        byte[] classes = ByteClasses.ofFirst(new CharClass[] {QUOTE, DIGITS, STRING});
        assertThat(classes['a']).isEqualTo(classes['z']).isEqualTo(classes[' ']).isNotEqualTo(classes['7']);
        assertThat(classes['7']).isEqualTo(classes['0']);
        assertThat(classes['\\']).isEqualTo(classes['\n']).isNotEqualTo(classes['"']).isNotEqualTo(classes['a']);
        assertThat(classes[0xC3]).isEqualTo(classes[0xD0]).isNotEqualTo(classes[0xE2]).isNotEqualTo(classes['a']);
    }

    @Test
    void whereWhatFollowsDecidesABeginningIsOnItsOwn() {
        byte[] classes = ByteClasses.ofFirst(new CharClass[] {CharClass.of(false, new long[] {0xE4, 0xFC})});
        assertThat(classes[0xC3]).isNotEqualTo(classes[0xC4]);
        assertThat(classes[0xC4]).isEqualTo(classes[0xD0]);
        assertThat(classes[0xC0]).isNotEqualTo(classes[0xC1]).isNotEqualTo(classes[0xC4]);
    }

    @RepeatedTest(20)
    void ofThoseThatAreAlikeEveryClassMatchesAllThatMayComeOrNothing(RandomGenerator random) {
        CharClass[] classes = new CharClass[1 + random.nextInt(4)];
        Arrays.setAll(classes, ignored -> randomClass(random));
        byte[] table = ByteClasses.ofFirst(classes);
        Map<Byte, List<Object>> meanings = new HashMap<>();
        Set<Byte> alike = new HashSet<>();
        for (int b = 1; b < 256; b++) {
            List<Object> meaning = new ArrayList<>(List.of(Utf8.missing(b)));
            for (CharClass charClass : classes) {
                meaning.add(matches(charClass, b));
            }
            List<Object> known = meanings.putIfAbsent(table[b], meaning);
            if (known != null) {
                assertThat(meaning).as("byte %d", b).isEqualTo(known).doesNotContain(Matches.SOME);
                alike.add(table[b]);
            }
        }
        assertThat(alike).isNotEmpty();
    }

    private static CharClass randomClass(RandomGenerator random) {
        long[] bounds = new long[2 * random.nextInt(5)];
        for (int i = 0; i < bounds.length; i += 2) {
            bounds[i] = random.nextInt(1 << 1 + random.nextInt(20));
            bounds[i + 1] = bounds[i] + random.nextInt(1 << random.nextInt(18));
        }
        return CharClass.of(random.nextBoolean(), bounds);
    }

    private enum Matches { ALL, SOME, NONE }

    /// What a class matches of all that begins with a byte.
    private static Matches matches(CharClass charClass, int b) {
        int missing = Utf8.missing(b);
        if (missing < 0) {
            return Matches.NONE;
        }
        int value = Utf8.lead(b, missing);
        int first = CharClass.first(value, missing);
        int last = CharClass.last(value, missing);
        long matching = IntStream.rangeClosed(first, last).filter(charClass::matches).count();
        return matching == 0 ? Matches.NONE : matching > last - first ? Matches.ALL : Matches.SOME;
    }
}
