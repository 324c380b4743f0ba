package io.github.javasampler;

import io.github.javasampler.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// The state of one sequence on a chain: random generators, histories, and the memory that sampling works in.
///
/// A session may move between threads, but not be used by two at a time: that throws [ConcurrentUseException]. After
/// any exception it is as usable as before, though a draw that was taken stays taken. Once warm, [#sample] allocates
/// nothing. [BatchSampler] samples the rows of many sessions.
public final class SamplerSession {
    private final SamplerChain chain;
    private final Numerics numerics;
    private final int vocabularySize;
    private final Stages stages;
    private final Candidates candidates;
    /// For measures of rows as they come; made at the first use.
    private PortableCandidates unsampled;
    /// Candidates that somebody else has narrowed; made at the first use.
    private int[] ids = new int[0];
    private float[] logits = new float[0];
    /// What [#claim] noted down for [#sampleClaimed].
    private MemorySegment claimedRows;
    private long claimedOffsetBytes;

    /// @param stages become the session's own
    private SamplerSession(SamplerChain chain, Numerics numerics, int vocabularySize, Stages stages) {
        this.chain = chain;
        this.numerics = numerics;
        this.vocabularySize = vocabularySize;
        this.stages = stages;
        this.candidates = Candidates.of(vocabularySize, numerics);
    }

    static SamplerSession of(SamplerChain chain, Vocabulary vocabulary, Numerics numerics) {
        return new SamplerSession(chain, numerics, vocabulary.size(), Stages.of(chain.stages(), vocabulary));
    }

    /// The chain that this session runs.
    public SamplerChain chain() {
        return chain;
    }

    /// How it computes.
    public Numerics numerics() {
        return numerics;
    }

    /// How many floats a row must hold.
    public int vocabularySize() {
        return vocabularySize;
    }

    /// Chooses the next token from a row of exactly [#vocabularySize] floats in native byte order, and accepts it, as
    /// `llama_sampler_sample` does.
    ///
    /// @param row the logits, on or off the heap; read where they lie, never written
    /// @return the token's id, in [0, vocabularySize)
    /// @throws IllegalArgumentException if the row has another size
    /// @throws InvalidLogitsException if a logit is NaN or positive infinity, or all are negative infinity
    /// @throws io.github.javasampler.grammar.NoTokenAllowedException if there is a grammar and it has no way on
    /// @throws ConcurrentUseException if another thread is in the session
    public int sample(MemorySegment row) {
        checkSize(row);
        return sample(row, 0);
    }

    /// Chooses the next token from the row that starts at `offsetBytes` of a larger segment, and accepts it; otherwise
    /// like [#sample(MemorySegment)].
    ///
    /// @param offsetBytes where the row starts; it need not be aligned
    /// @throws IndexOutOfBoundsException if the segment ends before the row does
    public int sample(MemorySegment rows, long offsetBytes) {
        stages.enter();
        try {
            int token = choose(rows, offsetBytes);
            stages.accept(token);
            return token;
        } finally {
            stages.exit();
        }
    }

    /// Chooses the next token from candidates that somebody else has narrowed and put into an order of their own, as a
    /// GPU does, and accepts it. They are copied, for stages see them as they see survivors.
    ///
    /// @param ids as many ints, in native byte order, each in [0, vocabularySize)
    /// @param logits their logits: as many floats, at least 1 and at most vocabularySize
    /// @return the id of one of them
    /// @throws IllegalArgumentException if the numbers do not fit, or an id is of no token
    /// @throws InvalidLogitsException if a logit is NaN or positive infinity, or all are negative infinity
    public int sample(MemorySegment ids, MemorySegment logits) {
        int count = checkCandidates(ids, logits);
        stages.enter();
        try {
            int token = choose(ids, logits, count);
            stages.accept(token);
            return token;
        } finally {
            stages.exit();
        }
    }

    /// Chooses a token like [#sample(MemorySegment, long)], but accepts none: for several draws from one row, or a
    /// token that is still to be checked. Random numbers are taken, histories stay.
    public int draw(MemorySegment rows, long offsetBytes) {
        stages.enter();
        try {
            return choose(rows, offsetBytes);
        } finally {
            stages.exit();
        }
    }

    /// Enters the session for a row that is sampled later, perhaps by another thread; false if it is in use. Whoever
    /// claims a session sees to it that nobody is in [#sampleClaimed] any more, and then calls [#release].
    boolean claim(MemorySegment rows, long offsetBytes) {
        boolean entered = stages.tryEnter();
        if (entered) {
            claimedRows = rows;
            claimedOffsetBytes = offsetBytes;
        }
        return entered;
    }

    /// [#sample(MemorySegment, long)] of the row that the session was claimed for.
    int sampleClaimed() {
        int token = choose(claimedRows, claimedOffsetBytes);
        stages.accept(token);
        return token;
    }

    /// Leaves a session that was claimed.
    void release() {
        claimedRows = null;
        stages.exit();
    }

