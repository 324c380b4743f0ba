package io.github.javasampler.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.javasampler.BatchException;
import io.github.javasampler.BatchSampler;
import io.github.javasampler.Candidates;
import io.github.javasampler.InvalidLogitsException;
import io.github.javasampler.InvalidSettingException;
import io.github.javasampler.InvalidStateException;
import io.github.javasampler.Numerics;
import io.github.javasampler.Picker;
import io.github.javasampler.Rows;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.SamplingException;
import io.github.javasampler.SeededTest;
import io.github.javasampler.Trace;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.WordVocabulary;
import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.grammar.GrammarMatcher;
import io.github.javasampler.grammar.GrammarTrigger;
import io.github.javasampler.grammar.GrammarVocabulary;
import io.github.javasampler.grammar.NoTokenAllowedException;
import io.github.javasampler.grammar.TokenNotAllowedException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The grammar among the stages; what a grammar allows is tested where grammars are.
@SeededTest
class GrammarConstraintTest {
    private static final int END = 0;
    /// Two ends, printable characters, numbers of three digits, pairs of letters, and a control token of no text.
    private static final Vocabulary VOCABULARY = vocabulary();
    /// After a quote most tokens fit, else a few, and where the list ends only one does.
    private static final Grammar LIST = Grammar.parse("""
            root ::= "[" item ("," item)* "]"
            item ::= string | number
            string ::= "\\"" [^"\\\\]* "\\""
            number ::= [0-9]+
            """);
    private static final String[] CHAINS = {
        "greedy", "seed=1", "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=2", "top_p=0.9:3,seed=3",
        "min_p=0.2,seed=4", "typical=0.7,seed=5", "top_n_sigma=1.5,seed=6", "xtc=0.6:0.05:0:7,seed=7",
        "temp_ext=0.9:0.4:1,seed=8", "penalties=32:1.3:0.2:0.1,top_k=300,seed=9", "temperature=0,seed=10",
        "logit_bias=2:3;40:-Infinity,temperature=1.4,seed=11", "mirostat=4:0.1:100:12", "mirostat_v2=4:0.1:13",
        "adaptive_p=0.4:0.9:14", "top_k=2,xtc=1:0.1:0:15,seed=15", "infill,seed=16"
    };

    private static Vocabulary vocabulary() {
        List<String> words = new ArrayList<>(List.of("", "end"));
        for (char c = ' '; c < 127; c++) {
            words.add(String.valueOf(c));
        }
        for (int i = 0; i < 1_000; i++) {
            words.add("%03d".formatted(i));
        }
        for (char a = 'a'; a <= 'z'; a++) {
            for (char b = 'a'; b <= 'z'; b++) {
                words.add("" + a + b);
            }
        }
        words.addAll(List.of("\"]", "\",", "\",\"", "\u00fc", "", "[[", "[\"", "1,\"a"));
        return new WordVocabulary(Set.of(0, 1), words.toArray(String[]::new));
    }

    private static int token(String text) {
        int[] tokens = VOCABULARY.tokenize(text.getBytes(StandardCharsets.UTF_8));
        assertThat(tokens).hasSize(1);
        return tokens[0];
    }

    private static GrammarMatcher matcher(Grammar grammar) {
        return GrammarVocabulary.of(VOCABULARY).compile(grammar).newMatcher();
    }

    private static SamplerSession session(String chain) {
        return SamplerChain.parse(chain).newSession(VOCABULARY, Numerics.PORTABLE);
    }

    private static String grammar(Grammar grammar) {
        return new GrammarConstraint(grammar).toString();
    }

    private static float[] row(RandomGenerator random, int kind) {
        int size = VOCABULARY.size();
        return switch (kind % 3) {
            case 0 -> Rows.modelLike(random, size);
            case 1 -> Rows.gaussian(random, size, 2);
            default -> Rows.tied(random, size);
        };
    }

    private static MemorySegment segment(RandomGenerator random, float[] row) {
        return random.nextBoolean() ? Rows.offHeap(row) : MemorySegment.ofArray(row);
    }

