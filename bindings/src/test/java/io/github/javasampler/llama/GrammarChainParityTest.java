package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.javasampler.Candidate;
import io.github.javasampler.Numerics;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.grammar.GrammarTrigger;
import io.github.javasampler.grammar.NoTokenAllowedException;
import io.github.javasampler.grammar.TokenNotAllowedException;
import io.github.javasampler.sampler.GrammarConstraint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Chains with a grammar, against llama.cpp's own grammar in its own chain, or beside it as its tools have it: the same
/// tokens, and in numerics llama.cpp the same logits. What grammars allow is compared in [GrammarParityTest].
class GrammarChainParityTest {
    private static final long SEED = Long.getLong("test.seed", 20261121L);
    private static final int STEPS = 150;
    private static final List<String> STRUCTURE = List.of("{", "}", "[", "]", "\"", ":", ",", "1", "-", " ", "\n", "},",
            "true", "{\"", "\":", "0", "a", "e", "- ", "\u00fc");

    /// Chains around a grammar, which stands where the name does.
    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "llama-bpe", "llama-spm", "qwen2", "phi-3"})
    void chainsWithAGrammarChooseAsLlamaCpp(String vocabulary) {
        List<String> mismatches = new ArrayList<>();
        int[] outcomes = new int[3];
        try (LlamaModel model = model(vocabulary)) {
            for (String name : List.of("json", "list")) {
                Grammar grammar = grammar(name);
                String first = new GrammarConstraint(grammar).toString();
                String onMiss = new GrammarConstraint(grammar).onMiss().toString();
                for (String text : List.of(
                        first + ",top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=1",
                        onMiss + ",penalties=64:1.1,top_k=40,min_p=0.05,temperature=0.8,seed=2",
                        onMiss + ",top_k=60,mirostat_v2=4:0.1:3",
                        onMiss + ",top_k=60,xtc=0.5:0.05:0:4,adaptive_p=0.3:0.9:4",
                        "penalties=64:1.1,temperature=0.9," + first + ",top_k=30,xtc=0.5:0.02:0:5,seed=5",
                        "top_k=300," + first + ",min_p=0.001,seed=6")) {
                    steps(model, SamplerChain.parse(text), vocabulary + " " + name, mismatches, outcomes);
                }
            }
        }
        assertThat(mismatches).as("replay with -Dtest.seed=" + SEED).isEmpty();
        assertThat(outcomes[0]).as("tokens").isGreaterThan(8 * STEPS);
        assertThat(outcomes[1]).as("ends").isPositive();
        assertThat(outcomes[2]).as("dead ends").isPositive();
    }

    /// Up to the first mismatch.
    private static void steps(LlamaModel model, SamplerChain chain, String name, List<String> mismatches,
            int[] outcomes) {
        Vocabulary tokens = model.tokenizer().vocabulary();
        SplittableRandom random = new SplittableRandom(SEED ^ name.hashCode() ^ chain.hashCode());
        int[] structure = STRUCTURE.stream().map(text -> model.tokenizer().tokenize(text, false, false))
                .filter(ids -> ids.length > 0).mapToInt(ids -> ids[ids.length - 1]).toArray();
        List<SamplerSession> sessions = List.of(chain.newSession(tokens, Numerics.PORTABLE),
                chain.newSession(tokens, Numerics.LLAMA_CPP));
        float[] background = new float[tokens.size()];
        for (int i = 0; i < background.length; i++) {
            background[i] = (float) random.nextGaussian(-3, 1);
        }
        try (NativeChain nativeChain = new NativeChain(model, chain)) {
            for (int step = 0; step < STEPS; step++) {
                float[] row = row(background, structure, tokens, random);
                NativeChain.Selection llama;
                try {
                    llama = nativeChain.apply(row);
                } catch (NoTokenAllowedException e) {
                    outcomes[2]++;
                    for (SamplerSession session : sessions) {
                        assertThatExceptionOfType(NoTokenAllowedException.class)
                                .isThrownBy(() -> session.draw(MemorySegment.ofArray(row), 0));
                    }
                    // Else it would be the same again.
                    nativeChain.reset();
                    sessions.forEach(SamplerSession::reset);
                    continue;
                }
                for (SamplerSession session : sessions) {
                    int token = session.draw(MemorySegment.ofArray(row), 0);
                    String difference = difference(session, llama.survivors());
                    if (token != llama.token() || difference != null) {
                        mismatches.add(name + " " + session.numerics() + " " + chain.describe() + " step " + step
                                + ": Java " + token + ", llama.cpp " + llama.token() + ", " + difference);
                        return;
                    }
                }
                outcomes[0]++;
                nativeChain.accept(llama.token());
                for (SamplerSession session : sessions) {
                    session.accept(llama.token());
                }
                if (tokens.isEndOfGeneration(llama.token())) {
                    outcomes[1]++;
                    nativeChain.reset();
                    sessions.forEach(SamplerSession::reset);
                }
            }
        }
    }

    /// Flat, or with peaks, at what grammars are made of or anywhere, or at the end.
    private static float[] row(float[] background, int[] structure, Vocabulary tokens, SplittableRandom random) {
        float[] row = background.clone();
        for (int peaks = random.nextInt(12); peaks > 0; peaks--) {
            row[structure[random.nextInt(structure.length)]] = (float) random.nextDouble(4, 9);
            row[random.nextInt(row.length)] = (float) random.nextDouble(2, 8);
        }
        for (int token = 0; token < row.length; token++) {
            if (tokens.isEndOfGeneration(token)) {
                row[token] = (float) random.nextDouble(3, 10);
            }
        }
        return row;
    }

    /// To the bit with numerics llama.cpp; with those that are portable the same tokens are left.
    private static String difference(SamplerSession session, List<Candidate> all) {
        List<Candidate> theirs = new ArrayList<>(all);
        theirs.removeIf(candidate -> candidate.logit() == Float.NEGATIVE_INFINITY);
        if (session.numerics() == Numerics.PORTABLE) {
            return session.kept() == theirs.size() ? null : "kept " + session.kept() + " and " + theirs.size();
        }
        List<Candidate> ours = session.survivors(-1);
        theirs.sort((a, b) -> Float.compare(b.logit(), a.logit()));
        if (ours.size() != theirs.size()) {
            return "kept " + ours.size() + " and " + theirs.size();
        }
        for (int i = 0; i < ours.size(); i++) {
            if (ours.get(i).logit() != theirs.get(i).logit()) {
                return "place " + i + ": " + ours.get(i) + " and " + theirs.get(i);
            }
        }
        return null;
    }

    @Test
    void inNumericsLlamaCppTheWholeArrayIsThatOfItsGrammar() {
        try (LlamaModel model = model("llama-spm")) {
            GrammarConstraint constraint = new GrammarConstraint(grammar("json"));
            SplittableRandom random = new SplittableRandom(SEED);
            try (NativeSampler published = NativeSampler.publish(LlamaRuntime.load(), constraint,
                            model.tokenizer().vocabulary(), Numerics.LLAMA_CPP);
                    NativeSampler own = NativeSampler.builtIn(model, constraint)) {
                for (String text : List.of("{", "\"", "key", "\":", "[", "1", ",", "\"", "\\", "n", "\"", "]", "}")) {
                    List<Candidate> candidates = new ArrayList<>();
                    for (int token = 0; token < model.vocabularySize(); token++) {
                        candidates.add(new Candidate(token, (float) random.nextGaussian(), 0));
                    }
                    List<Candidate> expected = own.narrow(candidates);
                    assertThat(published.narrow(candidates)).isEqualTo(expected);
                    // Narrowed, in another order.
                    List<Candidate> some = new ArrayList<>(candidates.subList(0, 3_000));
                    Collections.shuffle(some, new Random(SEED));
                    assertThat(published.narrow(some)).isEqualTo(own.narrow(some));
                    int[] tokens = model.tokenizer().tokenize(text, false, false);
                    int token = tokens[tokens.length - 1];
                    published.accept(token);
                    own.accept(token);
                }
            }
        }
    }

    @Test
    void nativeChainsWithAGrammarRefuseWhatWouldEndTheProcess() {
        try (LlamaModel model = model("gpt-2")) {
            int a = model.tokenizer().tokenize("a", false, false)[0];
            int b = model.tokenizer().tokenize("b", false, false)[0];
            Grammar grammar = Grammar.parse("root ::= \"a\" \"a\"");
            for (GrammarConstraint constraint : List.of(new GrammarConstraint(grammar),
                    new GrammarConstraint(grammar).onMiss())) {
                SamplerChain chain = SamplerChain.builder().stage(constraint).topK(40).distribution(1);
                try (NativeChain nativeChain = new NativeChain(model, chain)) {
                    float[] row = new float[model.vocabularySize()];
                    row[b] = 9;
                    nativeChain.acceptPrompt(b);
                    assertThatExceptionOfType(LlamaException.class).isThrownBy(() -> nativeChain.accept(b))
                            .withMessageStartingWith("a token must fit the grammar to be accepted");
                    nativeChain.accept(a);
                    try (NativeChain copy = nativeChain.copy()) {
                        assertThat(copy.apply(row).token()).isEqualTo(a);
                        copy.accept(a);
                        assertThat(model.tokenizer().isEndOfGeneration(copy.apply(row).token())).isTrue();
                        copy.reset();
                        copy.accept(a);
                        copy.accept(a);
                        row[model.tokenizer().eos()] = Float.NEGATIVE_INFINITY;
                        assertThatExceptionOfType(NoTokenAllowedException.class).isThrownBy(() -> copy.apply(row));
                        row[model.tokenizer().eos()] = 0;
                    }
                    assertThat(nativeChain.apply(row).token()).isEqualTo(a);
                    assertThat(nativeChain.names()).isEqualTo(constraint.isOnMiss() ? List.of("top-k", "dist")
                            : List.of("grammar", "top-k", "dist"));
                }
            }
            SamplerChain chain = SamplerChain.builder().grammarOnMiss(grammar).greedy();
            assertThatExceptionOfType(NoNativeSamplerException.class)
                    .isThrownBy(() -> new NativeChain(model.runtime(), chain, model.vocabularySize()));
        }
    }

    @Test
    void lazyGrammarsAreThoseOfLlamaCppWhereTokensTriggerThem() {
        try (LlamaModel model = model("gpt-2")) {
            int open = model.tokenizer().tokenize("[", false, false)[0];
            int word = model.tokenizer().tokenize("x", false, false)[0];
            GrammarConstraint lazy = new GrammarConstraint(Grammar.parse("root ::= \"[\" [0-9]+ \"]\""))
                    .lazy(new GrammarTrigger(List.of(), List.of(open, word)));
            for (GrammarConstraint constraint : List.of(lazy, lazy.onMiss())) {
                SamplerChain chain = SamplerChain.builder().stage(constraint).topK(20).temperature(1).distribution(3);
                SplittableRandom random = new SplittableRandom(SEED);
                int constrained = 0;
                try (NativeChain nativeChain = new NativeChain(model, chain)) {
                    SamplerSession session = chain.newSession(model.tokenizer().vocabulary(), Numerics.LLAMA_CPP);
                    assertThatExceptionOfType(TokenNotAllowedException.class)
                            .isThrownBy(() -> nativeChain.accept(word));
                    assertThatExceptionOfType(TokenNotAllowedException.class).isThrownBy(() -> session.accept(word));
                    for (int step = 0; step < 200; step++) {
                        float[] row = new float[model.vocabularySize()];
                        for (int i = 0; i < row.length; i++) {
                            row[i] = (float) random.nextGaussian();
                        }
                        row[word] = Float.NEGATIVE_INFINITY;
                        row[open] = 8;
                        int token = session.draw(MemorySegment.ofArray(row), 0);
                        assertThat(nativeChain.apply(row).token()).isEqualTo(token);
                        constrained += session.kept() < 20 ? 1 : 0;
                        nativeChain.accept(token);
                        session.accept(token);
                        if (model.tokenizer().isEndOfGeneration(token)) {
                            nativeChain.reset();
                            session.reset();
                        }
                    }
                }
                assertThat(constrained).isPositive();
            }
            SamplerChain words = SamplerChain.builder().stage(lazy.lazy(GrammarTrigger.ofWords(List.of("[")))).greedy();
            assertThatExceptionOfType(NoNativeSamplerException.class).isThrownBy(() -> new NativeChain(model, words));
            assertThatExceptionOfType(NoNativeSamplerException.class)
                    .isThrownBy(() -> NativeSampler.builtIn(model, lazy));
        }
    }

    private static Grammar grammar(String name) {
        try {
            return Grammar.parse(Files.readString(Requirement.llamaCpp().resolve("grammars/" + name + ".gbnf")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static LlamaModel model(String vocabulary) {
        Path file = Requirement.llamaCpp().resolve("models/ggml-vocab-" + vocabulary + ".gguf");
        return LlamaModel.load(LlamaRuntime.load(), file, ModelOptions.DEFAULT.withVocabularyOnly(true));
    }
}
