package io.github.javasampler.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.offset;

import io.github.javasampler.Candidate;
import io.github.javasampler.Candidates;
import io.github.javasampler.Numerics;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.SeededTest;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.WordVocabulary;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SeededTest
class DryTest {
    /// The letters that texts of these tests are spelled with; `X` stands for a token of more than one character.
    private static final String LETTERS = "abcd#<>X";
    private static final Vocabulary VOCABULARY =
            new WordVocabulary(Set.of(), "a", "b", "c", "d", "#", "<", ">", "x#y");

    /// llama.cpp's test-sampling: with the breaker `{3}` nothing is penalized.
    @Test
    void aBreakerInTheContextIsThePublishedExample() {
        Vocabulary vocabulary = new WordVocabulary(Set.of(), "a", "b", "c", "#", "e");
        SamplerSession session = session("dry=1:1.1:2:6:%23", vocabulary, 0, 1, 3, 4, 0, 1);
        session.sample(MemorySegment.ofArray(new float[5]));
        assertThat(session.survivors(-1).stream().mapToDouble(Candidate::probability).toArray())
                .containsExactly(new double[] {.2, .2, .2, .2, .2}, offset(1e-5));
    }

    /// With a multiplier of 1 and a base of 2 a token loses 2 to the power of how much longer than allowed it is.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            dry=1:2:2:64        | abcab       | c:1
            dry=1:2:2:64        | abcabcab    | c:8
            dry=1:2:2:64        | abcabdab    | c:1 d:1
            dry=1:2:2:64        | ddddd       | d:4
            dry=1:2:1:64        | abcdab      | c:2
            dry=1:2:0:64        | ab          | b:1
            dry=1:2:2:64        | ab          | ''
            dry=1:2:2:4         | abcab       | ''
            dry=1:2:2:5         | dddabcab    | c:1
            dry=1:0.5:2:64      | abcab       | ''
            dry=1:1:2:64        | abcabcab    | c:1
            dry=1:2:2:64:%23    | abcab       | c:1
            dry=1:2:2:64:%23    | ab#ab       | ''
            dry=1:2:2:64:%23    | abXab       | ''
            dry=1:2:2:64:%23    | abcdab#ab   | c:1
            dry=1:2:2:64:%23    | ab#b        | ''
            dry=1:2:2:64:%23    | dabcdab#dab | c:2
            dry=1:2:2:64        | ab#ab       | #:1
            dry=1:2:2:64:%3C%3E | abcd<>cdabc | d:2
            dry=1:2:2:64        | b<>abcb<>ab | c:8
            dry=1:2:2:64:%3C%3E | b<>abcb<>ab | c:1
            dry=1:2:2:64:b%3C%3Ea | b<>abcb<>ab | ''
            dry=1:2:2:64:%3C%3E | ab<>ab      | <:1
            dry=1:2:2:64:%3C%3E | dabcd<>dab  | c:2
            dry=1:2:2:64:%3C%3E | dabc<>ab    | c:1
            dry=1:2:2:64:%3C%3E | dabc<ab     | c:1
            dry=1:2:2:64:%3C%3E | dabc<>b     | ''
            dry=1:2:2:64:d%3C%3E:%3C | dabcd<>dab | c:2
            """)
    void aTokenThatWouldLengthenARepetitionLosesByItsLength(String stage, String text, String expected) {
        assertThat(losses(session(stage, VOCABULARY, tokens(text)))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 300})
    void repetitionsAreThoseThatASlowSearchFinds(int lastN, RandomGenerator random) {
        for (int round = 0; round < 60; round++) {
            int allowed = random.nextInt(5);
            SamplerSession session = session("dry=1:1.001:" + allowed + ":" + lastN + ":%23", VOCABULARY);
            List<Integer> tokens = new ArrayList<>();
            int letters = 1 + random.nextInt(5);
            for (int i = 0; i < 120; i++) {
                // Two in three times what came some time ago, so that there are long repetitions.
                int back = 1 + random.nextInt(9);
                int token = tokens.size() < back || random.nextInt(3) == 0 ? random.nextInt(letters)
                        : tokens.get(tokens.size() - back);
                tokens.add(token);
                session.accept(token);
            }
            List<Integer> last = tokens.subList(Math.max(0, tokens.size() - lastN), tokens.size());
            Map<Integer, Integer> expected = slowSearch(last, allowed);
            session.sample(MemorySegment.ofArray(new float[VOCABULARY.size()]));
            for (Candidate candidate : session.survivors(-1)) {
                Integer length = expected.get(candidate.id());
                double loss = length == null ? 0 : StrictMath.pow(1.001f, length - allowed);
                assertThat((double) -candidate.logit()).as("%s of %s, allowed %d", candidate, last, allowed)
                        .isCloseTo(loss, offset(1e-6));
            }
        }
    }

    /// By token: the longest run up to some place that is as the run up to the end, and that the token came after.
    private static Map<Integer, Integer> slowSearch(List<Integer> last, int allowed) {
        int breaker = LETTERS.indexOf('#');
        int n = last.size();
        int limit = last.contains(breaker) ? n - 1 - last.lastIndexOf(breaker) : n;
        Map<Integer, Integer> longest = new TreeMap<>();
        for (int end = 1; end < n && n > allowed && limit >= allowed; end++) {
            int length = Math.min(end, limit);
            while (!last.subList(end - length, end).equals(last.subList(n - length, n))) {
                length--;
            }
            if (length >= allowed && last.get(end) != breaker) {
                longest.merge(last.get(end), length, Math::max);
            }
        }
        return longest;
    }

    @Test
    void breakersOfManyBytesAreCutAndTheirTailsToo() {
        // Only the first 40 bytes count, so the 41st need not come.
        String forty = "#".repeat(39) + "<";
        Vocabulary vocabulary = new WordVocabulary(Set.of(), "a", "b", "c", "d", forty, "<", ">", "x");
        String long41 = "dry=1:2:2:64:" + "%23".repeat(39) + "%3C%3E";
        assertThat(losses(session(long41, vocabulary, tokens("ab#ab")))).isEmpty();
        // After the head only 20 tokens of the tail count.
        SamplerSession session = session("dry=1:2:2:64:" + "%3C" + "%3E".repeat(30), vocabulary, tokens("dabc<"));
        for (int i = 0; i < 20; i++) {
            session.accept(LETTERS.indexOf('>'));
        }
        for (int token : tokens("ab")) {
            session.accept(token);
        }
        assertThat(losses(session)).isEqualTo("c:1");
        for (int token : tokens("dab")) {
            session.accept(token);
        }
        assertThat(losses(session)).isEqualTo("c:2 d:1");
    }

    @Test
    void penaltiesStayFinite() {
        SamplerSession session = session("dry=1:10:2:64", VOCABULARY, tokens("d".repeat(64)));
        session.sample(MemorySegment.ofArray(new float[VOCABULARY.size()]));
        // 10^61 is no float; the exponent is held at 38.
        assertThat(session.survivors(-1).getLast().logit()).isEqualTo(-1e38f);
    }

    @Test
    void itComesAfterCutsToo() {
        SamplerSession session = session("top_k=2,dry=4:2:2:64", VOCABULARY, tokens("abcab"));
        float[] row = {1, 2, 9, 8, 3, 0, 0, 0};
        assertThat(session.sample(MemorySegment.ofArray(row))).isEqualTo(LETTERS.indexOf('d'));
        assertThat(session.survivors(-1)).extracting(Candidate::logit).containsExactly(8f, 5f);
    }

    @Test
    void theOrderIsOnlyGivenUpWhereRepetitionsWereLookedFor() {
        boolean[] descending = new boolean[1];
        Sampler observer = new Sampler() {
            @Override
            public String name() {
                return "observer";
            }

            @Override
            public void apply(Candidates candidates) {
                descending[0] = candidates.isDescending();
            }
        };
        Dry dry = new Dry(1, 2, 2, 64, List.of("#"));
        SamplerSession session = SamplerChain.builder().topK(4).stage(dry).stage(observer).greedy()
                .newSession(VOCABULARY, Numerics.PORTABLE);
        StringBuilder marks = new StringBuilder();
        for (int token : tokens("abc#ab")) {
            session.accept(token);
            session.draw(MemorySegment.ofArray(new float[VOCABULARY.size()]), 0);
            marks.append(descending[0] ? 'd' : '-');
        }
        // Too few tokens in all, then too few since the breaker.
        assertThat(marks).hasToString("dd-dd-");
    }

    @Test
    void breakersNeedAVocabularyWithTexts() {
        SamplerChain chain = SamplerChain.parse("dry=1:2:2:64:%23,greedy");
        assertThatIllegalArgumentException().isThrownBy(() -> chain.newSession(8))
                .withMessageContaining("call SamplerChain.newSession with a vocabulary");
        assertThat(SamplerChain.parse("dry=0:2:2:64:%23,greedy").newSession(8)).isNotNull();
        assertThat(SamplerChain.parse("dry=1:2:2:64,greedy").newSession(8)).isNotNull();
        Sampler dry = chain.stages().getFirst();
        Sampler wrapper = new Sampler() {
            @Override
            public String name() {
                return "wrapper";
            }

            @Override
            public void apply(Candidates candidates) {
                dry.accept(0);
                dry.apply(candidates);
            }
        };
        SamplerSession session = SamplerChain.builder().stage(wrapper).greedy().newSession(8);
        MemorySegment row = MemorySegment.ofArray(new float[8]);
        session.sample(row);
        session.sample(row);
        assertThatIllegalStateException().isThrownBy(() -> session.sample(row)).withMessage("dry must be bound to a"
                + " vocabulary before it is applied, and is not; a stage that wraps it must hand bind on");
    }

    @Test
    void sessionsOfOneVocabularyLookForBreakersOnce() {
        AtomicInteger texts = new AtomicInteger();
        Vocabulary counting = new Counting(texts);
        SamplerChain chain = SamplerChain.parse("dry=1:2:2:64:%23:%3C%3E,greedy");
        for (int i = 0; i < 3; i++) {
            chain.newSession(counting, Numerics.PORTABLE);
        }
        assertThat(texts).hasValue(VOCABULARY.size());
    }

    private record Counting(AtomicInteger texts) implements Vocabulary {
        @Override
        public int size() {
            return VOCABULARY.size();
        }

        @Override
        public byte[] piece(int token) {
            return VOCABULARY.piece(token);
        }

        @Override
        public byte[] text(int token) {
            texts.incrementAndGet();
            return VOCABULARY.text(token);
        }

        @Override
        public int[] tokenize(byte[] text) {
            return VOCABULARY.tokenize(text);
        }

        @Override
        public boolean isEndOfGeneration(int token) {
            return false;
        }

        @Override
        public int endOfTurn() {
            return NO_TOKEN;
        }
    }

    @Test
    void aForkLivesApartAndResetForgets() {
        SamplerSession session = session("dry=1:2:2:64:%23", VOCABULARY, tokens("abca"));
        SamplerSession fork = session.fork();
        session.accept(LETTERS.indexOf('b'));
        assertThat(losses(session)).isEqualTo("c:1");
        assertThat(losses(fork)).isEmpty();
        fork.accept(LETTERS.indexOf('b'));
        assertThat(losses(fork)).isEqualTo("c:1");
        session.reset();
        assertThat(losses(session)).isEmpty();
        assertThat(losses(fork)).isEqualTo("c:1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "abcab", "abcabcab", "dddddddabcabcab"})
    void aRestoredStageGoesOnFromThere(String text) throws IOException {
        Dry dry = new Dry(1, 2, 2, 8, List.of("#")).bind(VOCABULARY).fork();
        for (int token : tokens(text)) {
            dry.accept(token);
        }
        byte[] state = saved(dry);
        assertThat(state).hasSize(4 + 4 * Math.min(8, text.length()));
        // What it held before is gone.
        Dry restored = new Dry(1, 2, 2, 8, List.of("#")).bind(VOCABULARY).fork();
        restored.accept(3);
        restored.restore(in(state));
        assertThat(saved(restored)).isEqualTo(state);
        for (String more : List.of("", "c", "ab")) {
            for (int token : tokens(more)) {
                dry.accept(token);
                restored.accept(token);
            }
            assertThat(losses(session(restored))).isEqualTo(losses(session(dry)));
        }
    }

    @Test
    void aStateThatIsNoneIsRefusedAndTheHistoryStays() throws IOException {
        Dry dry = new Dry(1, 2, 2, 8, List.of()).bind(VOCABULARY).fork();
        dry.accept(3);
        byte[] before = saved(dry);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> dry.restore(in(state(9))))
                .withMessage("a history must hold 0 to 8 tokens, got 9; restore it into a stage with the same"
                        + " settings");
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> dry.restore(in(state(-1))));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> dry.restore(in(state(2, 0, 8)))).withMessage(
                "a token of a history must be in [0, 7], got 8; the state is damaged, or of another vocabulary");
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> dry.restore(in(state(1, -1))));
        assertThatExceptionOfType(EOFException.class).isThrownBy(() -> dry.restore(in(state(2, 0))));
        assertThat(saved(dry)).isEqualTo(before);
    }

    private static byte[] saved(Dry dry) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        dry.save(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static DataInputStream in(byte[] bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }

    private static byte[] state(int... words) {
        ByteBuffer bytes = ByteBuffer.allocate(words.length * Integer.BYTES);
        for (int word : words) {
            bytes.putInt(word);
        }
        return bytes.array();
    }

    private static int[] tokens(String text) {
        return text.chars().map(LETTERS::indexOf).toArray();
    }

    /// What each token loses in a row of zeros: `c:1 d:4`.
    private static String losses(SamplerSession session) {
        session.draw(MemorySegment.ofArray(new float[VOCABULARY.size()]), 0);
        StringBuilder losses = new StringBuilder();
        session.survivors(-1).stream().filter(candidate -> candidate.logit() != 0)
                .sorted((a, b) -> Integer.compare(a.id(), b.id())).forEach(candidate -> losses.append(' ')
                        .append(LETTERS.charAt(candidate.id())).append(':').append(Math.round(-candidate.logit())));
        return losses.toString().strip();
    }

    private static SamplerSession session(Dry dry) {
        return SamplerChain.builder().stage(dry).greedy().newSession(VOCABULARY, Numerics.PORTABLE);
    }

    private static SamplerSession session(String stages, Vocabulary vocabulary, int... accepted) {
        SamplerSession session = SamplerChain.parse(stages + ",greedy").newSession(vocabulary, Numerics.PORTABLE);
        for (int token : accepted) {
            session.accept(token);
        }
        return session;
    }
}
