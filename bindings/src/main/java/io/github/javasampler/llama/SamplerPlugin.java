package io.github.javasampler.llama;

import io.github.javasampler.Numerics;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.Vocabulary;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;

/// The way in for a program that is not Java and has started this JVM: a text becomes a `llama_sampler` for the
/// program's own libllama, of whatever version. That of [LlamaRuntime] is neither loaded nor called.
public final class SamplerPlugin {

    private SamplerPlugin() {
    }

    /// Makes a sampler. What its stages throw later goes to [FailureListener#LOG].
    ///
    /// The text has the stages of [SamplerChain#parse] in their order, with or without a picker at the end, and besides
    /// them, anywhere:
    ///
    /// | text | means |
    /// | --- | --- |
    /// | `class=com.example.MyStage` | a stage of your own, a public class with a constructor without parameters |
    /// | `n_vocab=N` | how many tokens there are; without it, as many as were seen (mirostat wants to know it) |
    /// | `numerics=portable` or `llama.cpp` | see [Numerics]; portable if left out |
    ///
    /// @param spec such as `top_k=40,top_p=0.95,temperature=0.8,seed=99`
    /// @param llamaSamplerInit the address of the program's `llama_sampler_init`
    /// @return the address of a `llama_sampler`, which the caller frees by `llama_sampler_free`, or a chain for it
    /// @throws IllegalArgumentException if the text is none of these, or the address is null
    public static long init(String spec, long llamaSamplerInit) {
        List<Sampler> stages = new ArrayList<>();
        Vocabulary vocabulary = null;
        Numerics numerics = Numerics.PORTABLE;
        for (String part : spec.split(",", -1)) {
            String value = part.substring(part.indexOf('=') + 1).strip();
            switch (part.substring(0, Math.max(part.indexOf('='), 0)).strip()) {
                case "class" -> stages.add(stage(value));
                case "n_vocab" -> vocabulary = Vocabulary.ofSize(number(value));
                case "numerics" -> numerics = numerics(value);
                default -> stages.addAll(SamplerChain.parseStages(part));
            }
        }
        return NativeSampler.published(SamplerHost.at(llamaSamplerInit, FailureListener.LOG), stages, vocabulary,
                numerics);
    }

    private static Sampler stage(String className) {
        try {
            Object made = Class.forName(className, true, ClassLoader.getSystemClassLoader()).getConstructor()
                    .newInstance();
            if (made instanceof Sampler stage) {
                return stage;
            }
            throw new IllegalArgumentException("class=" + className + " must implement " + Sampler.class.getName()
                    + ", and does not");
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException("class=" + className + " must have a constructor that succeeds, and it"
                    + " threw " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new IllegalArgumentException("class=" + className + " must be a public class on the class path with a"
                    + " public constructor without parameters: " + e, e);
        }
    }

    private static int number(String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("n_vocab must be a whole number, got \"" + value + "\"", e);
        }
    }

    private static Numerics numerics(String value) {
        for (Numerics numerics : Numerics.values()) {
            if (numerics.toString().equals(value)) {
                return numerics;
            }
        }
        throw new IllegalArgumentException("numerics must be portable or llama.cpp, got \"" + value + "\"");
    }
}