    /// What the grammar does not allow, banned.
    private static float[] masked(float[] row, GrammarMatcher matcher) {
        float[] masked = row.clone();
        for (int token = 0; token < row.length; token++) {
            masked[token] = matcher.accepts(token) ? row[token] : Float.NEGATIVE_INFINITY;
        }
        return masked;
    }

    private static boolean hasCandidate(float[] row) {
        for (float logit : row) {
            if (logit > Float.NEGATIVE_INFINITY) {
                return true;
            }
        }
        return false;
    }

    /// Goes on by a token that fits, sometimes from the beginning.
    private static void advance(GrammarMatcher matcher, int token, SamplerSession... sessions) {
        if (VOCABULARY.isEndOfGeneration(token)) {
            matcher.reset();
            for (SamplerSession session : sessions) {
                session.reset();
            }
        } else {
            matcher.accept(token);
        }
    }

    @Test
    void aGrammarFirstIsARowThatBansWhatDoesNotFit(RandomGenerator random) {
        for (String chain : CHAINS) {
            SamplerSession constrained = session(grammar(LIST) + "," + chain);
            SamplerSession plain = session(chain);
            GrammarMatcher matcher = matcher(LIST);
            for (int step = 0; step < 90; step++) {
                float[] row = row(random, step);
                float[] masked = masked(row, matcher);
                if (!hasCandidate(masked)) {
                    continue;
                }
                int expected = plain.draw(MemorySegment.ofArray(masked), 0);
                if (!matcher.accepts(expected)) {
                    // Infill's own end.
                    assertThat(constrained.draw(segment(random, row), 0)).isEqualTo(expected);
                    continue;
                }
                plain.accept(expected);
                assertThat(constrained.sample(segment(random, row))).as("%s, step %d", chain, step)
                        .isEqualTo(expected);
                assertThat(constrained.survivors(-1)).as("%s, step %d", chain, step).isEqualTo(plain.survivors(-1));
                advance(matcher, expected, constrained, plain);
            }
        }
    }

    /// After a temperature, penalties, a ban and a sort the row is another, but still the row.
    @ParameterizedTest
    @ValueSource(strings = {
        "temperature=0.7", "penalties=16:1.5:0.3:0.2,temperature=1.3", "logit_bias=2:4;8:-2;60:-Infinity;900:1",
        "temperature=0.9,logit_bias=13:5;14:3", "top_k=900", "top_k=400,min_p=0.0001", "top_p=0.999", "temperature=0",
        "dry=1:1.5:1:64"
    })
    void amongOtherStagesItBansWhatIsLeftAndDoesNotFit(String before, RandomGenerator random) {
        for (String after : CHAINS) {
            if (after.startsWith("infill")) {
                continue;
            }
            SamplerSession constrained = session(before + "," + grammar(LIST) + "," + after);
            // A stage of its own, by single logits.
            GrammarMatcher matcher = matcher(LIST);
            SamplerChain.Builder builder = SamplerChain.builder();
            SamplerChain.parseStages(before).forEach(builder::stage);
            builder.stage(new OneByOne(matcher));
            SamplerChain parsed = SamplerChain.parse(after);
            parsed.stages().subList(0, parsed.stages().size() - 1).forEach(builder::stage);
            SamplerSession reference = builder.picker((Picker) parsed.stages().getLast())
                    .newSession(VOCABULARY, Numerics.PORTABLE);
            for (int step = 0; step < 24; step++) {
                float[] row = row(random, step);
                int expected;
                try {
                    expected = reference.draw(MemorySegment.ofArray(row), 0);
                } catch (SamplingException allBanned) {
                    assertThatExceptionOfType(NoTokenAllowedException.class)
                            .isThrownBy(() -> constrained.draw(segment(random, row), 0));
                    continue;
                }
                reference.accept(expected);
                assertThat(constrained.sample(segment(random, row))).as("%s, step %d", constrained, step)
                        .isEqualTo(expected);
                assertThat(constrained.survivors(-1)).isEqualTo(reference.survivors(-1));
                advance(matcher, expected, constrained, reference);
            }
        }
    }

