package io.github.javasampler;

import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.random.Mt19937;
import io.github.javasampler.sampler.AdaptiveP;
import io.github.javasampler.sampler.Distribution;
import io.github.javasampler.sampler.Dry;
import io.github.javasampler.sampler.DynamicTemperature;
import io.github.javasampler.sampler.GrammarConstraint;
import io.github.javasampler.sampler.Greedy;
import io.github.javasampler.sampler.Infill;
import io.github.javasampler.sampler.LogitBias;
import io.github.javasampler.sampler.MinP;
import io.github.javasampler.sampler.Mirostat;
import io.github.javasampler.sampler.MirostatV2;
import io.github.javasampler.sampler.Penalties;
import io.github.javasampler.sampler.Temperature;
import io.github.javasampler.sampler.TopK;
import io.github.javasampler.sampler.TopNSigma;
import io.github.javasampler.sampler.TopP;
import io.github.javasampler.sampler.Typical;
import io.github.javasampler.sampler.Xtc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The stages that choose a token, ending in one picker. A chain is immutable, thread-safe and equal by value; what
/// changes from token to token lives in its sessions.
///
/// {@snippet :
/// SamplerChain chain = SamplerChain.builder()
///         .topK(40).topP(0.95f).minP(0.05f).temperature(0.8f)
///         .distribution(42);
/// SamplerSession session = chain.newSession(vocabularySize);
/// int token = session.sample(row);
/// }
public final class SamplerChain {
    private static final int WARM_UP_TEXT = 100;
    private static final int WARM_UP_ROW = 32_768;
    private static final long WARM_UP_NANOS = 1_000_000_000;
    /// Few enough not to begin what [Kernel#awaitFastest] waits for.
    private static final int WARM_UP_ROWS = 1_000;

    private final List<Sampler> stages;

    private SamplerChain(List<Sampler> stages) {
        this.stages = stages;
    }

    /// Starts a chain. The calls that name a picker end it and return it: there is no chain without one.
    public static Builder builder() {
        return new Builder();
    }

    /// The chain that a text describes, such as `top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42`.
    ///
    /// Stages stand in their order, separated by commas; settings of one stage by colons, and those in brackets may be
    /// left out:
    ///
    /// | text | stage |
    /// | --- | --- |
    /// | `logit_bias=TOKEN:BIAS;TOKEN:BIAS ...` | [LogitBias] |
    /// | `penalties=LAST_N[:REPEAT:FREQUENCY:PRESENCE]` | [Penalties] |
    /// | `dry=MULTIPLIER[:BASE:ALLOWED_LENGTH:LAST_N[:BREAKER ...]]`, breakers percent-encoded | [Dry] |
    /// | `top_n_sigma=N` | [TopNSigma] |
    /// | `top_k=K` | [TopK] |
    /// | `typical=P[:MIN_KEEP]`, `top_p=P[:MIN_KEEP]`, `min_p=P[:MIN_KEEP]` | [Typical], [TopP], [MinP] |
    /// | `xtc=PROBABILITY:THRESHOLD[:MIN_KEEP:SEED]` | [Xtc] |
    /// | `infill` | [Infill] |
    /// | `grammar=GBNF[:ROOT[:TRIGGER ...]]`, percent-encoded, triggers patterns or `[TOKEN]` | [GrammarConstraint] |
    /// | `grammar_on_miss=` and the same | [GrammarConstraint#onMiss] |
    /// | `temperature=T` | [Temperature] |
    /// | `temp_ext=T:RANGE[:EXPONENT]` | [DynamicTemperature] |
    /// | `greedy`, `seed=N`, `dist` (a random seed) | the pickers [Greedy], [Distribution] |
    /// | `mirostat=TAU:ETA:M[:SEED]`, `mirostat_v2=TAU:ETA[:SEED]` | the pickers [Mirostat], [MirostatV2] |
    /// | `adaptive_p=TARGET:DECAY[:SEED]` | the picker [AdaptiveP] |
    ///
    /// Names of [SamplerFactory] services are known too. A seed that is left out is a random one. [#toString] gives the
    /// text back.
    ///
    /// @throws InvalidSettingException if the text is no chain, naming the stage
    public static SamplerChain parse(String text) {
        return ChainText.parse(text);
    }

    /// The stages that a text describes, which need not end in a picker: for a place within a chain of somebody else.
    ///
    /// @throws InvalidSettingException as [#parse], but that a picker may be missing
    public static List<Sampler> parseStages(String text) {
        return ChainText.read(text).buildStages(false);
    }

    /// The stages in their order; the last is a [Picker].
    public List<Sampler> stages() {
        return stages;
    }

    /// The state of a new sequence, with [Numerics#PORTABLE].
    ///
    /// @param vocabularySize how many floats a row holds, at least 1
    /// @throws IllegalArgumentException if a stage needs to know the tokens' texts
    public SamplerSession newSession(int vocabularySize) {
        return newSession(Vocabulary.ofSize(vocabularySize), Numerics.PORTABLE);
    }

