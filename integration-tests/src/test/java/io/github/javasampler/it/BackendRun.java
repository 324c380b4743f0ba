package io.github.javasampler.it;

import io.github.javasampler.Numerics;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.LlamaContext;
import io.github.javasampler.llama.LlamaModel;
import io.github.javasampler.llama.LlamaRuntime;
import io.github.javasampler.llama.NativeSampler;
import io.github.javasampler.llama.TokenPicker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/// The comparison with `llama_sampler_sample` on a model in whose graph the first stages run: of [BackendSamplingIT],
/// and of a container that has another llama.cpp and no JUnit.
final class BackendRun {
    private static final int TOKENS = 48;

    private BackendRun() {}

    /// @param first what runs in the graph
    /// @param rest what comes behind it: in the same chain, of which some may run in the graph too, or in another
    private record Case(String first, String rest) {}

    private static final List<Case> CASES = List.of(
            new Case("top_k=40", "top_p=0.95,min_p=0.05,temperature=0.8,seed=42"),
            new Case("penalties=64:1.3:0.1:0.1,top_k=100,temperature=0.7", "seed=1"),
            new Case("top_k=40,top_p=0.95", "typical=0.9,temperature=0.8,seed=2"),
            new Case("penalties=64:1.3:0.1:0.1,top_k=100", "xtc=0.5:0.1:1:3,seed=4"),
            new Case("min_p=0.02,temperature=1.3", "top_n_sigma=1,seed=5"),
            new Case("logit_bias=28:4;260:-5,temp_ext=1:0.5:1,top_k=30", "mirostat_v2=5:0.1:6"),
            new Case("temperature=0.9", "typical=0.95,seed=7"));

    /// Compares everything with the llama.cpp that is found. Prints a summary, or what is different and exits with 1.
    ///
    /// @param arguments the model
    public static void main(String[] arguments) {
        try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), Path.of(arguments[0]))) {
            List<String> failures = new ArrayList<>();
            System.out.println(model.runtime() + ", " + compare(model, failures));
            failures.forEach(System.out::println);
            System.exit(failures.isEmpty() ? 0 : 1);
        }
    }

    /// Compares them, and returns a summary.
    ///
    /// @param failures gets what is different
    static String compare(LlamaModel model, List<String> failures) {
        int texts = 0;
        for (Case each : CASES) {
            String whole = each.first + ',' + each.rest;
            int[] expected = run(model, chain(model, whole), (context, chain) -> RawLlama.sample(chain, context, -1));
            int[] found = run(model, chain(model, whole), (context, chain) -> chain.sample(context, -1));
            texts += check(whole, expected, found, failures);
            try (NativeSampler rest = chain(model, each.rest)) {
                expected = run(model, chain(model, each.first), (context, chain) -> {
                    int token = RawLlama.sample(rest, context, -1);
                    chain.accept(token);
                    return token;
                });
            }
            TokenPicker session = TokenPicker.of(SamplerChain.parse(each.rest)
                    .newSession(Vocabulary.ofSize(model.vocabularySize()), Numerics.LLAMA_CPP));
            found = run(model, chain(model, each.first), (context, _) -> session.pick(context, -1));
            texts += check(each.first + ", and in Java " + each.rest, expected, found, failures);
        }
        return "backend sampling: " + failures.size() + " of " + texts + " texts of " + TOKENS + " tokens differ";
    }

    private static int check(String text, int[] expected, int[] found, List<String> failures) {
        if (!Arrays.equals(expected, found)) {
            failures.add(text + ": " + Arrays.toString(found) + " instead of " + Arrays.toString(expected));
        }
        return 1;
    }

    private static int[] run(LlamaModel model, NativeSampler chain,
            BiFunction<LlamaContext, NativeSampler, Integer> pick) {
        int[] tokens = new int[TOKENS];
        try (chain; LlamaContext context = model.newContext()) {
            context.attach(0, chain);
            context.decode(ParityRun.prompt(model));
            for (int i = 0; i < TOKENS; i++) {
                tokens[i] = pick.apply(context, chain);
                context.decode(tokens[i]);
            }
        }
        return tokens;
    }

    /// Of llama.cpp's own stages, with or without a picker.
    private static NativeSampler chain(LlamaModel model, String text) {
        List<NativeSampler> members = new ArrayList<>();
        for (String stage : text.split(",")) {
            boolean picks = stage.startsWith("seed") || stage.startsWith("mirostat");
            Sampler parsed = SamplerChain.parse(picks ? stage : stage + ",greedy").stages().getFirst();
            members.add(NativeSampler.builtIn(model, parsed));
        }
        return NativeSampler.chain(model.runtime(), members);
    }
}