    /// Bans by [Candidates#set].
    private record OneByOne(GrammarMatcher matcher) implements Sampler {
        @Override
        public String name() {
            return "one-by-one";
        }

        @Override
        public void apply(Candidates candidates) {
            boolean left = false;
            for (int token = 0; token < candidates.vocabularySize(); token++) {
                if (!matcher.accepts(token)) {
                    candidates.set(token, Float.NEGATIVE_INFINITY);
                }
                left |= candidates.logitOf(token) > Float.NEGATIVE_INFINITY;
            }
            if (!left) {
                throw new SamplingException("all banned");
            }
        }
    }

    @Test
    void onAMissTheChainRunsAgainOnWhatFits(RandomGenerator random) {
        int misses = 0;
        int hits = 0;
        for (String chain : CHAINS) {
            SamplerSession constrained = session(new GrammarConstraint(LIST).onMiss() + "," + chain);
            SamplerSession plain = session(chain);
            GrammarMatcher matcher = matcher(LIST);
            for (int step = 0; step < 60; step++) {
                float[] row = row(random, step);
                // Half the time the model knows the grammar.
                for (int favoured = random.nextInt(2) * 3; favoured > 0; favoured--) {
                    int token = random.nextInt(row.length);
                    row[token] += matcher.accepts(token) ? 14 : 0;
                }
                float[] masked = masked(row, matcher);
                int expected = plain.draw(MemorySegment.ofArray(row), 0);
                boolean hit = matcher.accepts(expected);
                if (!hit) {
                    if (!hasCandidate(masked)) {
                        assertThatExceptionOfType(NoTokenAllowedException.class)
                                .isThrownBy(() -> constrained.draw(segment(random, row), 0));
                        continue;
                    }
                    expected = plain.draw(MemorySegment.ofArray(masked), 0);
                }
                hits += hit ? 1 : 0;
                misses += hit ? 0 : 1;
                if (!matcher.accepts(expected)) {
                    assertThat(constrained.draw(segment(random, row), 0)).isEqualTo(expected);
                    continue;
                }
                plain.accept(expected);
                assertThat(constrained.sample(segment(random, row))).as("%s, step %d", chain, step)
                        .isEqualTo(expected);
                assertThat(constrained.survivors(-1)).isEqualTo(plain.survivors(-1));
                advance(matcher, expected, constrained, plain);
            }
        }
        assertThat(hits).isGreaterThan(50);
        assertThat(misses).isGreaterThan(50);
    }

    @Test
    void anEndFitsWhereTheTextIsCompleteAndNowhereElse(RandomGenerator random) {
        SamplerSession session = session(grammar(LIST) + ",greedy");
        float[] row = Rows.gaussian(random, VOCABULARY.size(), 1);
        row[END] = 30;
        for (String text : List.of("[", "\"", "ab", "\"]")) {
            row[token(text)] = 20;
            assertThat(session.sample(MemorySegment.ofArray(row))).isEqualTo(token(text));
            row[token(text)] = -20;
        }
        assertThat(session.sample(MemorySegment.ofArray(row))).isEqualTo(END);
        // It stays complete; there is nothing else.
        assertThat(session.sample(MemorySegment.ofArray(row))).isEqualTo(END);
        assertThat(session.kept()).isEqualTo(2);
    }

