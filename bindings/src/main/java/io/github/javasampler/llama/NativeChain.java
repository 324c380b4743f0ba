package io.github.javasampler.llama;

import io.github.javasampler.Candidate;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.grammar.GrammarTrigger;
import io.github.javasampler.grammar.NoTokenAllowedException;
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

/// llama.cpp's own sampler chain, made of the stages of a [SamplerChain]. It is what this library is compared with.
///
/// A grammar is llama.cpp's, too; one that acts on a miss stands beside the chain, as in llama-cli and llama-server. A
/// token that does not fit is refused before it is accepted, of which llama.cpp would make the end of the process.
///
/// For one thread at a time; a second one gets a [InUseException].
public final class NativeChain implements AutoCloseable {
    /// What llama.cpp's infill has room for; of a longer piece it would abort.
    private static final int MAX_INFILL_PIECE = 512;

    private final SamplerChain source;
    private final int vocabularySize;
    /// Null if the stages don't look at one.
    private final LlamaModel model;
    private final NativePointer pointer;
    private final ExclusiveUse use;
    private final CandidateArray array;
    private final SamplerSurvey survey;
    /// The grammar that acts on a miss; null if there is none.
    private final NativePointer onMiss;
    private final SamplerSurvey missSurvey;
    /// Lazy grammars: llama.cpp does not say whether what triggers one fits it.
    private final List<GrammarConstraint> lazy;
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
        this(chain, filledChain(Objects.requireNonNull(runtime, "runtime"), chain, vocabularySize, null),
                MemorySegment.NULL, List.of(), vocabularySize, null);
    }

    /// Builds llama.cpp's chain for a chain and a model, of which the vocabulary is enough. The model must be closed
    /// later.
    ///
    /// @throws NoNativeSamplerException if a stage has no counterpart in llama.cpp
    /// @throws LlamaException if a stage does not suit the model's vocabulary
    public NativeChain(LlamaModel model, SamplerChain chain) {
        this(chain, filledChain(model.runtime(), chain, model.vocabularySize(), model), MemorySegment.NULL,
                lazy(chain, model), model.vocabularySize(), model);
    }

    /// Becomes the owner of both samplers.
    ///
    /// @param grammar acts on a miss; null if there is none, or it is still in the chain
    /// @param lazy one of each
    /// @param model null if no stage needs it; it can't be closed as long as this chain is open
    private NativeChain(SamplerChain source, MemorySegment chain, MemorySegment grammar, List<GrammarConstraint> lazy,
            int vocabularySize, LlamaModel model) {
        this.source = source;
        this.lazy = lazy;
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
        boolean misses = source.stages().getFirst() instanceof GrammarConstraint constraint && constraint.isOnMiss();
        // struct llama_sampler * llama_sampler_chain_remove(struct llama_sampler * chain, int32_t i);
        MemorySegment missed = misses && NativeMemory.isNull(grammar)
                ? llama_h.llama_sampler_chain_remove(pointer.get(), 0) : grammar;
        onMiss = misses ? new NativePointer("the native grammar of " + source, missed, llama_h::llama_sampler_free)
                : null;
        missSurvey = misses ? SamplerSurvey.of(onMiss.get()) : null;
        survey = SamplerSurvey.of(pointer.get());
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

    private static MemorySegment filledChain(LlamaRuntime runtime, SamplerChain source, int vocabularySize,
            LlamaModel model) {
        MemorySegment chain = emptyChain(runtime);
        try {
            List<Sampler> stages = source.stages();
            for (int i = 0; i < stages.size(); i++) {
                // void llama_sampler_chain_add(struct llama_sampler * chain, struct llama_sampler * smpl);
                llama_h.llama_sampler_chain_add(chain, nativeStage(stages.get(i), i, stages.size(), vocabularySize,
                        model));
            }
            return chain;
        } catch (RuntimeException e) {
            // void llama_sampler_free(struct llama_sampler * smpl);
            llama_h.llama_sampler_free(chain);
            throw e;
        }
    }

    private static List<GrammarConstraint> lazy(SamplerChain source, LlamaModel model) {
        List<GrammarConstraint> lazy = new ArrayList<>();
        for (Sampler stage : source.stages()) {
            if (stage instanceof GrammarConstraint grammar && grammar.trigger() != null) {
                lazy.add(grammar.bind(model.tokenizer().vocabulary()));
            }
        }
        return lazy;
    }

    /// llama.cpp's counterpart of a stage, which the caller owns.
    ///
    /// @param index its place among `count` stages, for messages
    /// @param model null if there is none
    static MemorySegment nativeStage(Sampler stage, int index, int count, int vocabularySize, LlamaModel model) {
        boolean needsTexts = stage instanceof Infill || stage instanceof GrammarConstraint
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
            case GrammarConstraint grammar -> {
                GrammarTrigger trigger = grammar.trigger();
                if (trigger != null && !trigger.patterns().isEmpty()) {
                    throw NoNativeSamplerException.needsRegex(stage.name(), index, count);
                }
                yield nativeGrammar(model, grammar.grammar().text(), grammar.grammar().root(),
                        trigger == null ? List.of() : trigger.tokens());
            }
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

    /// @param triggers tokens that begin it; none if it begins at once
    /// @throws LlamaException if llama.cpp does not take it
    static MemorySegment nativeGrammar(LlamaModel model, String grammar, String root, List<Integer> triggers) {
        if (grammar.indexOf('\0') >= 0) {
            throw new LlamaException("a grammar for llama.cpp must not hold NUL, where its strings end");
        }
        List<String> reasons = new ArrayList<>();
        MemorySegment sampler;
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment text = confined.allocateFrom(grammar);
            MemorySegment rule = confined.allocateFrom(root);
            MemorySegment vocabulary = model.tokenizer().pointer();
            MemorySegment tokens = confined.allocateFrom(ValueLayout.JAVA_INT,
                    triggers.stream().mapToInt(Integer::intValue).toArray());
            // struct llama_sampler * llama_sampler_init_grammar(const struct llama_vocab * vocab,
            //         const char * grammar_str, const char * grammar_root);
            // struct llama_sampler * llama_sampler_init_grammar_lazy_patterns(const struct llama_vocab * vocab,
            //         const char * grammar_str, const char * grammar_root, const char ** trigger_patterns,
            //         size_t num_trigger_patterns, const llama_token * trigger_tokens, size_t num_trigger_tokens);
            sampler = LlamaLog.record(() -> triggers.isEmpty()
                    ? llama_h.llama_sampler_init_grammar(vocabulary, text, rule)
                    : llama_h.llama_sampler_init_grammar_lazy_patterns(vocabulary, text, rule, MemorySegment.NULL, 0,
                            tokens, triggers.size()), reasons);
        }
        if (NativeMemory.isNull(sampler)) {
            throw new LlamaException("a grammar must be GBNF with a rule \"" + root + "\", and llama.cpp does not take"
                    + " it" + LlamaLog.reason(reasons));
        }
        return sampler;
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

    /// Picks a token by `llama_sampler_sample`, which accepts it too.
    ///
    /// @param output as for [LlamaContext#logits]
    /// @throws NoSuchOutputException if the last decode did not make it
    /// @throws LlamaException if a logit is NaN
    public int sample(LlamaContext context, int output) {
        checkSize(context.model().vocabularySize());
        use.begin();
        try {
            MemorySegment row = context.logits(output);
            CheckedRow.check(row, context.model().vocabularySize());
            if (hasGrammar()) {
                return sampleSteps(row, context.model().vocabularySize());
            }
            int token = context.sample(pointer.get(), output);
            pending = false;
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
            return sampleSteps(floats, count);
        } finally {
            use.end();
        }
    }

    private int sampleSteps(MemorySegment row, int count) {
        int token = choose(row, count);
        acceptChecked(token);
        return token;
    }

    /// What `common_sampler_sample` does of llama.cpp's tools.
    private int choose(MemorySegment row, int count) {
        array.fill(row, count);
        run();
        int token = array.token();
        if (onMiss != null && !missSurvey.allows(token)) {
            array.fill(row, count);
            applyGrammar(onMiss.get());
            run();
            token = array.token();
        }
        return token;
    }

    private void run() {
        pending = true;
        if (!survey.hasGrammar()) {
            // void llama_sampler_apply(struct llama_sampler * smpl, llama_token_data_array * cur_p);
            llama_h.llama_sampler_apply(pointer.get(), array.segment());
            return;
        }
        for (MemorySegment member : SamplerSurvey.members(pointer.get())) {
            if (survey.isGrammar(member)) {
                applyGrammar(member);
            } else {
                llama_h.llama_sampler_apply(member, array.segment());
            }
        }
    }

    private void applyGrammar(MemorySegment grammar) {
        // void llama_sampler_apply(struct llama_sampler * smpl, llama_token_data_array * cur_p);
        llama_h.llama_sampler_apply(grammar, array.segment());
        if (!array.hasDrawable()) {
            throw new NoTokenAllowedException("a grammar must leave a token, and llama.cpp's leaves none; change the"
                    + " grammar, put it before the stages that cut, or reset the chain");
        }
    }

    private boolean hasGrammar() {
        return onMiss != null || survey.hasGrammar();
    }

    private void acceptChecked(int token) {
        survey.checkGrammars(token);
        if (onMiss != null) {
            missSurvey.checkGrammars(token);
        }
        for (GrammarConstraint grammar : lazy) {
            grammar.accept(token);
        }
        if (onMiss != null) {
            // void llama_sampler_accept(struct llama_sampler * smpl, llama_token token);
            llama_h.llama_sampler_accept(onMiss.get(), token);
        }
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
            choose(row, count);
            return array.selection();
        } finally {
            use.end();
        }
    }

    /// Tells every stage that a token was chosen.
    ///
    /// @throws LlamaException if a grammar does not allow it; no stage was told then
    /// @throws io.github.javasampler.grammar.TokenNotAllowedException if it triggers a lazy grammar that it does not
    ///     fit; likewise
    public void accept(int token) {
        use.begin();
        try {
            acceptChecked(token);
        } finally {
            use.end();
        }
    }

    /// Tells every stage but grammars of a token of the prompt.
    public void acceptPrompt(int token) {
        use.begin();
        try {
            if (!survey.hasGrammar()) {
                // void llama_sampler_accept(struct llama_sampler * smpl, llama_token token);
                llama_h.llama_sampler_accept(pointer.get(), token);
            } else {
                for (MemorySegment member : SamplerSurvey.members(pointer.get())) {
                    if (!survey.isGrammar(member)) {
                        llama_h.llama_sampler_accept(member, token);
                    }
                }
            }
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
            if (onMiss != null) {
                llama_h.llama_sampler_reset(onMiss.get());
            }
            lazy.forEach(GrammarConstraint::reset);
            pending = false;
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
            return new NativeChain(source, llama_h.llama_sampler_clone(pointer.get()),
                    onMiss == null ? MemorySegment.NULL : llama_h.llama_sampler_clone(onMiss.get()),
                    lazy.stream().map(GrammarConstraint::fork).toList(), vocabularySize, model);
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
            if (onMiss != null) {
                onMiss.close();
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
