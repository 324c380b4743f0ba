package io.github.javasampler.llama;

import io.github.javasampler.Candidate;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.llama.abi.llama_h;
import io.github.javasampler.llama.abi.llama_logit_bias;
import io.github.javasampler.llama.abi.llama_sampler_chain_params;
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
import java.util.Optional;

/// llama.cpp's own sampler chain, made of the stages of a [SamplerChain]. It is what this library is compared with.
///
/// A grammar at its front is llama.cpp's own too, guarded: what does not fit is refused before llama.cpp hears of it.
///
/// For one thread at a time; a second one gets a [InUseException].
public final class NativeChain implements AutoCloseable {
    /// What llama.cpp's infill has room for; of a longer piece it would abort.
    private static final int MAX_INFILL_PIECE = 512;

    private final SamplerChain source;
    private final int vocabularySize;
    /// Null if the stages don't look at one.
    private final LlamaModel model;
    /// Null if the first stage is none.
    private final NativeGrammar grammar;
    private final NativePointer pointer;
    private final ExclusiveUse use;
    private final CandidateArray array;
    /// Whether a token has been selected and none accepted since.
    private boolean pending;

    /// What [#apply] left.
    ///
    /// @param token the id that was selected
    /// @param survivors the candidates in llama.cpp's order; `p` is what the last stage that computes it wrote
    public record Selection(int token, List<Candidate> survivors) {
        /// Copies the list.
        public Selection {
            survivors = List.copyOf(survivors);
        }
    }

    /// Builds llama.cpp's chain for a chain whose stages need no texts of tokens.
    ///
    /// @param vocabularySize how many tokens there are
    /// @throws NoNativeSamplerException if a stage has no counterpart in llama.cpp, or needs a model
    public NativeChain(LlamaRuntime runtime, SamplerChain chain, int vocabularySize) {
        this(NativeGrammar.of(null, chain), chain, emptyChain(Objects.requireNonNull(runtime, "runtime")),
                vocabularySize, null);
        addStages();
    }

    /// Builds llama.cpp's chain for a chain and a model, of which the vocabulary is enough. The model must be closed
    /// later.
    ///
    /// @throws NoNativeSamplerException if a stage has no counterpart in llama.cpp
    /// @throws LlamaException if a stage does not suit the model's vocabulary
    public NativeChain(LlamaModel model, SamplerChain chain) {
        this(NativeGrammar.of(model, chain), chain, emptyChain(model.runtime()), model.vocabularySize(), model);
        addStages();
    }

    /// Becomes the owner of `chain`.
    ///
    /// @param model null if no stage needs it; it can't be closed as long as this chain is open
    private NativeChain(NativeGrammar grammar, SamplerChain source, MemorySegment chain, int vocabularySize,
            LlamaModel model) {
        this.grammar = grammar;
        this.source = source;
        this.vocabularySize = vocabularySize;
        this.model = model;
        if (model != null) {
            model.chainOpened();
        }
        // void llama_sampler_free(struct llama_sampler * smpl);
        pointer = new NativePointer("the native chain " + source, chain, llama_h::llama_sampler_free);
        use = new ExclusiveUse(pointer, "a native chain must be used by one thread at a time, and another is in it;"
                + " make one for each sequence");
        array = new CandidateArray(pointer.arena());
    }

    /// @param loaded proof that there is a library to call
    private static MemorySegment emptyChain(LlamaRuntime loaded) {
        try (Arena confined = Arena.ofConfined()) {
            // struct llama_sampler_chain_params llama_sampler_chain_default_params(void);
            MemorySegment parameters = llama_h.llama_sampler_chain_default_params(confined);
            llama_sampler_chain_params.no_perf(parameters, true);
            // struct llama_sampler * llama_sampler_chain_init(struct llama_sampler_chain_params params);
            return llama_h.llama_sampler_chain_init(parameters);
        }
    }

