package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.javasampler.Candidate;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.grammar.GrammarException;
import io.github.javasampler.grammar.GrammarLimitException;
import io.github.javasampler.grammar.GrammarMatcher;
import io.github.javasampler.grammar.GrammarTrigger;
import io.github.javasampler.grammar.GrammarVocabulary;
import io.github.javasampler.grammar.TokenMask;
import io.github.javasampler.grammar.TokenNotAllowedException;
import io.github.javasampler.llama.abi.llama_h;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Grammars against llama.cpp's own on real vocabularies: after every token the same ones must be allowed. Only tokens
/// that llama.cpp allows are accepted, since it would end the process over any other.
class GrammarParityTest {
    private static final long SEED = Long.getLong("test.seed", 20261121L);
    private static final int STEPS = 200;

    /// Of llama.cpp's samples: a text that each takes.
    private static final Map<String, String> SAMPLES = Map.of(
            "arithmetic", "(a_1 + 42) * (b/7) - x = 17\n3 = y * (2 + (1 - z))\n",
            "c", "int main(int x){float y = 1+2*x;while(x<10){x = x + 1;}if(x==2){return 1;}else{f(x, y);}"
                    + "// done\n/* all * of it */return -x;}",
            "chess", "1. e4 e5\n2. Nf3 Nc6\n3. Bb5 a6\n4. O-O Nxe4\n5. exd8=Q Rae8+\n",
            "english", "The quick brown fox jumps over the lazy dog, doesn't it?\n\"Yes,\" he said; it does!",
            "japanese", "\u6771\u4eac\u306f\u65e5\u672c\u306e\u9996\u90fd\u3067\u3059\u3002 \u30ab\u30bf\u30ab\u30ca"
                    + "\u3082\u66f8\u3051\u307e\u3059\u3001\u305f\u3076\u3093\u3002",
            "json", "{\"name\": \"Zo\u00eb \\u00fc \u4e16\u754c \ud83c\udf89\",\"tags\": [\"a b\", [], {}, "
                    + "[[[1.5e1]]]],\n\t\"nested\": {\"a\": {\"b\": {\"c\": [true, false, null, -0.25]}}}}",
            "json_arr", "[\n{\"k\": \"v, \\\"q\\\" w\"},\n[1, 2, {\"deep\": [[[[]]]]}],\n\"end\"]",
            "list", "- milk, 2 bottles\n- caf\u00e9 au lait\n- \u4e16\u754c \ud83c\udf89 (fireworks)\n");

    /// Grammars of this test's own, each with a text.
    private static final Map<String, String> OWN = Map.of(
            "root ::= item+\nitem ::= \"(\" item* \")\" | \"[\" [a-z ]{1,3} item? \"]\"",
            "([ab (()[c])])(()(()()))[x y]",
            // Complements of a few characters, which part of a character may not begin.
            "root ::= [^\\u00e9\\u4e16\\U0001F389]+ \"\\u00e9\" .*",
            "caf\u00e8 \u754c\u4e17 \u00e9 \ud83c\udf89\u4e16",
            // Alternates that begin alike within a character, and an end in the middle.
            "root ::= \"a\" (\"\\u00e9\" | \"\\u00e8x\" | [\\u4e00-\\u4e20])*",
            "a\u00e9\u00e8x\u4e16\u4e00\u00e9",
            // Ambiguous, with repetitions of repetitions that may be empty.
            "root ::= (word | num)* \".\"\nword ::= ([a-z]* | [a-m ]{0,4})*\nnum ::= [0-9]{2,} | [0-9]{1,3}",
            "the cat and 123 dogs 4.",
            "root ::= line{2,4} tail?\nline ::= [^\\n]{0,40} \"\\n\"\ntail ::= .{3} # the rest",
            "first line\n\nthird \u00fc\u4e16 line\nabc",
            "root ::= \"\\\"\" ([^\"\\\\\\x7F\\x00-\\x1F] | \"\\\\\" [\"\\\\/bfnrt]){5,50} \"\\\"\"",
            "\"counted, \\\"quoted\\\" and \u4e16\u754c\"",
            "root ::= \"yes\" | \"yesterday\" | \"no\" | \"not now\" | \"\\u2026\" | \"\\u2014\\u2014\"",
            "yesterday");

    @ParameterizedTest
    @ValueSource(strings = {"llama-spm", "gpt-2", "bert-bge"})
    void theSameTokensAreAllowedAsByLlamaCpp(String vocabulary) {
        List<String> differences = new ArrayList<>();
        int compared = 0;
        try (LlamaModel model = model(vocabulary)) {
            for (Map.Entry<String, String> grammar : grammars().entrySet()) {
                compared += compare(model, grammar.getKey(), grammar.getValue(), STEPS, differences);
            }
        }
        assertThat(differences).as("replay with -Dtest.seed=" + SEED).isEmpty();
        assertThat(compared).isGreaterThanOrEqualTo(STEPS * grammars().size());
    }

