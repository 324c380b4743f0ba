package io.github.javasampler.it;

import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.llama.ChatMessage;
import io.github.javasampler.llama.LlamaContext;
import io.github.javasampler.llama.LlamaModel;
import io.github.javasampler.llama.LlamaRuntime;
import io.github.javasampler.llama.NativeChain;
import io.github.javasampler.llama.parity.Chains;
import io.github.javasampler.llama.parity.Tally;
import io.github.javasampler.llama.parity.Trial;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// The comparison with llama.cpp on a model: of [ParityIT], and of a container that has another llama.cpp and no JUnit.
final class ParityRun {
    static final long SEED = Long.getLong("test.seed", 20261121L);

    /// Of every kind that ends a chain.
    static final List<String> LONG_CHAINS = List.of(
            "greedy",
            "penalties=64:1.1:0.1:0.1,top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42",
            "temperature=1.5,seed=1234",
            "temperature=0.8,mirostat_v2=5.0:0.1:14",
            "min_p=0.02,adaptive_p=0.3:0.9:15");

    private static final int TOKENS = 200;
    private static final int ROWS = 48;
    private static final String PROMPT = "Tell me a story about a lighthouse.";

    private ParityRun() {}

    /// What both chose of the same rows.
    record Tokens(int[] java, int[] llama) {}

    /// Compares everything with the llama.cpp that is found. Prints a summary, or what is different and exits with 1.
    ///
    /// @param arguments the model
    public static void main(String[] arguments) {
        try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), Path.of(arguments[0]))) {
            List<String> failures = new ArrayList<>();
            System.out.println(model.runtime() + ": " + allChains(model, failures) + ", seed " + SEED);
            for (String text : LONG_CHAINS) {
                Tokens tokens = longText(model, text);
                if (!Arrays.equals(tokens.java, tokens.llama)) {
                    failures.add(text + ": " + Arrays.toString(tokens.java) + " in Java, "
                            + Arrays.toString(tokens.llama) + " in llama.cpp");
                }
            }
            failures.forEach(System.out::println);
            System.exit(failures.isEmpty() ? 0 : 1);
        }
    }

    /// All chains over the rows of one text, in both numerics.
    ///
    /// @param failures gets what is different
    static Tally allChains(LlamaModel model, List<String> failures) {
        float[][] rows = rows(model);
        Tally all = new Tally();
        for (String text : Chains.TEXTS) {
            Tally tally = new Tally();
            SplittableRandom random = new SplittableRandom(SEED ^ text.hashCode());
            try (Trial trial = new Trial(model.runtime(), SamplerChain.parse(text), model.vocabularySize(), random,
                    tally)) {
                for (float[] row : rows) {
                    trial.run(row);
                }
            }
            all.add(tally);
            failures.addAll(tally.failures());
        }
        return all;
    }

    /// A text, at each token of which both choose.
    static Tokens longText(LlamaModel model, String text) {
        SamplerChain chain = SamplerChain.parse(text);
        try (LlamaContext context = model.newContext();
                NativeChain nativeChain = new NativeChain(model.runtime(), chain, model.vocabularySize())) {
            SamplerSession session = chain.newSession(model.vocabularySize());
            context.decode(prompt(model));
            Tokens tokens = new Tokens(new int[TOKENS], new int[TOKENS]);
            for (int i = 0; i < TOKENS; i++) {
                MemorySegment row = context.logits(-1);
                tokens.java[i] = session.sample(row);
                tokens.llama[i] = nativeChain.sample(context, -1);
                context.decode(tokens.llama[i]);
            }
            return tokens;
        }
    }

    private static float[][] rows(LlamaModel model) {
        float[][] rows = new float[ROWS][];
        try (LlamaContext context = model.newContext()) {
            SamplerSession session = SamplerChain.parse("temperature=0.8,seed=1").newSession(model.vocabularySize());
            context.decode(prompt(model));
            for (int i = 0; i < ROWS; i++) {
                rows[i] = context.logits(-1).toArray(ValueLayout.JAVA_FLOAT);
                context.decode(session.sample(context.logits(-1)));
            }
        }
        return rows;
    }

    static int[] prompt(LlamaModel model) {
        String text = model.chatTemplate().orElseThrow().apply(List.of(new ChatMessage("user", PROMPT)), true);
        return model.tokenizer().tokenize(text, true, true);
    }
}