    private int choose(MemorySegment rows, long offsetBytes) {
        long rowBytes = (long) vocabularySize * Float.BYTES;
        if (offsetBytes < 0 || offsetBytes > rows.byteSize() - rowBytes) {
            throw new IndexOutOfBoundsException("a row of " + rowBytes + " bytes must lie within the segment's "
                    + rows.byteSize() + ", got offset " + offsetBytes);
        }
        candidates.begin(rows, offsetBytes);
        stages.apply(candidates);
        if (stages.missed(candidates)) {
            candidates.begin(rows, offsetBytes);
            stages.applyMasked(candidates);
        }
        return candidates.selected();
    }

    private int choose(MemorySegment fromIds, MemorySegment fromLogits, int count) {
        if (ids.length < count) {
            ids = new int[count];
            logits = new float[count];
        }
        MemorySegment.copy(fromIds, ValueLayout.JAVA_INT_UNALIGNED, 0, ids, 0, count);
        MemorySegment.copy(fromLogits, Kernels.FLOAT, 0, logits, 0, count);
        candidates.begin(ids, logits, count, false);
        stages.apply(candidates);
        if (stages.missed(candidates)) {
            candidates.begin(ids, logits, count, false);
            stages.applyMasked(candidates);
        }
        return candidates.selected();
    }

    /// Tells every stage of a token that was generated but not sampled here, such as one that was forced.
    ///
    /// @param token in [0, vocabularySize)
    /// @throws io.github.javasampler.grammar.TokenNotAllowedException if there is a grammar that it does not fit; then
    ///     no stage has accepted it
    public void accept(int token) {
        checkToken(token);
        stages.enter();
        try {
            stages.accept(token);
        } finally {
            stages.exit();
        }
    }

    /// Tells every stage of a token of the prompt: penalties and DRY count it, a grammar does not, as in llama.cpp's
    /// tools.
    ///
    /// @param token in [0, vocabularySize)
    public void acceptPrompt(int token) {
        checkToken(token);
        stages.enter();
        try {
            stages.acceptPrompt(token);
        } finally {
            stages.exit();
        }
    }

    /// Returns every stage to its initial state: the same rows give the same tokens again.
    public void reset() {
        stages.enter();
        try {
            stages.reset();
        } finally {
            stages.exit();
        }
    }

    /// A session that continues from this one's state and lives apart from it: a branch of the sequence.
    public SamplerSession fork() {
        stages.enter();
        try {
            return new SamplerSession(chain, numerics, vocabularySize, stages.fork());
        } finally {
            stages.exit();
        }
    }

    /// The state as bytes: random numbers, histories, averages. [#restore] goes on from there, in another JVM too. The
    /// same state gives the same bytes; what the numerics are, and what the last row left, is no part of it. A few
    /// kilobytes for each stage that draws.
    ///
    /// @throws java.io.UncheckedIOException if a stage of the caller's own can't be saved
    public byte[] save() {
        stages.enter();
        try {
            return SavedSession.write(vocabularySize, chain, stages.all());
        } finally {
            stages.exit();
        }
    }

    /// Goes on where another session stood when [#save] was called: the same rows give the same tokens. The chain's
    /// text must be the same, so stages of the caller's own need a `toString`; those that do not save themselves start
    /// over. If it fails the session stays as it was.
    ///
    /// @param saved what [#save] returned; it may come from anywhere, but is only checked against accidents and
    ///     nonsense, not against forgery
    /// @throws InvalidStateException if the bytes are no saved session, were changed or written by a newer version, or
    ///     belong to another chain or vocabulary size
    public void restore(byte[] saved) {
        stages.enter();
        try {
            Stages restored = stages.fork();
            restored.reset();
            SavedSession.read(saved, vocabularySize, chain, restored.all());
            stages.replaceBy(restored);
        } finally {
            stages.exit();
        }
    }

    /// How many candidates the last [#sample] left to its picker; those that can't be drawn don't count. It may read
    /// the row again, which must still be valid.
    public int kept() {
        return candidates.countDrawable();
    }