    /// The state of a new sequence.
    ///
    /// @throws IllegalArgumentException if a stage needs what the vocabulary has not
    /// @throws IllegalStateException if the numerics need a [FloatMath] service and there is none
    public SamplerSession newSession(Vocabulary vocabulary, Numerics numerics) {
        return SamplerSession.of(this, vocabulary, numerics);
    }

    /// Runs the chain over made-up rows, and its grammar over made-up tokens, for at most a second, or until its thread
    /// is interrupted. So its classes are loaded and the JIT compiler has had its turn before the first token. Call it
    /// on a thread of its own while the model loads, which you interrupt when it has; a server calls
    /// [Kernel#awaitFastest] before. Sessions are not touched. A stage that cannot work on such rows (it may know
    /// tokens that they do not have) ends it early, and will say so in earnest.
    public void warmUp() {
        Mt19937 random = new Mt19937(1);
        try (Arena arena = Arena.ofConfined()) {
            loadOtherMemory(arena);
            MadeUpVocabulary vocabulary = new MadeUpVocabulary(WARM_UP_ROW);
            SamplerSession session = newSession(vocabulary, Numerics.PORTABLE);
            MemorySegment row = arena.allocate(ValueLayout.JAVA_FLOAT, WARM_UP_ROW);
            for (int i = 0; i < WARM_UP_ROW; i++) {
                row.setAtIndex(ValueLayout.JAVA_FLOAT, i, 16 * random.nextFloat() * random.nextFloat() - 8);
            }
            long end = System.nanoTime() + WARM_UP_NANOS;
            for (int length = 1; length <= WARM_UP_ROWS && System.nanoTime() < end
                    && !Thread.currentThread().isInterrupted(); length++) {
                int token = session.sample(row);
                if (length % WARM_UP_TEXT == 0 || vocabulary.isEndOfGeneration(token)) {
                    session.reset();
                }
            }
        } catch (RuntimeException unsuited) {
            // Nothing has been promised but warmth.
        }
    }

    /// Uses what a decode loop does beside rows: memory on the heap, and pointers. Where the first of these comes
    /// later, the JIT compiler throws away what it has made for rows, having taken for granted that there is no other.
    private static void loadOtherMemory(Arena arena) {
        MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
        pointer.set(ValueLayout.ADDRESS, 0, MemorySegment.NULL);
        MemorySegment.copy(MemorySegment.ofArray(new byte[1]), 0, pointer, 0, 1);
        MemorySegment.copy(MemorySegment.ofArray(new int[1]), 0, pointer, 0, 1);
    }

    /// The stages' names, those that do nothing with a `?` in front: `top-k -> ?top-p -> temp -> dist`.
    public String describe() {
        return stages.stream().map(Sampler::name).collect(Collectors.joining(" -> "));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SamplerChain that && stages.equals(that.stages);
    }

    @Override
    public int hashCode() {
        return stages.hashCode();
    }

    /// The chain as text, which [#parse] reads.
    @Override
    public String toString() {
        return stages.stream().map(Sampler::toString).collect(Collectors.joining(","));
    }

    /// Collects the stages of a chain. Settings are checked when the chain is built, so that errors can name the place.
    /// Not thread-safe.
    public static final class Builder {
        private record Step(String name, Supplier<? extends Sampler> stage) {}

        private final List<Step> steps = new ArrayList<>();

        private Builder() {}

        /// Divides the logits; see [Temperature].
        public Builder temperature(float temperature) {
            return add("temp", () -> new Temperature(temperature));
        }

        /// Keeps the best `k`; see [TopK].
        public Builder topK(int k) {
            return add("top-k", () -> new TopK(k));
        }

        /// Keeps the mass `p`; see [TopP].
        public Builder topP(float p) {
            return topP(p, 0);
        }

        /// Keeps the mass `p`, and never fewer than `minKeep`; see [TopP].
        public Builder topP(float p, int minKeep) {
            return add("top-p", () -> new TopP(p, minKeep));
        }

        /// Keeps what is at least `p` times as probable as the best; see [MinP].
        public Builder minP(float p) {
            return minP(p, 0);
        }

        /// Keeps what is at least `p` times as probable as the best, and never fewer than `minKeep`; see [MinP].
        public Builder minP(float p, int minKeep) {
            return add("min-p", () -> new MinP(p, minKeep));
        }

        /// Divides the logits by a temperature that follows the entropy; see [DynamicTemperature].
        public Builder dynamicTemperature(float temperature, float range, float exponent) {
            return add("temp-ext", () -> new DynamicTemperature(temperature, range, exponent));
        }

        /// Keeps the locally typical; see [Typical].
        public Builder typical(float p) {
            return typical(p, 0);
        }

        /// Keeps the locally typical, and never fewer than `minKeep`; see [Typical].
        public Builder typical(float p, int minKeep) {
            return add("typical", () -> new Typical(p, minKeep));
        }

        /// Keeps what is at most `n` standard deviations below the best; see [TopNSigma].
        public Builder topNSigma(float n) {
            return add("top-n-sigma", () -> new TopNSigma(n));
        }

