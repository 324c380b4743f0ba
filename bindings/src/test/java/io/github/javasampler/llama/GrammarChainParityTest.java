package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.javasampler.Numerics;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.grammar.GrammarTrigger;
import io.github.javasampler.grammar.NoTokenAllowedException;
import io.github.javasampler.grammar.TokenNotAllowedException;
import io.github.javasampler.sampler.GrammarConstraint;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A grammar in front of a chain, in Java and in llama.cpp, banning first or on a miss: the same tokens.
class GrammarChainParityTest {
    private static final long SEED = Long.getLong("test.seed", 20261121L);
    private static final int STEPS = 150;
    private static final int LONGEST = 40;
    private static final Grammar LIST = Grammar.parse("""
            root ::= "[" (value ("," value){0,5})? "]"
            value ::= "\\"" [a-z ]{1,9} "\\"" | [0-9]{1,4} | root | "null"
            """);
    private static final List<String> REST = List.of("top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=7",
            "penalties=16:1.3,xtc=0.5:0.1:0:5,temperature=1.5,seed=7", "typical=0.9,mirostat_v2=5:0.1:7",
            "temperature=0.7,adaptive_p=0.3:0.9:7", "greedy");

    @ParameterizedTest
    @CsvSource({"gpt-2, false", "gpt-2, true", "llama-spm, false", "llama-spm, true"})
    void theTokensAreThoseOfLlamaCppsOwnGrammarInFrontOfItsChain(String vocabulary, boolean onMiss) {
        try (LlamaModel model = GrammarParityTest.model(vocabulary)) {
            for (String rest : REST) {
                assertThat(firstDifference(model, chain(onMiss, rest))).as(rest + ", -Dtest.seed=" + SEED)
                        .isEqualTo(STEPS);
            }
        }
    }

    private static SamplerChain chain(boolean onMiss, String rest) {
        GrammarConstraint grammar = new GrammarConstraint(LIST);
        return SamplerChain.parse((onMiss ? grammar.onMiss() : grammar) + "," + rest);
    }

    /// The step at which the tokens differ.
    private static int firstDifference(LlamaModel model, SamplerChain chain) {
        Vocabulary vocabulary = model.tokenizer().vocabulary();
        SplittableRandom random = new SplittableRandom(SEED);
        SamplerSession session = chain.newSession(vocabulary, Numerics.LLAMA_CPP);
        float[] logits = new float[vocabulary.size()];
        int length = 0;
        try (NativeChain nativeChain = new NativeChain(model, chain); Arena arena = Arena.ofConfined()) {
            MemorySegment row = arena.allocate(ValueLayout.JAVA_FLOAT, logits.length);
            for (int step = 0; step < STEPS; step++) {
                for (int i = 0; i < logits.length; i++) {
                    logits[i] = (float) random.nextGaussian() * 3;
                }
                // So that what fits is sometimes picked at once.
                for (int token : vocabulary.tokenize("[]\",0a null".getBytes(StandardCharsets.UTF_8))) {
                    logits[token] += 12;
                }
                MemorySegment.copy(logits, 0, row, ValueLayout.JAVA_FLOAT, 0, logits.length);
                int token = session.sample(row);
                if (nativeChain.sample(CheckedRow.copyOf(row, arena)) != token) {
                    return step;
                }
                if (vocabulary.isEndOfGeneration(token) || ++length == LONGEST) {
                    session.reset();
                    nativeChain.reset();
                    length = 0;
                }
            }
        }
        return STEPS;
    }

    @Test
    void aTokenThatDoesNotFitIsRefusedByBothAndBothGoOn() {
        try (LlamaModel model = GrammarParityTest.model("gpt-2")) {
            Vocabulary vocabulary = model.tokenizer().vocabulary();
            int fitting = vocabulary.tokenize("[".getBytes(StandardCharsets.UTF_8))[0];
            int other = vocabulary.tokenize("x".getBytes(StandardCharsets.UTF_8))[0];
            SamplerSession session = chain(true, "seed=1").newSession(vocabulary, Numerics.PORTABLE);
            assertThatThrownBy(() -> session.accept(other)).isInstanceOf(TokenNotAllowedException.class);
            session.acceptPrompt(other);
            session.accept(fitting);
            try (NativeChain nativeChain = new NativeChain(model, chain(true, "seed=1"))) {
                assertThatThrownBy(() -> nativeChain.accept(other)).isInstanceOf(LlamaException.class)
                        .hasMessageContaining("must fit the grammar");
                nativeChain.acceptPrompt(other);
                nativeChain.accept(fitting);
                assertThat(nativeChain.names()).containsExactly("grammar", "dist");
                try (NativeChain copy = nativeChain.copy()) {
                    assertThatThrownBy(() -> copy.accept(other)).isInstanceOf(LlamaException.class);
                    copy.accept(vocabulary.tokenize("]".getBytes(StandardCharsets.UTF_8))[0]);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRowWithNoWayOnIsATypedErrorInBothAndBothGoOn(boolean onMiss) {
        try (LlamaModel model = GrammarParityTest.model("gpt-2"); Arena arena = Arena.ofConfined();
                NativeChain nativeChain = new NativeChain(model, chain(onMiss, "seed=1"))) {
            Vocabulary vocabulary = model.tokenizer().vocabulary();
            SamplerSession session = chain(onMiss, "seed=1").newSession(vocabulary, Numerics.LLAMA_CPP);
            MemorySegment row = arena.allocate(ValueLayout.JAVA_FLOAT, vocabulary.size());
            for (int i = 0; i < vocabulary.size(); i++) {
                row.setAtIndex(ValueLayout.JAVA_FLOAT, i, Float.NEGATIVE_INFINITY);
            }
            row.setAtIndex(ValueLayout.JAVA_FLOAT, vocabulary.tokenize("x".getBytes(StandardCharsets.UTF_8))[0], 1f);
            assertThatThrownBy(() -> session.sample(row)).isInstanceOf(NoTokenAllowedException.class);
            assertThatThrownBy(() -> nativeChain.sample(CheckedRow.copyOf(row, arena)))
                    .isInstanceOf(NoTokenAllowedException.class).hasMessageContaining("leaves none");
            int fitting = vocabulary.tokenize("[".getBytes(StandardCharsets.UTF_8))[0];
            row.setAtIndex(ValueLayout.JAVA_FLOAT, fitting, 0f);
            assertThat(session.sample(row)).isEqualTo(fitting);
            assertThat(nativeChain.sample(CheckedRow.copyOf(row, arena))).isEqualTo(fitting);
        }
    }

    @Test
    void aGrammarThatWaitsOrStandsFurtherBackHasNoNativeChain() {
        GrammarConstraint grammar = new GrammarConstraint(LIST);
        SamplerChain waiting = SamplerChain.builder().stage(grammar.lazy(GrammarTrigger.ofWords(List.of("list:"))))
                .distribution(1);
        SamplerChain further = SamplerChain.builder().topK(5).stage(grammar).distribution(1);
        try (LlamaModel model = GrammarParityTest.model("gpt-2")) {
            assertThatThrownBy(() -> new NativeChain(model, waiting)).isInstanceOf(NoNativeSamplerException.class)
                    .hasMessageContaining("waits for a trigger");
            assertThatThrownBy(() -> new NativeChain(model, further)).isInstanceOf(NoNativeSamplerException.class)
                    .hasMessageContaining("must be the first one");
            assertThatThrownBy(() -> new NativeChain(model.runtime(), chain(false, "seed=1"), 50_257))
                    .isInstanceOf(NoNativeSamplerException.class).hasMessageContaining("texts of the tokens");
        }
    }
}