    /// Made-up grammars over a few hundred tokens: bytes that are no text on their own, and short pieces.
    @Test
    void madeUpGrammarsAllowTheSameTokens() {
        SplittableRandom random = new SplittableRandom(SEED);
        List<String> differences = new ArrayList<>();
        int compared = 0;
        int limited = 0;
        try (LlamaModel model = model("llama-spm")) {
            Vocabulary vocabulary = model.tokenizer().vocabulary();
            int[] tokens = shortTokens(vocabulary);
            for (int i = 0; i < 300; i++) {
                try {
                    compared += compareMadeUp(model, MadeUpGrammars.next(random), tokens, random, differences);
                } catch (GrammarLimitException e) {
                    limited++;
                }
            }
        }
        assertThat(differences).as("replay with -Dtest.seed=" + SEED).isEmpty();
        assertThat(compared).isGreaterThan(1_000);
        assertThat(limited).isLessThan(30);
    }

    static int compareMadeUp(LlamaModel model, String gbnf, int[] tokens, SplittableRandom random,
            List<String> differences) {
        Grammar grammar;
        try {
            grammar = Grammar.parse(gbnf);
        } catch (GrammarException e) {
            if (!e.getMessage().contains("left recursion")) {
                assertThatThrownBy(() -> NativeSampler.grammar(model, gbnf, "root")).isInstanceOf(LlamaException.class);
            }
            return 0;
        }
        GrammarMatcher matcher = GrammarVocabulary.of(model.tokenizer().vocabulary()).compile(grammar).newMatcher();
        StringBuilder soFar = new StringBuilder();
        int compared = 0;
        try (NativeSampler sampler = NativeSampler.grammar(model, gbnf, "root");
                Oracle oracle = new Oracle(sampler, tokens)) {
            for (int step = 0; step < 12; step++, compared++) {
                // First, so that what has no end here is not begun there.
                TokenMask mask = matcher.mask();
                long[] allowed = oracle.allowed();
                List<Integer> both = new ArrayList<>();
                for (int token : tokens) {
                    boolean fits = (allowed[token >> 6] >>> token & 1) != 0;
                    if (fits != mask.allows(token)) {
                        differences.add(gbnf + "\nafter \"" + soFar + "\": token " + token + " llama.cpp " + fits);
                        return compared;
                    }
                    if (fits && !model.tokenizer().isEndOfGeneration(token)) {
                        both.add(token);
                    }
                }
                if (both.isEmpty()) {
                    return compared;
                }
                int token = both.get(random.nextInt(both.size()));
                matcher.accept(token);
                llama_h.llama_sampler_accept(sampler.pointer(), token);
                soFar.append(token).append(' ');
            }
        }
        return compared;
    }

