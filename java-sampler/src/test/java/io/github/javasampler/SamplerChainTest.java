package io.github.javasampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.offset;

import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.sampler.Dry;
import io.github.javasampler.sampler.Greedy;
import io.github.javasampler.sampler.MinP;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerChainTest {
    static Stream<Golden.Case> chainCases() {
        return Golden.cases("chain");
    }

    @ParameterizedTest
    @MethodSource("chainCases")
    void aWorkedExampleKeepsWhatItShould(Golden.Case example) {
        String stages = StreamSupport.stream(example.json().get("chain").spliterator(), false)
                .map(stage -> stage.get(0).asString() + "=" + stage.get(1).asString())
                .collect(Collectors.joining(","));
        double[] doubles = example.doubles("logits");
        float[] logits = new float[doubles.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) doubles[i];
        }
        SamplerSession session = SamplerChain.parse(stages + ",greedy").newSession(logits.length);
        session.sample(MemorySegment.ofArray(logits));

        List<Candidate> survivors = session.survivors(-1);
        assertThat(survivors.stream().mapToDouble(Candidate::id).toArray()).isEqualTo(example.doubles("kept"));
        assertThat(survivors.stream().mapToDouble(Candidate::probability).toArray())
                .containsExactly(example.doubles("probs"), offset(Golden.TOLERANCE));
    }

    /// From llama.cpp v0.5.0's own `dist` over 1000 equal logits (reference/llama-samplers.md, section 4.1).
    static Map<Long, int[]> drawsOfLlamaCpp() {
        return Map.of(
                0L, new int[] {592, 844, 857, 847, 623, 384, 297, 56},
                42L, new int[] {796, 183, 779, 596, 445, 99, 459, 333},
                1234L, new int[] {497, 817, 612, 771, 860, 150, 198, 815},
                4242L, new int[] {808, 241, 452, 333, 157, 833, 514, 663});
    }

    @Test
    void aSeedGivesTheDrawsOfLlamaCpp() {
        MemorySegment equal = MemorySegment.ofArray(new float[1_000]);
        drawsOfLlamaCpp().forEach((seed, draws) -> {
            SamplerSession session = SamplerChain.builder().distribution(seed).newSession(1_000);
            for (int draw : draws) {
                assertThat(session.sample(equal)).as("seed %d", seed).isEqualTo(draw);
            }
        });
    }

    @Test
    void aSingleCandidateStillTakesADraw() {
        MemorySegment equal = MemorySegment.ofArray(new float[256]);
        SamplerSession one = SamplerChain.parse("top_k=1,seed=4242").newSession(256);
        SamplerSession many = SamplerChain.parse("seed=4242").newSession(256);
        one.sample(equal);
        many.sample(equal);
        SamplerSession oneThenMany =
                SamplerChain.builder().stage(new FirstRowOnly()).distribution(4242).newSession(256);
        oneThenMany.sample(equal);
        for (int i = 0; i < 4; i++) {
            assertThat(oneThenMany.sample(equal)).isEqualTo(many.sample(equal));
        }
    }

    /// A stage with state: the first row is cut to one candidate, later ones are left alone.
    private static final class FirstRowOnly implements Sampler {
        private boolean seen;

        @Override
        public String name() {
            return "first-row-only";
        }

        @Override
        public void apply(Candidates candidates) {
            if (!seen) {
                candidates.keepTop(1);
            }
        }

        @Override
        public void accept(int token) {
            seen = true;
        }

        @Override
        public void reset() {
            seen = false;
        }

        @Override
        public FirstRowOnly fork() {
            FirstRowOnly fork = new FirstRowOnly();
            fork.seen = seen;
            return fork;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "greedy",
        "seed=0",
        "seed=4294967294",
        "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42",
        "temperature=0.0,seed=1",
        "top_k=0,top_p=1.0,min_p=0.0,temperature=1.0,greedy",
        "top_p=0.9:3,min_p=0.1:2,greedy",
        "logit_bias=7:-Infinity;15043:1.5,penalties=64:1.1:0.2:0.3,top_n_sigma=1.0,typical=0.9:2,greedy",
        "dry=0.8:1.75:2:64,greedy",
        "dry=0.5:1.2:3:1024:%0A:%3A:%22:%2A:a-b_c.d~e%20%2B%25:%C3%BC%F0%9F%8E%89%2C,greedy",
        "top_k=40,infill,seed=42",
        "xtc=0.5:0.1:0:42,temp_ext=0.8:0.4:1.0,seed=42",
        "mirostat=5.0:0.1:100:42",
        "mirostat_v2=5.0:0.1:42",
        "adaptive_p=0.5:0.9:42"
    })
    void aChainTextParsesAndPrintsBothWays(String text) {
        SamplerChain chain = SamplerChain.parse(text);
        assertThat(chain).hasToString(text).isEqualTo(SamplerChain.parse(chain.toString()))
                .hasSameHashCodeAs(SamplerChain.parse(text));
    }

    @Test
    void spacesCaseAndHyphensDoNotMatter() {
        assertThat(SamplerChain.parse(" Top-K = 40 , temp=0.8, seed=7"))
                .isEqualTo(SamplerChain.builder().topK(40).temperature(0.8f).distribution(7));
    }

    @Test
    void sequenceBreakersMayHoldAnyCharacterOfAText() {
        List<String> breakers = List.of(",", ";:=", " ", "+", "%2C", "\r\n", "\u4e16\u754c");
        SamplerChain chain = SamplerChain.builder().dry(0.8f, 1.75f, 2, 64, breakers).greedy();
        assertThat(((Dry) SamplerChain.parse(chain.toString()).stages().getFirst()).sequenceBreakers())
                .isEqualTo(breakers);
        assertThat(SamplerChain.parse("dry=1:2:2:64:*:a b+c,greedy"))
                .isEqualTo(SamplerChain.parse("dry=1:2:2:64:%2A:a%20b%2Bc,greedy"))
                .isNotEqualTo(SamplerChain.parse("dry=1:2:2:64:%2A,greedy"));
    }

    @Test
    void aRandomSeedShowsInTheText() {
        SamplerChain chain = SamplerChain.parse("dist");
        assertThat(chain.toString()).startsWith("seed=");
        assertThat(SamplerChain.parse(chain.toString())).isEqualTo(chain);
        assertThat(SamplerChain.builder().distribution()).isNotEqualTo(SamplerChain.builder().distribution());
    }

    @Test
    void stagesThatDoNothingStayVisible() {
        assertThat(SamplerChain.parse("top_k=0,top_p=1,min_p=0,temp=1,seed=1").describe())
                .isEqualTo("?top-k -> ?top-p -> ?min-p -> ?temp -> dist");
        assertThat(SamplerChain.parse("top_k=1,top_p=0.5,min_p=0.1,temp=0,greedy").describe())
                .isEqualTo("top-k -> top-p -> min-p -> temp -> greedy");
        assertThat(SamplerChain.parse("dry=0,dry=1:0.9,dry=1:1.75:2:-1,dry=1,infill,greedy").describe())
                .isEqualTo("?dry -> ?dry -> ?dry -> dry -> infill -> greedy");
        assertThat(SamplerChain.parse("logit_bias=,penalties=64,top_n_sigma=0,typical=1,xtc=0:0.1,temp_ext=1:0,greedy")
                .describe()).isEqualTo("?logit-bias -> ?penalties -> ?top-n-sigma -> ?typical -> ?xtc -> ?temp-ext"
                        + " -> greedy");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            top_k=5,temp=1,top_p=1.2,min_p=0,seed=1 | \
            top_p must be in [0, 1], got 1.2 (stage 3 of 5, "top_p"); 1.0 turns it off
            top_p=NaN,greedy | top_p must be in [0, 1], got NaN (stage 1 of 2, "top_p"); 1.0 turns it off
            min_p=-0.1,greedy | min_p must be a number >= 0, got -0.1 (stage 1 of 2, "min_p"); 0.0 turns it off
            temp=-1,greedy | \
            temperature must be a number >= 0, got -1.0 (stage 1 of 2, "temp"); 1.0 turns it off, 0.0 is greedy
            temp=NaN,greedy | \
            temperature must be a number >= 0, got NaN (stage 1 of 2, "temp"); 1.0 turns it off, 0.0 is greedy
            top_p=0.9:-1,greedy | min_keep must be >= 0, got -1 (stage 1 of 2, "top_p"); 0 keeps at least one
            seed=4294967295 | \
            seed must be in [0, 4294967294], got 4294967295 (stage 1 of 1, "seed"); leave it out for a random one
            top_k=forty,greedy | top_k must be a number, got "forty" (stage 1 of 2, "top_k"); \
            write it as top_k=NUMBER, more of them with colons
            xtc=0.5,greedy | xtc must be a number at place 2, got "" (stage 1 of 2, "xtc"); \
            write it as xtc=NUMBER, more of them with colons
            greedy=1 | greedy must have at most 0 settings, got "=1" (stage 1 of 1, "greedy"); leave the rest out
            penalties=64:0,greedy | \
            repeat_penalty must be a number > 0, got 0.0 (stage 1 of 2, "penalties"); 1.0 turns it off
            dry=-1,greedy | dry_multiplier must be a number >= 0, got -1.0 (stage 1 of 2, "dry"); 0.0 turns it off
            dry=1:NaN,greedy | dry_base must be a number, got NaN (stage 1 of 2, "dry"); one below 1.0 turns it off
            dry=1:2:-1,greedy | dry_allowed_length must be >= 0, got -1 (stage 1 of 2, "dry"); 2 is usual
            dry=1:2:2:16777217,greedy | dry_penalty_last_n must be at most 16777216, got 16777217 \
            (stage 1 of 2, "dry"); 64 is usual, 0 turns it off
            dry=1:2:2:64:,greedy | a sequence breaker must have a character, and none that is NUL, got "" \
            (stage 1 of 2, "dry"); leave it out
            dry=1:2:2:64:%4,greedy | dry must have a percent-encoded text at place 5, got "%4" \
            (stage 1 of 2, "dry"); write a percent sign as %25
            infill=1,greedy | \
            infill must have at most 0 settings, got "=1" (stage 1 of 2, "infill"); leave the rest out
            typical=2,greedy | typical must be in [0, 1], got 2.0 (stage 1 of 2, "typical"); 1.0 turns it off
            xtc=2:0.1,greedy | xtc_probability must be in [0, 1], got 2.0 (stage 1 of 2, "xtc"); 0.0 turns it off
            mirostat=5:0.1:1:7 | mirostat m must be at least 2, got 1 (stage 1 of 1, "mirostat"); 100 is usual
            adaptive_p=0.5:1:7 | \
            adaptive_decay must be in [0, 0.99], got 1.0 (stage 1 of 1, "adaptive_p"); 0.9 is usual
            temp_ext=1:-1,greedy | \
            dynatemp_range must be a number >= 0, got -1.0 (stage 1 of 2, "temp_ext"); 0.0 leaves a plain temperature
            logit_bias=-1:2,greedy | \
            a biased token must be >= 0, got -1 (stage 1 of 2, "logit_bias"); name it by its id
            top_k=40 | a chain must end in a picker (stage 1 of 1, "top_k"); \
            add greedy, seed=N for a draw with that seed, or dist for one with a random seed
            greedy,top_k=40 | a picker must be the last stage (stage 1 of 2, "greedy"); \
            what comes after it would change nothing; move it to the end and keep only one
            seed=1,greedy | a picker must be the last stage (stage 1 of 2, "seed"); \
            what comes after it would change nothing; move it to the end and keep only one
            '' | a stage must have a known name, got "" (stage 1 of 1, ""); \
            known are temperature, temp_ext, top_k, top_p, min_p, typical, top_n_sigma, xtc, penalties, dry, \
            infill, logit_bias, grammar, grammar_on_miss, seed, dist, greedy, mirostat, mirostat_v2, adaptive_p \
            and those of SamplerFactory services
            """)
    void aTextThatIsNoChainSaysWhatIsWrongWhereAndWhatToDo(String text, String message) {
        assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(() -> SamplerChain.parse(text))
                .withMessage(message);
    }

    @Test
    void theBuilderNamesTheStageToo() {
        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> SamplerChain.builder().topK(40).topP(1.2f).greedy())
                .withMessage("top_p must be in [0, 1], got 1.2 (stage 2 of 3, \"top-p\"); 1.0 turns it off");
        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> SamplerChain.builder().stage(new Greedy()).topK(3).greedy())
                .withMessageStartingWith("a picker must be the last stage (stage 1 of 3, \"greedy\")");
    }

    @Test
    void aStageOfAServiceIsFoundByName() {
        assertThat(SamplerChain.parse("parity=1,greedy").stages().getFirst()).isInstanceOf(ParityStage.class);
        SamplerSession session = SamplerChain.parse("parity=1,greedy").newSession(4);
        assertThat(session.sample(MemorySegment.ofArray(new float[] {9, 1, 2, 3}))).isEqualTo(3);
        assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(() -> SamplerChain.parse("parity=2,greedy"))
                .withMessage("parity must be 0 or 1, got 2 (stage 1 of 2, \"parity\"); write parity=0 or parity=1");
    }

    /// Keeps only odd or only even ids.
    public record ParityStage(int parity) implements Sampler {
        /// Found by `META-INF/services`.
        public static final class Factory implements SamplerFactory {
            @Override
            public String name() {
                return "parity";
            }

            @Override
            public Sampler create(String value) {
                if (!value.matches("[01]")) {
                    throw new InvalidSettingException("parity must be 0 or 1, got " + value,
                            "write parity=0 or parity=1");
                }
                return new ParityStage(Integer.parseInt(value));
            }
        }

        @Override
        public String name() {
            return "parity";
        }

        @Override
        public void apply(Candidates candidates) {
            candidates.keepIf(id -> (id & 1) == parity);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"top_k=40,seed=42", "penalties=64:1.1,mirostat_v2=5:0.1:42", "logit_bias=40000:1,seed=42"})
    void warmingUpChangesNoTokens(String text) {
        SamplerChain chain = SamplerChain.parse(text);
        MemorySegment equal = MemorySegment.ofArray(new float[50_000]);
        SamplerSession session = chain.newSession(50_000);
        int cold = chain.newSession(50_000).sample(equal);
        chain.warmUp();
        assertThat(session.sample(equal)).isEqualTo(cold);
        assertThat(chain.newSession(50_000).sample(equal)).isEqualTo(cold);
    }

    @Test
    void anInterruptEndsWarmingUp() {
        AtomicInteger accepted = new AtomicInteger();
        SamplerChain chain = SamplerChain.builder().stage(counter(accepted, ignored -> { })).distribution(1);
        Thread.currentThread().interrupt();
        chain.warmUp();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(accepted).hasValue(0);
        chain.warmUp();
        assertThat(accepted).hasPositiveValue();
    }

    @Test
    void warmingUpRunsAGrammarToo() {
        Grammar grammar = Grammar.parse("root ::= [a-z ]+ \"\\n\"");
        AtomicInteger accepted = new AtomicInteger();
        Sampler counter = counter(accepted,
                candidates -> assertThat(candidates.logitOf('"')).isEqualTo(Float.NEGATIVE_INFINITY));
        SamplerChain.builder().grammar(grammar).stage(counter).topK(40).distribution(1).warmUp();
        assertThat(accepted).hasValueGreaterThan(1);
    }

    /// Counts what is accepted.
    private static Sampler counter(AtomicInteger accepted, Consumer<Candidates> check) {
        return new Sampler() {
            @Override
            public String name() {
                return "counter";
            }

            @Override
            public void apply(Candidates candidates) {
                check.accept(candidates);
            }

            @Override
            public void accept(int token) {
                accepted.incrementAndGet();
            }
        };
    }

    @Test
    void chainsAreEqualByValue() {
        assertThat(SamplerChain.builder().minP(0.1f).distribution(1))
                .isEqualTo(SamplerChain.builder().stage(new MinP(0.1f, 0)).distribution(1))
                .isNotEqualTo(SamplerChain.builder().minP(0.1f).distribution(2))
                .isNotEqualTo(SamplerChain.builder().minP(0.1f).greedy());
    }
}
