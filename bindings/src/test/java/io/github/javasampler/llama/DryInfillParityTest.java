package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.Candidate;
import io.github.javasampler.Numerics;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.sampler.Dry;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The stages that look at texts, against llama.cpp's own on real vocabularies: the library is the oracle.
class DryInfillParityTest {
    private static final long SEED = Long.getLong("test.seed", 20261121L);
    private static final int STEPS = 320;
    /// Of breakers and of what surrounds them, in several cuts.
    private static final List<String> TEXTS = List.of("\n", ":", "\"", "*", "the", " the", "cat", "a", "b", " ",
            "\n\n", "):", "**", ".\"", "\u00fc", "\u4e16\u754c", "e", "end", "ing", "<|im_end|>", "! ", "\ud83c\udf89");

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "llama-bpe", "llama-spm", "qwen2", "phi-3", "gemma-4", "bert-bge"})
    void dryIsThatOfLlamaCpp(String vocabulary) {
        // Of more than 40 bytes, where they are cut: after a character, and within one.
        String ascii = "the cat sat on the mat, and the dog sat there too";
        String unicode = "the cat sat on the mat, and the dog sat\u4e16\u754c";
        List<Dry> stages = List.of(
                new Dry(0.8f, 1.75f, 2, 64, Dry.DEFAULT_BREAKERS),
                new Dry(0.5f, 1.2f, 1, 300, List.of("the cat", "\u4e16\u754c")),
                new Dry(1.3f, 3, 0, 33, List.of(ascii, unicode)),
                new Dry(2, 1, 3, 128, List.of(" the end", "ing\n", "\ud83c\udf89", "ab", "bab", "e")),
                new Dry(1, 1.0000005f, 2, 100, List.of()));
        List<String> mismatches = new ArrayList<>();
        int penalties = 0;
        try (LlamaModel model = model(vocabulary)) {
            for (Dry dry : stages) {
                int[][] phrases = phrases(model.tokenizer(), dry.sequenceBreakers());
                // On the row, and on what is left of it, in order. No top-p: its sums of floats are another matter.
                for (SamplerChain chain : List.of(
                        SamplerChain.builder().stage(dry).topK(50).distribution(1),
                        SamplerChain.builder().topK(60).stage(dry).topK(50).distribution(2))) {
                    penalties += steps(model, chain, Numerics.PORTABLE, phrases, mismatches);
                    penalties += steps(model, chain, Numerics.LLAMA_CPP, phrases, mismatches);
                }
            }
        }
        assertThat(mismatches).as("replay with -Dtest.seed=" + SEED).isEmpty();
        // So it was not nothing that was compared.
        assertThat(penalties).isGreaterThan(10 * STEPS);
    }

    private static int steps(LlamaModel model, SamplerChain chain, Numerics numerics, int[][] phrases,
            List<String> mismatches) {
        SamplerSession session = chain.newSession(model.tokenizer().vocabulary(), numerics);
        try (NativeChain nativeChain = new NativeChain(model, chain)) {
            return steps(session, nativeChain, phrases, mismatches);
        }
    }

    @Test
    void dryWithoutBreakersNeedsNoModel() {
        SamplerChain chain = SamplerChain.builder().dry(1, 1.75f, 2, 64, List.of()).topK(20).distribution(3);
        List<String> mismatches = new ArrayList<>();
        for (Numerics numerics : Numerics.values()) {
            SamplerSession session = chain.newSession(Vocabulary.ofSize(1_000), numerics);
            try (NativeChain nativeChain = new NativeChain(LlamaRuntime.load(), chain, 1_000)) {
                int[][] phrases = {{1}, {5}, {9, 200}, {700}};
                assertThat(steps(session, nativeChain, phrases, mismatches)).isGreaterThan(STEPS);
            }
        }
        assertThat(mismatches).as("replay with -Dtest.seed=" + SEED).isEmpty();
    }

    /// Up to the first mismatch. Both are told of the same tokens, most of which are as some time before. Returns how
    /// many logits were penalized.
    private static int steps(SamplerSession session, NativeChain nativeChain, int[][] phrases,
            List<String> mismatches) {
        SplittableRandom random = new SplittableRandom(SEED ^ session.chain().hashCode());
        float[] row = new float[session.vocabularySize()];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) random.nextGaussian(-4, 1);
        }
        int penalties = 0;
        int step = 0;
        for (int token : tokens(phrases, random)) {
            for (int[] phrase : phrases) {
                for (int favoured : phrase) {
                    row[favoured] = (float) random.nextDouble(6, 9);
                }
            }
            NativeChain.Selection llama = nativeChain.apply(row);
            int java = session.draw(MemorySegment.ofArray(row), 0);
            List<Candidate> survivors = session.survivors(-1);
            String difference = difference(session.numerics(), survivors, llama.survivors());
            if (java != llama.token() || difference != null) {
                mismatches.add(session.numerics() + " " + session.chain() + " step " + step + ": Java " + java
                        + ", llama.cpp " + llama.token() + ", " + difference);
                return penalties;
            }
            for (Candidate candidate : survivors) {
                penalties += candidate.logit() == row[candidate.id()] ? 0 : 1;
            }
            nativeChain.accept(token);
            session.accept(token);
            step++;
        }
        return penalties;
    }

    /// To the bit with numerics llama.cpp, within rounding with those that are portable; equal logits in any order.
    private static String difference(Numerics numerics, List<Candidate> java, List<Candidate> llama) {
        if (java.size() != llama.size()) {
            return "kept " + java.size() + " and " + llama.size();
        }
        for (int i = 0; i < java.size(); i++) {
            Candidate ours = java.get(i);
            Candidate theirs = llama.get(i);
            boolean same = numerics == Numerics.LLAMA_CPP ? ours.id() == theirs.id() && ours.logit() == theirs.logit()
                    : Math.abs(ours.logit() - theirs.logit()) <= 2 * Math.ulp(theirs.logit());
            if (!same) {
                return "place " + i + ": " + ours + " and " + theirs;
            }
        }
        return null;
    }

    /// Phrases, and what came some time before again.
    private static int[] tokens(int[][] phrases, SplittableRandom random) {
        int[] tokens = new int[STEPS];
        int back = 1;
        for (int step = 0; step < STEPS;) {
            back = random.nextInt(16) == 0 ? random.nextInt(1, 30) : back;
            if (step >= back && random.nextInt(9) > 0) {
                tokens[step] = tokens[step - back];
                step++;
            } else {
                int[] phrase = phrases[random.nextInt(phrases.length)];
                int length = Math.min(phrase.length, STEPS - step);
                System.arraycopy(phrase, 0, tokens, step, length);
                step += length;
            }
        }
        return tokens;
    }

    /// Whole breakers, those of which something is missing, and texts in which they begin and end otherwise.
    private static int[][] phrases(Tokenizer tokenizer, List<String> breakers) {
        List<String> texts = new ArrayList<>(TEXTS);
        for (String breaker : breakers) {
            texts.addAll(List.of(breaker, "cat" + breaker + "s", breaker.substring(0, Math.min(40, breaker.length())),
                    breaker.substring(breaker.length() / 2)));
        }
        Collections.shuffle(texts.subList(0, TEXTS.size()), new Random(SEED ^ breakers.hashCode()));
        List<int[]> phrases = new ArrayList<>();
        for (String text : texts.subList(TEXTS.size() - 8, texts.size())) {
            int[] phrase = tokenizer.tokenize(text, false, false);
            if (phrase.length > 0) {
                phrases.add(phrase);
            }
        }
        return phrases.toArray(int[][]::new);
    }

    /// Rows that favour ends, prefixes of each other, single words, and nothing.
    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "llama-bpe", "llama-spm", "qwen2", "phi-3"})
    void infillIsThatOfLlamaCpp(String vocabulary) {
        List<String> mismatches = new ArrayList<>();
        try (LlamaModel model = model(vocabulary)) {
            Vocabulary tokens = model.tokenizer().vocabulary();
            int[][] families = families(tokens);
            for (Numerics numerics : Numerics.values()) {
                for (String text : List.of("top_k=40,infill,seed=7", "min_p=0.01,infill,temperature=0.7,seed=8",
                        "top_k=12,infill,top_k=2,greedy")) {
                    SamplerChain chain = SamplerChain.parse(text);
                    SamplerSession session = chain.newSession(tokens, numerics);
                    try (NativeChain nativeChain = new NativeChain(model, chain)) {
                        infill(session, nativeChain, families, vocabulary + " " + numerics + " " + text, mismatches);
                    }
                }
            }
        }
        assertThat(mismatches).as("replay with -Dtest.seed=" + SEED).isEmpty();
    }

    private static void infill(SamplerSession session, NativeChain nativeChain, int[][] families, String name,
            List<String> mismatches) {
        SplittableRandom random = new SplittableRandom(SEED ^ name.hashCode());
        float[] background = new float[session.vocabularySize()];
        for (int i = 0; i < background.length; i++) {
            background[i] = (float) random.nextDouble(-9, -5);
        }
        int[] sizes = new int[4];
        for (int step = 0; step < STEPS; step++) {
            float[] row = background.clone();
            for (int favoured = random.nextInt(1, 9); favoured > 0; favoured--) {
                int[] family = families[random.nextInt(families.length)];
                double level = random.nextDouble(2, 6);
                for (int i = random.nextInt(family.length); i >= 0; i--) {
                    row[family[random.nextInt(family.length)]] = (float) random.nextDouble(level - 2, level);
                }
            }
            NativeChain.Selection llama = nativeChain.apply(row);
            int java = session.draw(MemorySegment.ofArray(row), 0);
            List<Candidate> expected = new ArrayList<>(llama.survivors());
            expected.removeIf(candidate -> candidate.logit() == Float.NEGATIVE_INFINITY);
            String difference = difference(session.numerics(), session.survivors(-1), expected);
            sizes[Math.min(expected.size(), 4) - 1]++;
            if (java != llama.token() || difference != null) {
                mismatches.add(name + " step " + step + ": Java " + java + ", llama.cpp " + llama.token() + ", "
                        + difference);
            }
        }
        if (sizes[0] == 0 || sizes[1] == 0 && sizes[2] == 0 && !name.endsWith("greedy")) {
            mismatches.add(name + ": the rows are too much alike, sizes 1 to 4 came " + List.of(sizes[0], sizes[1],
                    sizes[2], sizes[3]) + " times");
        }
    }

    /// The ends of generation, and tokens that begin with the same letter or word.
    private static int[][] families(Vocabulary vocabulary) {
        List<int[]> families = new ArrayList<>();
        List<Integer> ends = new ArrayList<>();
        for (int token = 0; token < vocabulary.size(); token++) {
            if (vocabulary.isEndOfGeneration(token)) {
                ends.add(token);
            }
        }
        families.add(ends.stream().mapToInt(Integer::intValue).toArray());
        for (String beginning : List.of("the", " the", "in", "Q", "\u00fc", "re")) {
            byte[] bytes = beginning.getBytes(StandardCharsets.UTF_8);
            int[] family = new int[8];
            int count = 0;
            for (int token = 0; token < vocabulary.size() && count < family.length; token++) {
                byte[] piece = vocabulary.piece(token);
                int common = Arrays.mismatch(piece, bytes);
                if (piece.length > 0 && (common == -1 || common == Math.min(piece.length, bytes.length))) {
                    family[count++] = token;
                }
            }
            families.add(Arrays.copyOf(family, count));
        }
        return families.toArray(int[][]::new);
    }

    @Test
    void samplingByTextsAllocatesNothing() {
        var meter = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        try (LlamaModel model = model("llama-spm")) {
            SamplerChain chain = SamplerChain.builder().dry(0.8f, 1.75f, 2, 64, Dry.DEFAULT_BREAKERS).topK(40).infill()
                    .distribution(1);
            SamplerSession session = chain.newSession(model.tokenizer().vocabulary(), Numerics.PORTABLE);
            SplittableRandom random = new SplittableRandom(SEED);
            MemorySegment[] rows = new MemorySegment[4];
            for (int i = 0; i < rows.length; i++) {
                float[] row = new float[session.vocabularySize()];
                for (int token = 0; token < row.length; token++) {
                    row[token] = (float) random.nextGaussian(0, 3);
                }
                rows[i] = MemorySegment.ofArray(row);
            }
            // As in the core's test: warm is who spends nothing on 10,000 tokens in a row.
            int freeRounds = 0;
            for (int round = 0; round < 100 && freeRounds < 5; round++) {
                long before = meter.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 2_000; i++) {
                    session.sample(rows[i % rows.length]);
                }
                freeRounds = meter.getCurrentThreadAllocatedBytes() == before ? freeRounds + 1 : 0;
            }
            assertThat(freeRounds).isEqualTo(5);
        }
    }

    private static LlamaModel model(String vocabulary) {
        Path file = Requirement.llamaCpp().resolve("models/ggml-vocab-" + vocabulary + ".gguf");
        return LlamaModel.load(LlamaRuntime.load(), file, ModelOptions.DEFAULT.withVocabularyOnly(true));
    }
}