    /// Those of one byte, ends, and others of few bytes, some not ASCII.
    static int[] shortTokens(Vocabulary vocabulary) {
        List<Integer> tokens = new ArrayList<>();
        for (int token = 0; token < vocabulary.size(); token++) {
            byte[] piece = vocabulary.piece(token);
            boolean made = piece.length == 1 || vocabulary.isEndOfGeneration(token) || piece.length == 0;
            boolean text = piece.length <= 3 && new String(piece, StandardCharsets.UTF_8)
                    .matches("[abx(\" \u00e9\u00e8\u4e16\u754c]+");
            // The bytes with which NUL may be spelled in more than one: llama.cpp allows those, and then ends.
            boolean nul = piece.length == 1 && (piece[0] & 0xFF) >= 0xC0 && (piece[0] & 0xFF) <= 0xC1;
            if ((made || text) && !nul) {
                tokens.add(token);
            }
        }
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    /// Lazy ones: what the pattern finds, with which token, and what of its text the grammar gets. What Java refuses is
    /// not told to llama.cpp.
    @Test
    void lazyGrammarsBeginWhereTheyDoInLlamaCpp() {
        String call = "root ::= \"<call>\"? [a-z]+ \"(\" [0-9, ]* \")\" .*";
        List<String> pieces = List.of("say ", "hello ", "<call>", "<", "call", ">", "f", "g(", "(1", ", 2)", ")",
                "\n", "x");
        List<List<String>> patterns = List.of(List.of("<call>"), List.of("[\\s\\S]*?(<call>)[\\s\\S]*"),
                List.of("^say [\\s\\S]*<call>(f|g)?(\\()"), List.of("^(say )?([a-z]+)\\($", "x(f|g)"),
                List.of("l.>(.)$"), List.of("\\n(\\w+)\\("), List.of());
        SplittableRandom random = new SplittableRandom(SEED);
        List<String> differences = new ArrayList<>();
        int begun = 0;
        try (LlamaModel model = model("gpt-2"); Arena arena = Arena.ofConfined()) {
            int[][] tokens = pieces.stream().map(piece -> model.tokenizer().tokenize(piece, false, false))
                    .toArray(int[][]::new);
            int[] some = Stream.of(tokens).flatMapToInt(Arrays::stream).distinct().sorted()
                    .toArray();
            for (int round = 0; round < 400; round++) {
                List<String> chosen = patterns.get(round % patterns.size());
                GrammarTrigger trigger = new GrammarTrigger(chosen, List.of(tokens[6][0]));
                GrammarMatcher matcher = GrammarVocabulary.of(model.tokenizer().vocabulary())
                        .compile(Grammar.parse(call)).newMatcher(trigger);
                try (NativeSampler sampler = lazy(model, arena, call, trigger);
                        Oracle oracle = new Oracle(sampler, some)) {
                    begun += follow(matcher, sampler, oracle, tokens, some, random, chosen, differences) ? 1 : 0;
                }
            }
        }
        assertThat(differences).as("replay with -Dtest.seed=" + SEED).isEmpty();
        assertThat(begun).isBetween(50, 399);
    }

    /// Whether the grammar begins.
    private static boolean follow(GrammarMatcher matcher, NativeSampler sampler, Oracle oracle, int[][] pieces,
            int[] some, SplittableRandom random, List<String> patterns, List<String> differences) {
        StringBuilder soFar = new StringBuilder();
        for (int step = 0; step < 12; step++) {
            for (int token : pieces[random.nextInt(pieces.length)]) {
                try {
                    matcher.accept(token);
                } catch (TokenNotAllowedException e) {
                    continue;
                }
                llama_h.llama_sampler_accept(sampler.pointer(), token);
                soFar.append(token).append(' ');
                long[] allowed = oracle.allowed();
                for (int other : some) {
                    if ((allowed[other >> 6] >>> other & 1) != 0 != matcher.mask().allows(other)) {
                        differences.add(patterns + " after " + soFar + ": token " + other + ", Java waits: "
                                + matcher.isWaiting());
                        return false;
                    }
                }
            }
        }
        return !matcher.isWaiting();
    }

    private static NativeSampler lazy(LlamaModel model, Arena arena, String gbnf, GrammarTrigger trigger) {
        MemorySegment patterns = arena.allocate(ValueLayout.ADDRESS, trigger.patterns().size() + 1);
        for (int i = 0; i < trigger.patterns().size(); i++) {
            patterns.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(trigger.patterns().get(i)));
        }
        MemorySegment tokens = arena.allocateFrom(ValueLayout.JAVA_INT,
                trigger.tokens().stream().mapToInt(Integer::intValue).toArray());
        return NativeSampler.adopt(LlamaRuntime.load(), llama_h.llama_sampler_init_grammar_lazy_patterns(
                model.tokenizer().pointer(), arena.allocateFrom(gbnf), arena.allocateFrom("root"), patterns,
                trigger.patterns().size(), tokens, trigger.tokens().size()), model.vocabularySize());
    }

    @Test
    void aTokenStandsForWhatLlamaCppTakesItFor() {
        for (String name : List.of("llama-spm", "gpt-2", "qwen2", "bert-bge")) {
            try (LlamaModel model = model(name)) {
                Vocabulary vocabulary = model.tokenizer().vocabulary();
                for (int token = 0; token < vocabulary.size(); token++) {
                    byte[] piece = vocabulary.piece(token);
                    assertThat(piece.length > 0 ? piece : vocabulary.text(token)).as(name + " token " + token)
                            .isEqualTo(model.tokenizer().piece(token, true));
                }
            }
        }
    }