        /// Drops all but the least of the top choices; see [Xtc].
        public Builder xtc(float probability, float threshold, int minKeep, long seed) {
            return add("xtc", () -> new Xtc(probability, threshold, minKeep, seed));
        }

        /// Lowers the logits of tokens that came before; see [Penalties].
        public Builder penalties(int lastN, float repeat, float frequency, float presence) {
            return add("penalties", () -> new Penalties(lastN, repeat, frequency, presence));
        }

        /// Lowers the logits of tokens that would lengthen a repetition; see [Dry] and [Dry#DEFAULT_BREAKERS].
        public Builder dry(float multiplier, float base, int allowedLength, int lastN, List<String> breakers) {
            return add("dry", () -> new Dry(multiplier, base, allowedLength, lastN, breakers));
        }

        /// Ends early, or goes on with what is clear; see [Infill].
        public Builder infill() {
            return add("infill", Infill::new);
        }

        /// Adds to the logits of given tokens; see [LogitBias].
        public Builder logitBias(Map<Integer, Float> biasByToken) {
            return add("logit-bias", () -> new LogitBias(biasByToken));
        }

        /// Bans what does not fit a grammar, here among the stages; see [GrammarConstraint].
        public Builder grammar(Grammar grammar) {
            return add("grammar", () -> new GrammarConstraint(grammar));
        }

        /// Bans what does not fit a grammar if the chain has chosen such a token, and lets it choose again. To be named
        /// first; see [GrammarConstraint].
        public Builder grammarOnMiss(Grammar grammar) {
            return add("grammar", () -> new GrammarConstraint(grammar).onMiss());
        }

        /// A stage of your own, in its initial state.
        public Builder stage(Sampler stage) {
            Objects.requireNonNull(stage, "stage");
            return add(stage.name(), () -> stage);
        }

        /// Ends the chain by picking the best candidate; see [Greedy].
        public SamplerChain greedy() {
            return picker(new Greedy());
        }

        /// Ends the chain by a draw; see [Distribution].
        ///
        /// @param seed in [0, 4294967294]
        public SamplerChain distribution(long seed) {
            return add("dist", () -> new Distribution(seed)).build();
        }

        /// Ends the chain by a draw with a random seed, which the chain's text shows.
        public SamplerChain distribution() {
            return distribution(ThreadLocalRandom.current().nextLong(Distribution.MAX_SEED + 1));
        }

        /// Ends the chain by a draw that holds the surprise near `tau` bits; see [Mirostat].
        public SamplerChain mirostat(float tau, float eta, int m, long seed) {
            return add("mirostat", () -> new Mirostat(tau, eta, m, seed)).build();
        }

        /// Ends the chain by a draw that holds the surprise near `tau` bits; see [MirostatV2].
        public SamplerChain mirostatV2(float tau, float eta, long seed) {
            return add("mirostat-v2", () -> new MirostatV2(tau, eta, seed)).build();
        }

        /// Ends the chain by a draw that prefers probabilities near `target`; see [AdaptiveP].
        public SamplerChain adaptiveP(float target, float decay, long seed) {
            return add("adaptive-p", () -> new AdaptiveP(target, decay, seed)).build();
        }

        /// Ends the chain by a picker of your own, in its initial state.
        public SamplerChain picker(Picker picker) {
            Objects.requireNonNull(picker, "picker");
            return add(picker.name(), () -> picker).build();
        }

        Builder add(String name, Supplier<? extends Sampler> stage) {
            steps.add(new Step(name, stage));
            return this;
        }

        /// Makes every stage and checks that the last, and no other, is a picker.
        SamplerChain build() {
            return new SamplerChain(buildStages(true));
        }

        /// @param endsInPicker whether the last stage must be one
        List<Sampler> buildStages(boolean endsInPicker) {
            List<Sampler> stages = new ArrayList<>(steps.size());
            for (int i = 0; i < steps.size(); i++) {
                stages.add(make(i, endsInPicker));
            }
            return List.copyOf(stages);
        }

        private Sampler make(int index, boolean endsInPicker) {
            Step step = steps.get(index);
            boolean last = index == steps.size() - 1;
            try {
                Sampler stage = step.stage.get();
                if (stage instanceof Picker && !last) {
                    throw new InvalidSettingException("a picker must be the last stage",
                            "what comes after it would change nothing; move it to the end and keep only one");
                }
                if (!(stage instanceof Picker) && last && endsInPicker) {
                    throw new InvalidSettingException("a chain must end in a picker",
                            "add greedy, seed=N for a draw with that seed, or dist for one with a random seed");
                }
                if (index > 0 && stage instanceof GrammarConstraint grammar && grammar.isOnMiss()) {
                    throw new InvalidSettingException("a grammar that acts on a miss must be the first stage",
                            "it bans before all the others; move it there, or let it act where it is");
                }
                return stage;
            } catch (InvalidSettingException e) {
                throw e.at(index + 1, steps.size(), step.name);
            }
        }
    }
}
