package io.github.javasampler.llama;

import io.github.javasampler.ArraySession;
import io.github.javasampler.Candidate;
import io.github.javasampler.Candidates;
import io.github.javasampler.Numerics;
import io.github.javasampler.Picker;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.abi.llama_h;
import io.github.javasampler.llama.abi.llama_sampler_chain_params;
import io.github.javasampler.llama.abi.llama_sampler_i;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A `llama_sampler`: stages of this library or of yours ([#publish]), one of llama.cpp's own ([#builtIn], [#grammar]),
/// one that is written in C ([#adopt]), or a `llama_sampler_chain` of such ([#chain]).
///
/// It is its owner: [#close] frees it, unless [#release] gave it to somebody else. What would make llama.cpp end the
/// process is checked before the call. What a Java stage throws is thrown here, after llama.cpp has returned; its
/// sampler has left something valid, so the object is as usable as before.
///
/// For one thread at a time; a second one gets a [InUseException].
///
/// {@snippet :
/// try (NativeSampler chain = NativeSampler.chain(runtime, List.of(
///         NativeSampler.builtIn(model, new TopK(40)),
///         NativeSampler.publish(runtime, new NoDigits(pieces), vocabulary, Numerics.PORTABLE),
///         NativeSampler.builtIn(model, new Distribution(42))))) {
///     int token = chain.sample(context, -1);
/// }
/// }
public final class NativeSampler implements AutoCloseable {
    /// Where nobody said how many tokens there are.
    private static final int ANY_SIZE = Integer.MAX_VALUE;
    private static final List<Optional<Sampler>> UNKNOWN = List.of(Optional.empty());

    private final String name;
    private final int vocabularySize;
    private final List<LlamaModel> models;
    /// What each member of a chain, or itself, was built in from, if that is known.
    private final List<Optional<Sampler>> stages;
    private final NativePointer pointer;
    private final ExclusiveUse use;
    private final CandidateArray array;
    private final SamplerSurvey survey;
    /// Whether a token has been selected and none accepted since.
    private boolean pending;
    /// Whose graph runs its first stages, and for which sequence; null if none does.
    private LlamaContext graph;
    private int sequence;
    /// Whether a graph has ever done so: llama.cpp skips those stages elsewhere from then on.
    private boolean isSplit;

    /// Becomes the owner of a sampler.
    ///
    /// @param models stay open as long as it
    private NativeSampler(MemorySegment sampler, int vocabularySize, List<LlamaModel> models,
            List<Optional<Sampler>> stages) {
        // const char * llama_sampler_name(const struct llama_sampler * smpl);
        name = NativeMemory.string(llama_h.llama_sampler_name(sampler));
        this.vocabularySize = vocabularySize;
        this.models = models;
        this.stages = stages;
        for (LlamaModel model : models) {
            model.chainOpened();
        }
        // void llama_sampler_free(struct llama_sampler * smpl);
        pointer = new NativePointer("the native sampler " + name, sampler, llama_h::llama_sampler_free);
        use = new ExclusiveUse(pointer, "a native sampler must be used by one thread at a time, and a call of it is"
                + " under way; make one for each sequence");
        array = new CandidateArray(pointer.arena());
        survey = SamplerSurvey.of(pointer.get());
    }

    /// A chain of this library, picker and all, as one native sampler.
    ///
    /// @param vocabulary of the model whose logits it will see
    /// @throws IllegalArgumentException if a stage needs what the vocabulary has not
    public static NativeSampler publish(LlamaRuntime runtime, SamplerChain chain, Vocabulary vocabulary,
            Numerics numerics) {
        return publish(runtime, chain.stages(), vocabulary, numerics, FailureListener.LOG);
    }

    /// A single stage as a native sampler. One that narrows or changes logits may stand anywhere in a native chain.
    public static NativeSampler publish(LlamaRuntime runtime, Sampler stage, Vocabulary vocabulary,
            Numerics numerics) {
        return publish(runtime, List.of(stage), vocabulary, numerics, FailureListener.LOG);
    }

    /// Stages, with or without a picker at the end, as one native sampler.
    ///
    /// @param listener is told what they throw where the sampler is used by others than this class
    public static NativeSampler publish(LlamaRuntime runtime, List<? extends Sampler> stages, Vocabulary vocabulary,
            Numerics numerics, FailureListener listener) {
        Objects.requireNonNull(vocabulary, "vocabulary");
        MemorySegment sampler = MemorySegment.ofAddress(
                published(SamplerHost.of(runtime, listener), stages, vocabulary, numerics));
        return new NativeSampler(sampler, vocabulary.size(), List.of(), UNKNOWN);
    }

    /// The address of a `llama_sampler` of Java stages.
    ///
    /// @param vocabulary null if nobody knows it
    static long published(SamplerHost host, List<? extends Sampler> stages, Vocabulary vocabulary,
            Numerics numerics) {
        ArraySession session = ArraySession.of(stages, vocabulary, numerics);
        StringBuilder name = new StringBuilder();
        for (Sampler stage : stages) {
            name.append(name.isEmpty() ? "" : " -> ").append(Objects.requireNonNull(stage.name(), "name"));
        }
        return JavaSampler.publish(host, name.toString(), session);
    }

    /// llama.cpp's own sampler for a stage.
    ///
    /// @param vocabularySize how many tokens there are
    /// @throws NoNativeSamplerException if it has none, or that needs a model
    public static NativeSampler builtIn(LlamaRuntime runtime, Sampler stage, int vocabularySize) {
        Objects.requireNonNull(runtime, "runtime");
        return new NativeSampler(NativeChain.nativeStage(stage, 0, 1, vocabularySize, null), vocabularySize, List.of(),
                List.of(Optional.of(stage)));
    }

    /// llama.cpp's own sampler for a stage and a model, which must be closed later.
    ///
    /// @throws NoNativeSamplerException if it has none
    /// @throws LlamaException if it does not suit the model's vocabulary
    public static NativeSampler builtIn(LlamaModel model, Sampler stage) {
        int size = model.vocabularySize();
        return new NativeSampler(NativeChain.nativeStage(stage, 0, 1, size, model), size, List.of(model),
                List.of(Optional.of(stage)));
    }

    /// llama.cpp's own grammar sampler. The model must be closed later. A token that does not fit is refused before it
    /// is accepted, of which llama.cpp would make the end of the process.
    ///
    /// @param grammar GBNF
    /// @param root the rule to start with
    /// @throws LlamaException if llama.cpp does not take the grammar
    public static NativeSampler grammar(LlamaModel model, String grammar, String root) {
        if (grammar.isBlank()) {
            throw new IllegalArgumentException("a grammar must have a rule, got none");
        }
        if (grammar.indexOf('\0') >= 0) {
            throw new LlamaException("a grammar for llama.cpp must not hold NUL, where its strings end");
        }
        List<String> reasons = new ArrayList<>();
        MemorySegment sampler;
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment text = confined.allocateFrom(grammar);
            MemorySegment rule = confined.allocateFrom(root);
            // struct llama_sampler * llama_sampler_init_grammar(const struct llama_vocab * vocab,
            //         const char * grammar_str, const char * grammar_root);
            sampler = LlamaLog.record(() -> llama_h.llama_sampler_init_grammar(model.tokenizer().pointer(), text, rule),
                    reasons);
        }
        if (NativeMemory.isNull(sampler)) {
            throw new LlamaException("a grammar must be GBNF with a rule \"" + root + "\", and llama.cpp does not take"
                    + " it" + LlamaLog.reason(reasons));
        }
        return new NativeSampler(sampler, model.vocabularySize(), List.of(model), UNKNOWN);
    }

    /// A sampler that somebody else made, for this library's runtime, such as your own in C. This object becomes its
    /// owner.
    ///
    /// @param sampler a `llama_sampler *` that no chain holds
    /// @param vocabularySize how many tokens there are
    /// @throws IllegalArgumentException if it is null
    /// @throws LlamaException if it has no name or cannot be applied, which llama.cpp calls unseen
    public static NativeSampler adopt(LlamaRuntime runtime, MemorySegment sampler, int vocabularySize) {
        Objects.requireNonNull(runtime, "runtime");
        if (NativeMemory.isNull(sampler)) {
            throw new IllegalArgumentException("a sampler must not be a null pointer");
        }
        MemorySegment address = MemorySegment.ofAddress(sampler.address());
        MemorySegment iface = SamplerSurvey.iface(address);
        if (NativeMemory.isNull(llama_sampler_i.name(iface)) || NativeMemory.isNull(llama_sampler_i.apply(iface))) {
            throw new LlamaException("a llama_sampler_i must have name and apply, and one of them is null; llama.cpp"
                    + " calls both without a look");
        }
        return new NativeSampler(address, vocabularySize, List.of(), UNKNOWN);
    }

    /// A `llama_sampler_chain`. It becomes the owner of its members, whose objects are closed from now on; if it fails,
    /// none of them is.
    ///
    /// @param members each open, and in it once
    public static NativeSampler chain(LlamaRuntime runtime, List<NativeSampler> members) {
        Objects.requireNonNull(runtime, "runtime");
        int size = ANY_SIZE;
        List<LlamaModel> models = new ArrayList<>();
        List<Optional<Sampler>> stages = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            members.get(i).pointer.get();
            members.get(i).checkWhole();
            if (members.subList(0, i).contains(members.get(i))) {
                throw new IllegalArgumentException("a sampler must be in a chain once, and number " + (i + 1)
                        + " is there before; copy() it");
            }
            size = Math.min(size, members.get(i).vocabularySize);
            models.addAll(members.get(i).models);
            stages.add(members.get(i).survey.isChain() ? Optional.empty() : members.get(i).stages.getFirst());
        }
        MemorySegment chain;
        try (Arena confined = Arena.ofConfined()) {
            // struct llama_sampler_chain_params llama_sampler_chain_default_params(void);
            MemorySegment parameters = llama_h.llama_sampler_chain_default_params(confined);
            llama_sampler_chain_params.no_perf(parameters, false);
            // struct llama_sampler * llama_sampler_chain_init(struct llama_sampler_chain_params params);
            chain = llama_h.llama_sampler_chain_init(parameters);
        }
        List<LlamaModel> kept = List.copyOf(models);
        for (LlamaModel model : kept) {
            model.chainOpened();
        }
        for (NativeSampler member : members) {
            // void llama_sampler_chain_add(struct llama_sampler * chain, struct llama_sampler * smpl);
            llama_h.llama_sampler_chain_add(chain, member.release());
        }
        NativeSampler made = new NativeSampler(chain, size, kept, List.copyOf(stages));
        for (LlamaModel model : kept) {
            model.chainClosed();
        }
        return made;
    }

    /// What llama.cpp calls it.
    public String name() {
        return name;
    }

    /// The members' names, if it is a chain; else its own.
    public List<String> names() {
        use.begin();
        try {
            return SamplerSurvey.names(pointer.get());
        } finally {
            use.end();
        }
    }

    /// The pointer, for calls of your own; it stays this object's.
    public MemorySegment pointer() {
        return MemorySegment.ofAddress(pointer.get().address());
    }

    /// Gives the sampler to an owner that will free it by `llama_sampler_free`, such as a `llama_sampler_chain` that it
    /// is added to. This object is closed from now on.
    ///
    /// @return the `llama_sampler *`
    public MemorySegment release() {
        use.begin();
        try {
            checkWhole();
            MemorySegment address = pointer.release();
            closeModels();
            return address;
        } finally {
            use.end();
        }
    }

    /// Picks a token from an output of a context, and accepts it: what `llama_sampler_sample` does, with a look at each
    /// step. Where a [backend sampler][LlamaContext#attach] ran, it works on what that has left, or returns the token
    /// that it selected.
    ///
    /// @param output as for [LlamaContext#logits]
    /// @throws NoSuchOutputException if the last decode did not make it
    /// @throws LlamaException if a logit is NaN, nothing was selected, or a grammar does not allow what was
    /// @throws IllegalStateException if this one was attached, but not to the sequence of that output
    public int sample(LlamaContext context, int output) {
        Optional<BackendOutput> left = context.backendOutput(output);
        return left.isPresent() ? sample(left.get()) : sample(context.logits(output));
    }

    private int sample(BackendOutput output) {
        int token;
        enter();
        try {
            if (!output.isOf(this)) {
                checkWhole();
            }
            token = output.token() == BackendOutput.NONE ? pick(output) : output.token();
            acceptChecked(token);
        } finally {
            use.end();
        }
        if (!output.isOf(this)) {
            output.accept(token);
        }
        return token;
    }

    /// Picks a token from a row of floats, in native order, and accepts it; otherwise like
    /// [#sample(LlamaContext, int)].
    public int sample(MemorySegment row) {
        enter();
        try {
            int token = pick(row);
            acceptChecked(token);
            return token;
        } finally {
            use.end();
        }
    }

    /// Applies it to a row of floats, in native order, and accepts nothing.
    ///
    /// @throws LlamaException if a logit is NaN, or nothing was selected
    public NativeChain.Selection apply(MemorySegment row) {
        enter();
        try {
            pick(row);
            return array.selection();
        } finally {
            use.end();
        }
    }

    /// Applies it to candidates, in their order, and returns what it leaves, whether it selects one or not.
    ///
    /// @param candidates at least one; their probabilities do not count
    /// @throws LlamaException if a logit is NaN
    public List<Candidate> narrow(List<Candidate> candidates) {
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one candidate, got none");
        }
        checkSize(candidates.size());
        for (Candidate candidate : candidates) {
            checkToken(candidate.id());
            if (Float.isNaN(candidate.logit())) {
                throw new LlamaException("logits must be numbers for llama.cpp's samplers, and that of token "
                        + candidate.id() + " is NaN");
            }
        }
        enter();
        try {
            checkWhole();
            array.fill(candidates);
            call();
            return array.survivors();
        } finally {
            use.end();
        }
    }

    /// Lets a stage of a Java chain work on its candidates.
    ///
    /// @return the array that it worked on
    CandidateArray apply(Candidates candidates) {
        checkSize(candidates.size());
        enter();
        try {
            checkWhole();
            array.fill(candidates);
            call();
            return array;
        } finally {
            use.end();
        }
    }

    /// Lets it work on the candidates of a chain.
    void applyTo(CandidateArray candidates) {
        enter();
        try {
            // void llama_sampler_apply(struct llama_sampler * smpl, llama_token_data_array * cur_p);
            llama_h.llama_sampler_apply(pointer.get(), candidates.segment());
        } finally {
            use.end();
        }
    }

    /// Whether the grammars in it allow a token.
    boolean grammarsAllow(int token) {
        checkToken(token);
        enter();
        try {
            return survey.grammarsAllow(token);
        } finally {
            use.end();
        }
    }

    /// Tells it that a token was chosen.
    ///
    /// @param token in [0, vocabulary size)
    /// @throws LlamaException if a grammar does not allow it; nothing was told then
    public void accept(int token) {
        enter();
        try {
            acceptChecked(token);
        } finally {
            use.end();
        }
    }

    /// Takes it back to its initial state.
    public void reset() {
        enter();
        Containment containment = Containment.ofThread();
        Throwable outer = containment.begin();
        try {
            // void llama_sampler_reset(struct llama_sampler * smpl);
            llama_h.llama_sampler_reset(pointer.get());
            pending = false;
        } finally {
            use.end();
            containment.end(outer);
        }
    }

    /// A sampler that continues from this one's state and lives apart from it, by `llama_sampler_clone`.
    ///
    /// @throws LlamaException if one that is written in C cannot be cloned
    /// @throws IllegalStateException if there is an adaptive-p and its token is not yet accepted: llama.cpp's clone of
    ///     it would read memory that it does not have
    public NativeSampler copy() {
        enter();
        Containment containment = Containment.ofThread();
        Throwable outer = containment.begin();
        NativeSampler copy = null;
        try {
            survey.checkCopy(pending);
            // struct llama_sampler * llama_sampler_clone(const struct llama_sampler * smpl);
            copy = new NativeSampler(llama_h.llama_sampler_clone(pointer.get()), vocabularySize, models, stages);
        } finally {
            use.end();
            endCopy(copy, containment, outer);
        }
        return copy;
    }

    /// A copy that a stage could not make is freed at once.
    private static void endCopy(NativeSampler copy, Containment containment, Throwable outer) {
        try {
            containment.end(outer);
        } catch (RuntimeException | Error e) {
            if (copy != null) {
                copy.close();
            }
            throw e;
        }
    }

    /// How often and how long llama.cpp's own clock says that a chain worked.
    ///
    /// @param milliseconds in apply and accept
    /// @param samples how many tokens were accepted
    public record Performance(double milliseconds, int samples) {
    }

    /// What llama.cpp measured.
    ///
    /// @throws LlamaException if it is no chain: llama.cpp would abort
    public Performance performance() {
        enter();
        try {
            return survey.performance(pointer.get());
        } finally {
            use.end();
        }
    }

    /// This sampler as a stage of a Java chain; see [#asPicker] for one that selects. Every session takes a copy of its
    /// own, which is freed when nothing uses it any more. This object stays the owner of the original: close it when no
    /// more sessions begin.
    ///
    /// On an uncut row it is the slow way: all of the vocabulary is copied for it, as llama.cpp does.
    ///
    /// @throws LlamaException if one that is written in C cannot be cloned
    public Sampler asStage() {
        survey.checkCopy(false);
        return new NativeStage(this);
    }

    /// The same for a sampler that selects a token, at the end of a chain.
    public Picker asPicker() {
        survey.checkCopy(false);
        return new NativePicker(new NativeStage(this));
    }

    /// Frees the sampler, and detaches it before. Closing it again does nothing.
    ///
    /// Copies share what they were made of, so they may be closed in any order.
    @Override
    public void close() {
        if (!pointer.isOpen()) {
            return;
        }
        if (graph != null) {
            graph.detach(sequence);
        }
        enter();
        Containment containment = Containment.ofThread();
        Throwable outer = containment.begin();
        try {
            pointer.close();
            closeModels();
        } finally {
            use.end();
            containment.end(outer);
        }
    }

    /// Called by a context before it attaches it.
    void checkAttachable(int size) {
        use.begin();
        try {
            checkWhole();
            if (!survey.isChain()) {
                throw new LlamaException("a backend sampler must be a NativeSampler.chain, got " + this);
            }
            BackendPlan.check(SamplerSurvey.members(pointer.get()), stages, size);
            if (vocabularySize != size) {
                throw new IllegalArgumentException("a backend sampler must be for the " + size + " tokens of its"
                        + " context's model, got one for " + vocabularySize);
            }
        } finally {
            use.end();
        }
    }

    /// Called by a context that runs it from now on.
    void attached(LlamaContext context, int ofSequence) {
        graph = context;
        sequence = ofSequence;
        isSplit = true;
    }

    /// Called by a context that runs it no longer.
    void detached() {
        graph = null;
    }

    /// Called around a decode that runs it, for the graph takes from it what it needs.
    void beginGraph() {
        use.begin();
    }

    void endGraph() {
        use.end();
    }

    /// llama.cpp does not tell, but skips the stages that a graph once ran.
    private void checkWhole() {
        if (isSplit) {
            throw new IllegalStateException("a chain that was attached to a context can sample the outputs of its"
                    + " sequence only, for llama.cpp skips its first stages elsewhere; copy() it for other uses");
        }
    }

    private void enter() {
        StackRoom.check();
        use.begin();
    }

    private void closeModels() {
        for (LlamaModel model : models) {
            model.chainClosed();
        }
    }

    private int pick(BackendOutput output) {
        checkSize(output.size());
        output.checkNumbers();
        array.fill(output);
        call();
        return array.token();
    }

    private int pick(MemorySegment row) {
        checkWhole();
        int count = CheckedRow.count(row);
        checkSize(count);
        CheckedRow.check(row, count);
        array.fill(row, count);
        call();
        return array.token();
    }

    private void call() {
        Containment containment = Containment.ofThread();
        Throwable outer = containment.begin();
        try {
            pending = true;
            // void llama_sampler_apply(struct llama_sampler * smpl, llama_token_data_array * cur_p);
            llama_h.llama_sampler_apply(pointer.get(), array.segment());
        } finally {
            containment.end(outer);
        }
    }

    private void acceptChecked(int token) {
        checkToken(token);
        Containment containment = Containment.ofThread();
        Throwable outer = containment.begin();
        try {
            survey.checkGrammars(token);
            // void llama_sampler_accept(struct llama_sampler * smpl, llama_token token);
            llama_h.llama_sampler_accept(pointer.get(), token);
            pending = false;
        } finally {
            containment.end(outer);
        }
    }

    private void checkToken(int token) {
        if (token < 0 || token >= vocabularySize) {
            throw new IllegalArgumentException("token must be in [0, " + (vocabularySize - 1) + "], got " + token);
        }
    }

    /// Stages that look at the vocabulary do so without a guard.
    private void checkSize(int count) {
        if (count > vocabularySize) {
            throw new IllegalArgumentException("there must be at most " + vocabularySize + " candidates, one for each"
                    + " token of the sampler's vocabulary, got " + count);
        }
    }

    @Override
    public String toString() {
        return "native sampler " + name;
    }
}
