package io.github.javasampler.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.javasampler.Candidate;
import io.github.javasampler.Candidates;
import io.github.javasampler.InvalidSettingException;
import io.github.javasampler.Numerics;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.WordVocabulary;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InfillTest {
    /// Tokens 0 and 1 end a generation; the second of them has a text.
    private static final String[] WORDS = {"", "end", "the", "them", "a", "an", "cat", "endless", "dog", "owl"};
    private static final Vocabulary VOCABULARY = new WordVocabulary(Set.of(0, 1), WORDS);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            an end of 0.05 among 8 is enough | .05 0 .35 .15 .35 .05 .04 .01 | 0
            both ends are kept               | .04 .06 .3 .2 .2 .1 .1 0 | 1 0
            too little of an end stays       | .001 0 .5 0 .499 0 0 0 | 2 4 0
            one end merged into another word | .001 .01 .4 0 .1 0 .1 .389 | 2 7 0
            below 0.2 is unclear             | .0002 .0001 .3 0 .45 0 .15 0 .1 | 4 2 0 1
            the and them are one             | .0002 .0001 .15 .1 .4 0 .35 0 | 4 6 0 1
            the likelier stays               | .0002 .0001 .1 .17 .4 0 .33 0 | 4 6 3 0 1
            and has the mass of both         | .0002 .0001 .2 .28 .21 0 .21 0 .1 | 3 0 1
            a third of what two of them hold | .0002 .0001 .7 0 0 0 .22 0 .08 | 2 0 1
            nothing clear is left            | .0002 .0001 .19 0 .18 .005 .18 .17 .16 .11 | 0
            """)
    void whatIsKeptIsWhatTheRulesSay(String rule, String in, String expected) {
        assertThat(kept(session("infill"), in)).as(rule).isEqualTo(expected);
    }

    @Test
    void thePickerSeesTheLogitsAsTheyWere() {
        SamplerSession session = session("infill");
        session.sample(MemorySegment.ofArray(new float[] {-5, -5, 3, 2.9f, -5, -5, -5, -5, -5, -5}));
        assertThat(session.survivors(-1)).extracting(Candidate::logit).containsExactly(3f, -5f, -5f);
        // The end of a turn takes the place of what was unclear.
        session.sample(MemorySegment.ofArray(new float[] {-9, -9, 1, -9, 1.1f, -9, 1, 1, 1, 1}));
        assertThat(session.survivors(-1)).containsExactly(new Candidate(0, 1f, 1));
    }

    @Test
    void aSessionAndItsForkDoNotDisturbEachOther() {
        SamplerSession session = session("top_k=6,infill");
        SamplerSession fork = session.fork();
        String clear = ".001 .001 .5 0 .4 .05 .03 .01 .004 .004";
        String ended = ".3 .001 .2 0 .4 .05 .03 .01 .004 .004";
        for (int i = 0; i < 3; i++) {
            assertThat(kept(session, clear)).isEqualTo("2 4");
            assertThat(kept(fork, ended)).isEqualTo("0");
        }
        session.reset();
        assertThat(kept(session, clear)).isEqualTo("2 4");
    }

    @Test
    void itNeedsAVocabularyWithTextsAndAnEnd() {
        SamplerChain chain = SamplerChain.builder().infill().greedy();
        assertThatIllegalArgumentException().isThrownBy(() -> chain.newSession(8))
                .withMessageContaining("call SamplerChain.newSession with a vocabulary");
        Vocabulary endless = new WordVocabulary(Set.of(), WORDS);
        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> chain.newSession(endless, Numerics.PORTABLE)).withMessage("the vocabulary of infill"
                        + " must have a token that ends a turn or a text, got none; leave infill out");
        Sampler wrapper = new Sampler() {
            @Override
            public String name() {
                return "wrapper";
            }

            @Override
            public void apply(Candidates candidates) {
                new Infill().apply(candidates);
            }
        };
        SamplerSession session = SamplerChain.builder().stage(wrapper).greedy().newSession(8);
        assertThatIllegalStateException().isThrownBy(() -> session.sample(MemorySegment.ofArray(new float[8])))
                .withMessage("infill must be bound to a vocabulary before it is applied, and is not; a stage that wraps"
                        + " it must hand bind on");
    }

    private static SamplerSession session(String stages) {
        return SamplerChain.parse(stages + ",greedy").newSession(VOCABULARY, Numerics.PORTABLE);
    }

    /// The ids that are left, of a row with these probabilities; those that are missing have none.
    private static String kept(SamplerSession session, String probabilities) {
        float[] logits = new float[WORDS.length];
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        String[] numbers = probabilities.split(" +");
        for (int i = 0; i < numbers.length; i++) {
            logits[i] = (float) Math.log(Double.parseDouble(numbers[i]));
        }
        session.draw(MemorySegment.ofArray(logits), 0);
        return session.survivors(-1).stream().map(Candidate::id).map(String::valueOf).collect(Collectors.joining(" "));
    }
}