    private void addStages() {
        try {
            List<Sampler> stages = source.stages();
            for (int i = grammar == null ? 0 : 1; i < stages.size(); i++) {
                // void llama_sampler_chain_add(struct llama_sampler * chain, struct llama_sampler * smpl);
                llama_h.llama_sampler_chain_add(pointer.get(),
                        nativeStage(stages.get(i), i, stages.size(), vocabularySize, model));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /// llama.cpp's counterpart of a stage, which the caller owns.
    ///
    /// @param index its place among `count` stages, for messages
    /// @param model null if there is none
    static MemorySegment nativeStage(Sampler stage, int index, int count, int vocabularySize, LlamaModel model) {
        boolean needsTexts = stage instanceof Infill
                || stage instanceof Dry dry && !dry.sequenceBreakers().isEmpty() && !dry.name().startsWith("?");
        if (needsTexts && model == null) {
            throw NoNativeSamplerException.needsModel(stage.name(), index, count);
        }
        return switch (stage) {
            // struct llama_sampler * llama_sampler_init_temp(float t);
            case Temperature temperature -> llama_h.llama_sampler_init_temp(temperature.temperature());
            // struct llama_sampler * llama_sampler_init_top_k(int32_t k);
            case TopK topK -> llama_h.llama_sampler_init_top_k(topK.k());
            // struct llama_sampler * llama_sampler_init_top_p(float p, size_t min_keep);
            case TopP topP -> llama_h.llama_sampler_init_top_p(topP.p(), topP.minKeep());
            // struct llama_sampler * llama_sampler_init_min_p(float p, size_t min_keep);
            case MinP minP -> llama_h.llama_sampler_init_min_p(minP.p(), minP.minKeep());
            // struct llama_sampler * llama_sampler_init_typical(float p, size_t min_keep);
            case Typical typical -> llama_h.llama_sampler_init_typical(typical.p(), typical.minKeep());
            // struct llama_sampler * llama_sampler_init_temp_ext(float t, float delta, float exponent);
            case DynamicTemperature dynamic -> llama_h.llama_sampler_init_temp_ext(
                    dynamic.temperature(), dynamic.range(), dynamic.exponent());
            // struct llama_sampler * llama_sampler_init_top_n_sigma(float n);
            case TopNSigma sigma -> llama_h.llama_sampler_init_top_n_sigma(sigma.n());
            // struct llama_sampler * llama_sampler_init_xtc(float p, float t, size_t min_keep, uint32_t seed);
            case Xtc xtc -> llama_h.llama_sampler_init_xtc(
                    xtc.probability(), xtc.threshold(), xtc.minKeep(), (int) xtc.seed());
            // struct llama_sampler * llama_sampler_init_penalties(int32_t n_vocab, int32_t penalty_last_n,
            //         float penalty_repeat, float penalty_freq, float penalty_present);
            case Penalties penalties -> llama_h.llama_sampler_init_penalties(vocabularySize, penalties.lastN(),
                    penalties.repeat(), penalties.frequency(), penalties.presence());
            case Dry dry -> nativeDry(dry, needsTexts ? model.tokenizer().pointer() : MemorySegment.NULL);
            case Infill _ -> nativeInfill(model.tokenizer());
            case LogitBias bias -> nativeBias(bias, vocabularySize);
            // struct llama_sampler * llama_sampler_init_mirostat(int32_t n_vocab, uint32_t seed, float tau, float eta,
            //         int32_t m);
            case Mirostat mirostat -> llama_h.llama_sampler_init_mirostat(
                    vocabularySize, (int) mirostat.seed(), mirostat.tau(), mirostat.eta(), mirostat.m());
            // struct llama_sampler * llama_sampler_init_mirostat_v2(uint32_t seed, float tau, float eta);
            case MirostatV2 mirostat -> llama_h.llama_sampler_init_mirostat_v2(
                    (int) mirostat.seed(), mirostat.tau(), mirostat.eta());
            // struct llama_sampler * llama_sampler_init_adaptive_p(float target, float decay, uint32_t seed);
            case AdaptiveP adaptive -> llama_h.llama_sampler_init_adaptive_p(
                    adaptive.target(), adaptive.decay(), (int) adaptive.seed());
            // struct llama_sampler * llama_sampler_init_greedy(void);
            case Greedy _ -> llama_h.llama_sampler_init_greedy();
            // struct llama_sampler * llama_sampler_init_dist(uint32_t seed);
            case Distribution distribution -> llama_h.llama_sampler_init_dist((int) distribution.seed());
            case GrammarConstraint _ -> throw NoNativeSamplerException.notFirst(stage.name(), index, count);
            default -> throw NoNativeSamplerException.unknown(stage.name(), index, count);
        };
    }

    /// @param vocabulary may be null if there are no breakers, or it is off
    private static MemorySegment nativeDry(Dry dry, MemorySegment vocabulary) {
        List<String> breakers = dry.sequenceBreakers();
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment strings = confined.allocate(ValueLayout.ADDRESS, Math.max(breakers.size(), 1));
            for (int i = 0; i < breakers.size(); i++) {
                strings.setAtIndex(ValueLayout.ADDRESS, i, confined.allocateFrom(breakers.get(i)));
            }
            // struct llama_sampler * llama_sampler_init_dry(const struct llama_vocab * vocab, float dry_multiplier,
            //         float dry_base, int32_t dry_allowed_length, int32_t dry_penalty_last_n,
            //         const char ** seq_breakers, size_t num_breakers);
            return llama_h.llama_sampler_init_dry(vocabulary, dry.multiplier(), dry.base(), dry.allowedLength(),
                    dry.lastN(), strings, breakers.size());
        }
    }

    /// llama.cpp aborts where infill has no token to end with, and where a piece does not fit its buffer.
    private static MemorySegment nativeInfill(Tokenizer tokenizer) {
        if (tokenizer.vocabulary().endOfTurn() == Tokenizer.NO_TOKEN) {
            throw new LlamaException("infill needs a token that ends a turn or a text, and the model has none; leave"
                    + " infill out");
        }
        for (int token = 0; token < tokenizer.size(); token++) {
            int length = tokenizer.cachedPiece(token).length;
            if (length > MAX_INFILL_PIECE) {
                throw new LlamaException("llama.cpp's infill needs tokens of at most " + MAX_INFILL_PIECE
                        + " bytes, and token " + token + " has " + length + "; sample with SamplerChain.newSession"
                        + " instead");
            }
        }
        // struct llama_sampler * llama_sampler_init_infill(const struct llama_vocab * vocab);
        return llama_h.llama_sampler_init_infill(tokenizer.pointer());
    }

    private static MemorySegment nativeBias(LogitBias bias, int vocabularySize) {
        Map<Integer, Float> biasByToken = bias.biasByToken();
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment entries = llama_logit_bias.allocateArray(Math.max(biasByToken.size(), 1), confined);
            long i = 0;
            for (Map.Entry<Integer, Float> entry : biasByToken.entrySet()) {
                MemorySegment element = llama_logit_bias.asSlice(entries, i++);
                llama_logit_bias.token(element, entry.getKey());
                llama_logit_bias.bias(element, entry.getValue());
            }
            // struct llama_sampler * llama_sampler_init_logit_bias(int32_t n_vocab, int32_t n_logit_bias,
            //         const llama_logit_bias * logit_bias);
            return llama_h.llama_sampler_init_logit_bias(vocabularySize, biasByToken.size(), entries);
        }
    }

    /// The chain that it was made of.
    public SamplerChain source() {
        return source;
    }

    /// The stages' names as llama.cpp gives them, those that do nothing with a `?` in front.
    public List<String> names() {
        use.begin();
        try {
            List<String> names = new ArrayList<>();
            if (grammar != null) {
                names.add(source.stages().getFirst().name());
            }
            // int32_t llama_sampler_chain_n(const struct llama_sampler * chain);
            for (int i = 0; i < llama_h.llama_sampler_chain_n(pointer.get()); i++) {
                // struct llama_sampler * llama_sampler_chain_get(struct llama_sampler * chain, int32_t i);
                // const char * llama_sampler_name(const struct llama_sampler * smpl);
                names.add(NativeMemory.string(
                        llama_h.llama_sampler_name(llama_h.llama_sampler_chain_get(pointer.get(), i))));
            }
            return names;
        } finally {
            use.end();
        }
    }

    /// Picks a token by `llama_sampler_sample`, which accepts it too. A backend sampler that ran is told of the token.
    ///
    /// @param output as for [LlamaContext#logits]
    /// @throws NoSuchOutputException if the last decode did not make it
    /// @throws LlamaException if a logit is NaN, or the grammar has no way on
    public int sample(LlamaContext context, int output) {
        checkSize(context.model().vocabularySize());
        use.begin();
        try {
            if (grammar != null) {
                MemorySegment row = context.logits(output);
                CheckedRow.check(row, context.model().vocabularySize());
                return pickAndAccept(row, context.model().vocabularySize());
            }
            Optional<BackendOutput> left = context.backendOutput(output);
            if (left.isPresent()) {
                left.get().checkNumbers();
            } else {
                CheckedRow.check(context.logits(output), context.model().vocabularySize());
            }
            int token = context.sample(pointer.get(), output);
            pending = false;
            if (left.isPresent()) {
                left.get().accept(token);
            }
            return token;
        } finally {
            use.end();
        }
    }

    /// Picks a token from a row without a context, and accepts it: the steps of `llama_sampler_sample` one by one, at
    /// its speed.
    public int sample(CheckedRow row) {
        MemorySegment floats = row.segment();
        int count = CheckedRow.count(floats);
        checkSize(count);
        use.begin();
        try {
            return pickAndAccept(floats, count);
        } finally {
            use.end();
        }
    }

    private int pickAndAccept(MemorySegment row, int count) {
        int token = pick(row, count);
        acceptGuarded(token);
        return token;
    }

    /// As llama.cpp's tools have it, where there is a grammar.
    private int pick(MemorySegment row, int count) {
        if (grammar == null) {
            array.fill(row, count);
            return picked();
        }
        array.fillByBlocks(row, count);
        if (!grammar.isOnMiss()) {
            grammar.mask(array);
        }
        int token = picked();
        if (grammar.isOnMiss() && !grammar.allows(token)) {
            array.fillByBlocks(row, count);
            grammar.mask(array);
            token = picked();
        }
        return token;
    }

    private int picked() {
        // void llama_sampler_apply(struct llama_sampler * smpl, llama_token_data_array * cur_p);
        llama_h.llama_sampler_apply(pointer.get(), array.segment());
        pending = true;
        return array.token();
    }

    private void acceptGuarded(int token) {
        if (grammar != null) {
            grammar.accept(token);
        }
        // void llama_sampler_accept(struct llama_sampler * smpl, llama_token token);
        llama_h.llama_sampler_accept(pointer.get(), token);
        pending = false;
    }

    /// Runs the chain on logits without a model, by `llama_sampler_apply`. It does not accept the token.
    ///
    /// @param logits at least one; candidate `i` has the id `i`
    /// @throws LlamaException if a logit is NaN
    public Selection apply(float[] logits) {
        return apply(MemorySegment.ofArray(logits));
    }

    /// Runs the chain on a row of floats, in native order. See [#apply(float\[\])].
    public Selection apply(MemorySegment row) {
        int count = CheckedRow.count(row);
        checkSize(count);
        use.begin();
        try {
            CheckedRow.check(row, count);
            pick(row, count);
            return array.selection();
        } finally {
            use.end();
        }
    }

    /// Tells every stage that a token was chosen.
    ///
    /// @throws LlamaException if the grammar does not allow it; nothing was told then
    public void accept(int token) {
        use.begin();
        try {
            acceptGuarded(token);
        } finally {
            use.end();
        }
    }

    /// Tells every stage of a token of the prompt, but for the grammar.
    public void acceptPrompt(int token) {
        use.begin();
        try {
            // void llama_sampler_accept(struct llama_sampler * smpl, llama_token token);
            llama_h.llama_sampler_accept(pointer.get(), token);
            pending = false;
        } finally {
            use.end();
        }
    }

    /// Takes every stage back to its initial state.
    public void reset() {
        use.begin();
        try {
            // void llama_sampler_reset(struct llama_sampler * smpl);
            llama_h.llama_sampler_reset(pointer.get());
            pending = false;
            if (grammar != null) {
                grammar.reset();
            }
        } finally {
            use.end();
        }
    }

    /// A chain that continues from this one's state and lives apart from it, by `llama_sampler_clone`. The copy of an
    /// adaptive-p starts its random numbers over; that is llama.cpp's.
    ///
    /// @throws IllegalStateException if the chain holds an adaptive-p and the token of the last [#apply] is not yet
    ///     accepted: llama.cpp's clone of it would read memory that it does not have
    public NativeChain copy() {
        use.begin();
        try {
            if (pending && source.stages().getLast() instanceof AdaptiveP) {
                throw new IllegalStateException("a native chain with adaptive-p must not be copied between apply and"
                        + " accept; accept a token first");
            }
            // struct llama_sampler * llama_sampler_clone(const struct llama_sampler * smpl);
            return new NativeChain(grammar == null ? null : grammar.copy(), source,
                    llama_h.llama_sampler_clone(pointer.get()), vocabularySize, model);
        } finally {
            use.end();
        }
    }

    /// Frees the chain. Closing it again does nothing.
    @Override
    public void close() {
        if (!pointer.isOpen()) {
            return;
        }
        use.begin();
        try {
            pointer.close();
            if (grammar != null) {
                grammar.close();
            }
            if (model != null) {
                model.chainClosed();
            }
        } finally {
            use.end();
        }
    }

    /// Stages that look at the vocabulary do so without a guard.
    private void checkSize(int count) {
        if (count > vocabularySize) {
            throw new IllegalArgumentException("a row must hold at most " + vocabularySize + " floats, one for each"
                    + " token of the chain's vocabulary, got " + count);
        }
    }

    @Override
    public String toString() {
        return "llama.cpp's " + source;
    }
}