    /// The candidates that the last [#sample] left to its picker, the most probable first. For people and for logs: it
    /// allocates, and it reads the row again, which must still be valid.
    ///
    /// @param limit the most to return; negative for all
    public List<Candidate> survivors(int limit) {
        stages.enter();
        try {
            candidates.keepTop(candidates.size());
            int kept = candidates.countDrawable();
            int count = limit < 0 ? kept : Math.min(limit, kept);
            List<Candidate> survivors = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                survivors.add(new Candidate(candidates.id(i), candidates.logit(i), candidates.probability(i)));
            }
            return List.copyOf(survivors);
        } finally {
            stages.exit();
        }
    }

    /// The log probabilities of tokens as the model made them, before any stage: the softmax of the row. This is what
    /// `logprobs` and `top_logprobs` are to OpenAI's API, and `n_probs` to llama.cpp's server. The chosen token is
    /// asked for by its id.
    ///
    /// Nothing is drawn, no state changes, and the survivors of the last [#sample] stay as they are. The
    /// vocabulary is not sorted: it is a few passes over the row, the same whatever the numerics. It allocates.
    ///
    /// @param row as for [#sample(MemorySegment)]
    /// @param top how many of the most probable tokens to name, at least 0
    /// @param ids the tokens to ask for, each in [0, vocabularySize)
    /// @throws InvalidLogitsException if a logit is NaN or positive infinity, or all are negative infinity
    public Logprobs logprobs(MemorySegment row, int top, int... ids) {
        checkSize(row);
        stages.enter();
        try {
            return Logprobs.of(unsampled(row), top, ids);
        } finally {
            stages.exit();
        }
    }

    /// The log probabilities of tokens after the chain: among the [#survivors] of the last [#sample]. Tokens that
    /// were cut have negative infinity. They are computed in double precision whatever the numerics. It allocates, and
    /// may read the row again, which must still be valid. llama.cpp's server has this as `post_sampling_probs`.
    ///
    /// @param top how many of the most probable tokens to name, at least 0
    /// @param ids the tokens to ask for, each in [0, vocabularySize)
    /// @throws IllegalStateException if nothing has been sampled yet
    public Logprobs survivorLogprobs(int top, int... ids) {
        stages.enter();
        try {
            checkSampled();
            return Logprobs.of(candidates, top, ids);
        } finally {
            stages.exit();
        }
    }

    /// Entropy, varentropy and the best tokens of a row as the model made it, before any stage.
    ///
    /// Nothing is drawn, no state changes, and the survivors of the last [#sample] stay as they are. The vocabulary is
    /// not sorted: it takes about as long as a draw from the whole row. Weights are floats (see
    /// [io.github.javasampler.measure.Softmax] for more digits): entropy is right to 1e-5 bits, varentropy to 1e-5 of
    /// the mean square of the distances from the best, in bits. It allocates.
    ///
    /// @param row as for [#sample(MemorySegment)]
    /// @param top how many of the most probable tokens to name, at least 0
    /// @throws InvalidLogitsException if a logit is NaN or positive infinity, or all are negative infinity
    public Measures measures(MemorySegment row, int top) {
        checkSize(row);
        stages.enter();
        try {
            return Measures.ofRow(unsampled(row), top);
        } finally {
            stages.exit();
        }
    }

    /// The same after the chain: of the [#survivors] of the last [#sample], computed in double precision whatever the
    /// numerics. After a cut it costs next to nothing. It allocates, and may read the row again, which must still be
    /// valid.
    ///
    /// @param top how many of the most probable tokens to name, at least 0
    /// @throws IllegalStateException if nothing has been sampled yet
    public Measures survivorMeasures(int top) {
        stages.enter();
        try {
            checkSampled();
            return Measures.of(candidates, top);
        } finally {
            stages.exit();
        }
    }

    /// What each stage would do to a row if it were sampled now. Nothing is drawn and no state changes, but for what
    /// stages of the caller's own do in `fork`. For people and for logs: it allocates.
    ///
    /// @param row as for [#sample(MemorySegment)]
    public Trace explain(MemorySegment row) {
        return explain(row, Candidates.NONE);
    }

    /// The same, and what becomes of one token.
    ///
    /// @param token in [0, vocabularySize)
    public Trace explain(MemorySegment row, int token) {
        checkSize(row);
        if (token < Candidates.NONE || token >= vocabularySize) {
            throw new IllegalArgumentException("token must be in [0, " + (vocabularySize - 1) + "], got " + token);
        }
        stages.enter();
        try {
            return Trace.of(stages.fork().all(), row, Candidates.of(vocabularySize, numerics), token);
        } finally {
            stages.exit();
        }
    }

    private PortableCandidates unsampled(MemorySegment row) {
        if (unsampled == null) {
            unsampled = new PortableCandidates(vocabularySize, Numerics.PORTABLE.math());
        }
        unsampled.begin(row, 0);
        return unsampled;
    }

    private void checkSampled() {
        if (candidates.size() == 0) {
            throw new IllegalStateException("a row must have been sampled before its survivors have probabilities,"
                    + " got none yet; call sample or draw first");
        }
    }

    private void checkSize(MemorySegment row) {
        long rowBytes = (long) vocabularySize * Float.BYTES;
        if (row.byteSize() != rowBytes) {
            throw new IllegalArgumentException("a row must hold " + vocabularySize + " floats (" + rowBytes
                    + " bytes), got " + row.byteSize() + " bytes");
        }
    }

    private int checkCandidates(MemorySegment ids, MemorySegment logits) {
        long count = logits.byteSize() / Float.BYTES;
        if (ids.byteSize() != logits.byteSize() || logits.byteSize() % Float.BYTES != 0 || count < 1
                || count > vocabularySize) {
            throw new IllegalArgumentException("candidates must be as many ids as logits, of 4 bytes each, between 1"
                    + " and " + vocabularySize + ", got " + ids.byteSize() + " bytes of ids and " + logits.byteSize()
                    + " bytes of logits");
        }
        return (int) count;
    }

    private void checkToken(int token) {
        if (token < 0 || token >= vocabularySize) {
            throw new IllegalArgumentException("token must be in [0, " + (vocabularySize - 1) + "], got " + token);
        }
    }
}