    @Test
    void whereThereIsNoWayOnTheExceptionSaysWhereAndTheSessionLivesOn(RandomGenerator random) {
        Grammar stuck = Grammar.parse("root ::= \"a\" eh\neh ::= \"\u00e9\"");
        MemorySegment row = MemorySegment.ofArray(Rows.gaussian(random, VOCABULARY.size(), 1));
        for (String text : List.of(grammar(stuck) + ",seed=1", new GrammarConstraint(stuck).onMiss() + ",seed=1")) {
            SamplerSession session = session(text);
            for (int i = 0; i < 2; i++) {
                assertThat(session.sample(row)).isEqualTo(token("a"));
                byte[] before = session.save();
                assertThatExceptionOfType(NoTokenAllowedException.class).isThrownBy(() -> session.sample(row))
                        .withMessageMatching("a grammar must have a way on, and no token of the vocabulary fits at"
                                + " `.*eh.*`; change the grammar, or reset the session");
                assertThat(session.save().length).isEqualTo(before.length);
                session.reset();
            }
        }
    }

    @Test
    void whereTheCutsLeaveNothingThatFitsTheExceptionSaysSo(RandomGenerator random) {
        SamplerSession session = session("top_k=2," + grammar(LIST) + ",greedy");
        float[] row = Rows.gaussian(random, VOCABULARY.size(), 1);
        row[token("x")] = 20;
        row[token("y")] = 21;
        assertThatExceptionOfType(NoTokenAllowedException.class)
                .isThrownBy(() -> session.sample(MemorySegment.ofArray(row)))
                .withMessageMatching("a grammar must leave a token, and none of the 2 that fit at `.*` can be drawn;"
                        + " put the grammar before the stages that cut");
        row[token("[")] = 20.5f;
        assertThat(session.sample(MemorySegment.ofArray(row))).isEqualTo(token("["));
        // The row itself may ban all that fits.
        Arrays.fill(row, Float.NEGATIVE_INFINITY);
        row[token("[")] = 1;
        SamplerSession first = session(grammar(LIST) + ",greedy");
        assertThat(first.sample(MemorySegment.ofArray(row))).isEqualTo(token("["));
        assertThatExceptionOfType(NoTokenAllowedException.class)
                .isThrownBy(() -> first.sample(MemorySegment.ofArray(row)));
        row[token("[")] = Float.NaN;
        assertThatExceptionOfType(InvalidLogitsException.class)
                .isThrownBy(() -> first.sample(MemorySegment.ofArray(row)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTokenThatDoesNotFitIsRefusedByAllStages(boolean onMiss) {
        GrammarConstraint constraint = onMiss ? new GrammarConstraint(LIST).onMiss() : new GrammarConstraint(LIST);
        SamplerSession session = session(onMiss ? constraint + ",penalties=64:1.1,seed=1"
                : "penalties=64:1.1," + constraint + ",seed=1");
        session.accept(token("["));
        byte[] before = session.save();
        assertThatExceptionOfType(TokenNotAllowedException.class).isThrownBy(() -> session.accept(token("x")))
                .satisfies(e -> assertThat(e.token()).isEqualTo(token("x")));
        assertThatExceptionOfType(TokenNotAllowedException.class).isThrownBy(() -> session.accept(END));
        assertThat(session.save()).isEqualTo(before);
        session.accept(token("123"));
        assertThat(session.save()).isNotEqualTo(before);
    }

    @Test
    void thePromptIsForThePenaltiesAndNotForTheGrammar() {
        SamplerSession session = session(grammar(LIST) + ",penalties=64:1:0:5,greedy");
        float[] row = new float[VOCABULARY.size()];
        row[token("[")] = 4;
        session.accept(token("["));
        for (String text : List.of("x", "123", "y")) {
            session.acceptPrompt(token(text));
        }
        row[token("x")] = 9;
        row[token("123")] = 3;
        row[token("7")] = 1;
        assertThat(session.sample(MemorySegment.ofArray(row))).isEqualTo(token("7"));
        assertThatIllegalArgumentException().isThrownBy(() -> session.acceptPrompt(-1));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void forksAndSavedSessionsGoOnFromWhereTheyWere(boolean onMiss, RandomGenerator random) {
        GrammarConstraint constraint = onMiss ? new GrammarConstraint(LIST).onMiss() : new GrammarConstraint(LIST);
        String chain = constraint + ",penalties=64:1.1,top_k=40,seed=3";
        SamplerSession session = session(chain);
        List<MemorySegment> rows = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            rows.add(Rows.offHeap(Rows.modelLike(random, VOCABULARY.size())));
        }
        for (MemorySegment row : rows.subList(0, 40)) {
            session.sample(row);
        }
        SamplerSession fork = session.fork();
        SamplerSession restored = session(chain);
        restored.restore(session.save());
        List<Integer> expected = rows.subList(40, 80).stream().map(session::sample).toList();
        assertThat(rows.subList(40, 80).stream().map(fork::sample)).isEqualTo(expected);
        assertThat(rows.subList(40, 80).stream().map(restored::sample)).isEqualTo(expected);
        assertThat(restored.save()).isEqualTo(session.save());
        session.reset();
        assertThat(rows.stream().map(session::sample)).startsWith(rows.stream().map(session(chain)::sample)
                .toArray(Integer[]::new));
        byte[] broken = session.save();
        broken[broken.length - 20]++;
        assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> restored.restore(broken));
    }

    @Test
    void explainTellsWhereTheGrammarCutsAToken(RandomGenerator random) {
        MemorySegment row = Rows.offHeap(Rows.gaussian(random, VOCABULARY.size(), 1));
        for (boolean onMiss : new boolean[] {false, true}) {
            GrammarConstraint constraint = onMiss ? new GrammarConstraint(LIST).onMiss() : new GrammarConstraint(LIST);
            SamplerSession session = session(constraint + ",top_k=5000,seed=1");
            session.accept(token("["));
            Trace trace = session.explain(row, token("x"));
            Trace.Fate fate = trace.fate().orElseThrow();
            assertThat(fate.cutBy()).contains("grammar");
            assertThat(fate.reason()).matches("token " + token("x") + " was cut by the grammar at `number, string`");
            assertThat(trace.stages()).extracting(Trace.Stage::name).containsExactly("grammar", "top-k");
            assertThat(trace.stages().getFirst().kept()).isEqualTo(onMiss ? VOCABULARY.size() : allowedAfterBracket());
            assertThat(session.explain(row, token("123")).fate().orElseThrow().cutBy()).isEmpty();
            session.accept(token("123"));
        }
        float[] banned = Rows.gaussian(random, VOCABULARY.size(), 1);
        banned[token("[")] = 5;
        banned[token("[\"")] = Float.NEGATIVE_INFINITY;
        assertThat(session(grammar(LIST) + ",greedy").explain(MemorySegment.ofArray(banned), token("[\"")).fate()
                .orElseThrow().reason()).endsWith("was cut by grammar: the row itself bans it");
    }

    private static int allowedAfterBracket() {
        GrammarMatcher matcher = matcher(LIST);
        matcher.accept(token("["));
        return matcher.mask().count();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBatchOfGrammarsIsEachOfThem(boolean onMiss, RandomGenerator random) {
        GrammarConstraint constraint = onMiss ? new GrammarConstraint(LIST).onMiss() : new GrammarConstraint(LIST);
        List<SamplerSession> batched = new ArrayList<>();
        List<SamplerSession> alone = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            batched.add(session(constraint + ",top_k=30,seed=" + i));
            alone.add(session(constraint + ",top_k=30,seed=" + i));
        }
        int[] tokens = new int[6];
        try (ExecutorService executor = Executors.newFixedThreadPool(3)) {
            BatchSampler sampler = BatchSampler.parallel(executor, 3);
            for (int step = 0; step < 60; step++) {
                List<MemorySegment> rows = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    rows.add(MemorySegment.ofArray(Rows.modelLike(random, VOCABULARY.size())));
                }
                sampler.sampleAll(rows, batched, tokens);
                for (int i = 0; i < 6; i++) {
                    assertThat(tokens[i]).isEqualTo(alone.get(i).sample(rows.get(i)));
                }
            }
        }
    }

    @Test
    void oneOfABatchThatIsStuckDoesNotStopTheOthers(RandomGenerator random) {
        Grammar stuck = Grammar.parse("root ::= \"\u00e9\"");
        List<SamplerSession> sessions = List.of(session(grammar(LIST) + ",seed=1"),
                session(grammar(stuck) + ",seed=1"));
        MemorySegment row = MemorySegment.ofArray(Rows.gaussian(random, VOCABULARY.size(), 1));
        int[] tokens = new int[2];
        assertThatExceptionOfType(BatchException.class)
                .isThrownBy(() -> BatchSampler.sequential().sampleAll(List.of(row, row), sessions, tokens));
        assertThat(tokens[0]).isIn(token("["), token("[\""));
        assertThat(tokens[1]).isEqualTo(Candidates.NONE);
    }

    @Test
    void aChainWithAGrammarIsEqualToTheOneThatItsTextDescribes() {
        Grammar grammar = Grammar.parse("top ::= \"a,b:c=%+ \" [\u00e4-\u00fc\u4e16] # comment\n", "top");
        GrammarTrigger trigger = new GrammarTrigger(List.of("<tool>", "^x:(y,z)$"), List.of(17, 4));
        for (GrammarConstraint constraint : List.of(new GrammarConstraint(LIST), new GrammarConstraint(grammar),
                new GrammarConstraint(grammar).lazy(trigger), new GrammarConstraint(LIST).lazy(trigger).onMiss(),
                new GrammarConstraint(grammar).onMiss())) {
            SamplerChain chain = SamplerChain.builder().stage(constraint).topK(4).distribution(1);
            SamplerChain parsed = SamplerChain.parse(chain.toString());
            assertThat(parsed).isEqualTo(chain).hasSameHashCodeAs(chain).hasToString(chain.toString());
            GrammarConstraint read = (GrammarConstraint) parsed.stages().getFirst();
            assertThat(read.grammar()).isEqualTo(constraint.grammar());
            assertThat(read.trigger()).isEqualTo(constraint.trigger());
            assertThat(read.isOnMiss()).isEqualTo(constraint.isOnMiss());
            assertThat(chain.describe()).isEqualTo("grammar -> top-k -> dist");
        }
        assertThat(new GrammarConstraint(LIST)).isNotEqualTo(new GrammarConstraint(LIST).onMiss());
        assertThat(new GrammarConstraint(grammar)).isNotEqualTo(new GrammarConstraint(grammar).lazy(trigger));
        assertThat(SamplerChain.builder().grammar(LIST).greedy()).hasToString(grammar(LIST) + ",greedy");
        assertThat(SamplerChain.builder().grammarOnMiss(LIST).greedy())
                .isEqualTo(SamplerChain.builder().stage(new GrammarConstraint(LIST).onMiss()).greedy());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            top_k=4,grammar_on_miss=root%3A%3A%3D%22a%22,greedy | a grammar that acts on a miss must be the first \
            stage (stage 2 of 3, "grammar_on_miss"); it bans before all the others; move it there, or let it act \
            where it is
            grammar=root,greedy | a grammar must be GBNF, percent-encoded: .*line 1.*
            grammar,greedy | a grammar must be GBNF, percent-encoded: .*
            grammar=root%3A%3A%3D%22a%22:other,greedy | a grammar must be GBNF, percent-encoded: .*other.*
            grammar=%,greedy | grammar must have a percent-encoded text at place 1, got "%" \
            (stage 1 of 2, "grammar"); write a percent sign as %25
            grammar=root%3A%3A%3D%22a%22:root:[x],greedy | grammar must be a number at place 3, got "[x]".*
            """)
    void aTextThatIsNoGrammarSaysWhatIsWrong(String text, String message) {
        String pattern = message.contains(".*") ? message.replace("[", "\\[") : Pattern.quote(message);
        assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(() -> SamplerChain.parse(text))
                .withMessageMatching("(?s)" + pattern);
    }

    @Test
    void aGrammarNeedsTextsAndToBeBound() {
        GrammarConstraint constraint = new GrammarConstraint(LIST);
        SamplerChain chain = SamplerChain.builder().stage(constraint).greedy();
        assertThatIllegalArgumentException().isThrownBy(() -> chain.newSession(100))
                .withMessageContaining("a stage of the chain needs the tokens' texts");
        assertThatIllegalStateException().isThrownBy(() -> constraint.accept(0))
                .withMessageStartingWith("grammar must be bound to a vocabulary");
        // Forks of what is not bound can be bound.
        assertThat(constraint.fork().bind(VOCABULARY).isComplete()).isFalse();
    }

    @Test
    void aLazyGrammarHoldsFromItsTriggerOn(RandomGenerator random) {
        GrammarConstraint lazy = new GrammarConstraint(LIST).lazy(GrammarTrigger.ofWords(List.of("[")));
        SamplerSession session = session("penalties=64:1.1," + lazy + ",seed=1");
        float[] row = Rows.gaussian(random, VOCABULARY.size(), 1);
        row[token("xy")] = 20;
        MemorySegment segment = MemorySegment.ofArray(row);
        assertThat(session.sample(segment)).isEqualTo(token("xy"));
        assertThat(session.explain(segment, token("xy")).fate().orElseThrow().cutBy()).isEmpty();
        SamplerSession restored = session("penalties=64:1.1," + lazy + ",seed=1");
        restored.restore(session.save());
        for (SamplerSession one : List.of(session.fork(), restored, session)) {
            // What begins it must fit it; no stage has accepted what does not.
            byte[] before = one.save();
            assertThatExceptionOfType(TokenNotAllowedException.class).isThrownBy(() -> one.accept(token("[[")));
            assertThat(one.save()).isEqualTo(before);
            one.accept(token("["));
            assertThat(one.sample(segment)).isNotEqualTo(token("xy"));
            assertThat(one.kept()).isLessThanOrEqualTo(allowedAfterBracket());
            assertThat(one.explain(segment, token("x")).fate().orElseThrow().cutBy()).contains("grammar");
        }
        session.reset();
        assertThat(session.sample(segment)).isEqualTo(token("xy"));
        SamplerSession onMiss = session(new GrammarConstraint(LIST)
                .lazy(new GrammarTrigger(List.of(), List.of(token("[")))).onMiss() + ",greedy");
        for (int i = 0; i < 3; i++) {
            assertThat(onMiss.sample(segment)).isEqualTo(token("xy"));
        }
        onMiss.accept(token("["));
        assertThat(onMiss.sample(segment)).isNotEqualTo(token("xy"));
    }

    @Test
    void samplingByAGrammarAllocatesNothing(RandomGenerator random) {
        var meter = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        Grammar lists = Grammar.parse("root ::= list*\n" + LIST.text().replace("root", "list"));
        GrammarConstraint constraint = new GrammarConstraint(lists);
        for (String chain : List.of(constraint + ",top_k=40,top_p=0.95,seed=1",
                constraint.onMiss() + ",top_k=40,seed=1", "temperature=0.8," + constraint + ",seed=1",
                "top_k=1500," + constraint + ",top_n_sigma=1,seed=1")) {
            SamplerSession session = session(chain);
            MemorySegment[] rows = new MemorySegment[8];
            for (int i = 0; i < rows.length; i++) {
                float[] row = Rows.modelLike(random, VOCABULARY.size());
                // Complete lists, so that all there is to know is soon known.
                row[token("[")] = 12;
                row[token("]")] = 12;
                row[token("\"]")] = 12;
                rows[i] = Rows.offHeap(row);
            }
            int freeRounds = 0;
            for (int round = 0; round < 100 && freeRounds < 5; round++) {
                long before = meter.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 2_000; i++) {
                    session.sample(rows[i % rows.length]);
                }
                freeRounds = meter.getCurrentThreadAllocatedBytes() == before ? freeRounds + 1 : 0;
            }
            assertThat(freeRounds).as("rounds of 2,000 tokens without a byte, of %s", chain).isEqualTo(5);
        }
    }
}
