package io.github.javasampler.llama;

import io.github.javasampler.SamplerSession;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// What a [backend sampler][LlamaContext#attach] has left of an output: candidates in an order of their own, and the
/// token, if it has selected one.
///
/// The memory is llama.cpp's, read-only, and valid as long as the rows of the decode: every use after that is an
/// `IllegalStateException`. Threads as for [LlamaContext#logits].
public final class BackendOutput {
    /// No token: what [#token] is until one is selected.
    public static final int NONE = -1;

    private final NativeSampler chain;
    private final int token;
    private final boolean isRow;
    private final MemorySegment ids;
    private final MemorySegment logits;
    private final Optional<MemorySegment> probabilities;

    /// @param chain what ran
    /// @param isRow whether the candidates are all tokens, in the order of their ids
    /// @throws LlamaException if an id is of no token
    BackendOutput(NativeSampler chain, int token, boolean isRow, int vocabularySize, MemorySegment ids,
            MemorySegment logits, Optional<MemorySegment> probabilities) {
        this.chain = chain;
        this.token = token;
        this.isRow = isRow;
        this.ids = ids;
        this.logits = logits;
        this.probabilities = probabilities;
        checkToken(token, NONE, vocabularySize);
        for (int i = 0; i < size() && !isRow; i++) {
            checkToken(id(i), 0, vocabularySize);
        }
    }

    private static void checkToken(int found, int least, int vocabularySize) {
        if (found < least || found >= vocabularySize) {
            throw new LlamaException("a backend sampler must leave tokens in [0, " + vocabularySize + "), left "
                    + found + "; detach it");
        }
    }

    /// How many candidates are left, at least 1.
    public int size() {
        return (int) (logits.byteSize() / Float.BYTES);
    }

    /// Their ids: an `int` each, in native order.
    public MemorySegment ids() {
        return ids;
    }

    /// Their logits: a `float` each. Those with negative infinity can't be drawn; it is how llama.cpp cuts there.
    public MemorySegment logits() {
        return logits;
    }

    /// Their probabilities: a `float` each, if the backend has computed them, as it does to draw.
    public Optional<MemorySegment> probabilities() {
        return probabilities;
    }

    /// The token that the backend has selected, or [#NONE].
    public int token() {
        // Throws where the rows would.
        logit(0);
        return token;
    }

    /// Picks a token as `llama_sampler_sample` does, with a session of Java in place of the stages that are left: what
    /// was selected stays, else the session picks from the candidates. The session and the chain that ran are told.
    ///
    /// @return the token
    /// @throws IllegalArgumentException if the session is for another number of tokens
    public int sample(SamplerSession session) {
        int chosen = token();
        if (chosen != NONE) {
            session.accept(chosen);
        } else {
            chosen = isRow ? session.sample(logits) : session.sample(ids, logits);
        }
        chain.accept(chosen);
        return chosen;
    }

    /// Whether that chain ran.
    boolean isOf(NativeSampler sampler) {
        return chain == sampler;
    }

    /// Tells the chain that ran of the token that another sampler has picked.
    void accept(int chosen) {
        chain.accept(chosen);
    }

    int id(int index) {
        return ids.get(ValueLayout.JAVA_INT_UNALIGNED, (long) index * Integer.BYTES);
    }

    float logit(int index) {
        return logits.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) index * Float.BYTES);
    }

    float probability(int index) {
        return probabilities.isEmpty() ? 0
                : probabilities.get().get(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) index * Float.BYTES);
    }

    /// To be called before llama.cpp's samplers work on it.
    ///
    /// @throws LlamaException if a logit is NaN
    void checkNumbers() {
        for (int i = 0; i < size(); i++) {
            if (Float.isNaN(logit(i))) {
                throw new LlamaException("logits must be numbers for llama.cpp's chain, and that of token " + id(i)
                        + " is NaN");
            }
        }
    }

    @Override
    public String toString() {
        return size() + " candidates" + (token == NONE ? "" : ", of which token " + token + " is selected");
    }
}