    /// llama.cpp's samples and this test's own.
    static Map<String, String> grammars() {
        Map<String, String> grammars = new LinkedHashMap<>();
        SAMPLES.forEach((name, text) -> {
            Path file = Requirement.llamaCpp().resolve("grammars/" + name + ".gbnf");
            try {
                grammars.put(Files.readString(file), text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        grammars.putAll(OWN);
        return grammars;
    }

    /// Goes through the text and then on at random, and begins anew when there is no way on.
    ///
    /// @return how many times all tokens were compared
    static int compare(LlamaModel model, String gbnf, String text, int steps, List<String> differences) {
        SplittableRandom random = new SplittableRandom(SEED ^ gbnf.hashCode());
        GrammarVocabulary vocabulary = GrammarVocabulary.of(model.tokenizer().vocabulary());
        GrammarMatcher matcher = vocabulary.compile(Grammar.parse(gbnf)).newMatcher();
        int[] planned = model.tokenizer().tokenize(text, false, false);
        StringBuilder soFar = new StringBuilder();
        int compared = 0;
        int lap = 0;
        try (NativeSampler sampler = NativeSampler.grammar(model, gbnf, "root"); Oracle oracle = new Oracle(sampler,
                vocabulary.size())) {
            for (int at = 0; compared < steps; compared++) {
                long[] expected = oracle.allowed();
                TokenMask mask = matcher.mask();
                String difference = difference(expected, mask, model.tokenizer());
                if (difference != null) {
                    differences.add(gbnf + "\nafter \"" + soFar + "\": " + difference);
                    return compared;
                }
                int token = at < planned.length && mask.allows(planned[at]) && lap % 2 == 0 ? planned[at++]
                        : pick(mask, model.tokenizer(), random);
                if (token < 0 || model.tokenizer().isEndOfGeneration(token)) {
                    sampler.reset();
                    matcher = vocabulary.compile(Grammar.parse(gbnf)).newMatcher();
                    soFar.setLength(0);
                    at = 0;
                    lap++;
                    continue;
                }
                if (!matcher.accepts(token)) {
                    differences.add(gbnf + "\nafter \"" + soFar + "\": the mask allows token " + token
                            + ", accepts does not");
                    return compared;
                }
                llama_h.llama_sampler_accept(sampler.pointer(), token);
                matcher.accept(token);
                soFar.append(new String(model.tokenizer().piece(token, true), StandardCharsets.UTF_8)).append('|');
            }
        }
        return compared;
    }

    /// Any allowed token, short ones more often: it is they that close things.
    private static int pick(TokenMask mask, Tokenizer tokenizer, SplittableRandom random) {
        if (mask.count() == 0) {
            return -1;
        }
        int token = -1;
        for (int attempt = 0; attempt < 20; attempt++) {
            token = mask.next(random.nextInt(mask.size()));
            token = token < 0 ? mask.next(0) : token;
            if (random.nextInt(3) == 0 || tokenizer.piece(token, true).length <= 2) {
                return token;
            }
        }
        return token;
    }

    private static String difference(long[] expected, TokenMask mask, Tokenizer tokenizer) {
        for (int i = 0; i < expected.length; i++) {
            long different = expected[i] ^ mask.word(i);
            if (different != 0) {
                int token = i * Long.SIZE + Long.numberOfTrailingZeros(different);
                return "token " + token + " \"" + new String(tokenizer.piece(token, true), StandardCharsets.ISO_8859_1)
                        + "\" is allowed by " + (mask.allows(token) ? "Java" : "llama.cpp") + " only";
            }
        }
        return null;
    }

    /// What llama.cpp's grammar allows, of all tokens.
    static final class Oracle implements AutoCloseable {
        private final NativeSampler sampler;
        private final Arena arena = Arena.ofConfined();
        private final CandidateArray array = new CandidateArray(arena);
        private final MemorySegment row;
        private final List<Candidate> only;
        private final int[] ids;
        private final float[] logits;

        /// Of all tokens.
        Oracle(NativeSampler sampler, int size) {
            this.sampler = sampler;
            row = arena.allocate((long) size * Float.BYTES, Float.BYTES);
            only = null;
            ids = new int[size];
            logits = new float[size];
        }

        /// Of some.
        Oracle(NativeSampler sampler, int[] tokens) {
            this.sampler = sampler;
            row = null;
            only = new ArrayList<>();
            for (int token : tokens) {
                only.add(new Candidate(token, 0, 0));
            }
            ids = new int[tokens[tokens.length - 1] + 1];
            logits = new float[ids.length];
        }

        /// What llama.cpp does for a step.
        void apply() {
            if (only == null) {
                array.fill(row, ids.length);
            } else {
                array.fill(only);
            }
            llama_h.llama_sampler_apply(sampler.pointer(), array.segment());
        }

        long[] allowed() {
            apply();
            long[] words = new long[ids.length + Long.SIZE - 1 >> 6];
            int count = array.copyTo(ids, logits);
            for (int i = 0; i < count; i++) {
                words[ids[i] >> 6] |= logits[i] == 0 ? 1L << ids[i] : 0;
            }
            return words;
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    static LlamaModel model(String vocabulary) {
        Path file = Requirement.llamaCpp().resolve("models/ggml-vocab-" + vocabulary + ".gguf");
        return LlamaModel.load(LlamaRuntime.load(), file, ModelOptions.DEFAULT.withVocabularyOnly(true));
    }
}
