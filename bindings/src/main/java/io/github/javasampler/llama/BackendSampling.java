package io.github.javasampler.llama;

import io.github.javasampler.llama.abi.llama_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// The backend samplers of a context: who is attached to which sequence, and what they left of an output. The context
/// sees to it that one thread at a time is in it.
final class BackendSampling {
    private final MemorySegment context;
    private final int vocabularySize;
    private final NativeSampler[] chains;

    /// @param context `llama_context *`
    BackendSampling(MemorySegment context, int vocabularySize, int sequences) {
        this.context = context;
        this.vocabularySize = vocabularySize;
        chains = new NativeSampler[sequences];
    }

    boolean has(int sequence) {
        return chains[sequence] != null;
    }

    /// Attaches a chain that was prepared for it.
    void attach(int sequence, NativeSampler chain) {
        // bool llama_set_sampler(struct llama_context * ctx, llama_seq_id seq_id, struct llama_sampler * smpl);
        if (!llama_h.llama_set_sampler(context, sequence, chain.pointer())) {
            throw new LlamaException("llama.cpp must be able to run \"" + chain.name() + "\" in the graph, and cannot");
        }
        chains[sequence] = chain;
    }

    /// Returns what was attached; null if nothing was.
    NativeSampler detach(int sequence) {
        NativeSampler chain = chains[sequence];
        // bool llama_set_sampler(struct llama_context * ctx, llama_seq_id seq_id, struct llama_sampler * smpl);
        llama_h.llama_set_sampler(context, sequence, MemorySegment.NULL);
        chains[sequence] = null;
        return chain;
    }

    /// Called when the context is closed.
    void close() {
        for (NativeSampler chain : chains) {
            if (chain != null) {
                chain.detached();
            }
        }
    }

    /// Decodes: the graph takes random numbers and histories out of the chains, so nobody may be in them.
    ///
    /// @throws InUseException if another thread is in one of them
    int decode(MemorySegment batch) {
        int entered = 0;
        try {
            for (; entered < chains.length; entered++) {
                if (has(entered)) {
                    chains[entered].beginGraph();
                }
            }
            // int32_t llama_decode(struct llama_context * ctx, struct llama_batch batch);
            return llama_h.llama_decode(context, batch);
        } finally {
            while (--entered >= 0) {
                if (has(entered)) {
                    chains[entered].endGraph();
                }
            }
        }
    }

    /// Whether an output still is a row: a float for each token, in the order of the ids.
    boolean isRow(int sequence, int index) {
        return !has(sequence) || logitCount(index) == vocabularySize && candidateCount(index) == 0;
    }

    /// How many logits there are of an output.
    int logitCount(int index) {
        // uint32_t llama_get_sampled_logits_count_ith(struct llama_context * ctx, int32_t i);
        return llama_h.llama_get_sampled_logits_count_ith(context, index);
    }

    /// How many ids there are; 0 if they are those of all tokens.
    private int candidateCount(int index) {
        // uint32_t llama_get_sampled_candidates_count_ith(struct llama_context * ctx, int32_t i);
        return llama_h.llama_get_sampled_candidates_count_ith(context, index);
    }

    /// What was left of an output of a sequence that [#has] a chain.
    BackendOutput output(int sequence, int index, Arena rows) {
        int count = logitCount(index);
        int ids = candidateCount(index);
        // uint32_t llama_get_sampled_probs_count_ith(struct llama_context * ctx, int32_t i);
        int probabilities = llama_h.llama_get_sampled_probs_count_ith(context, index);
        if (count < 1 || count > vocabularySize || ids != count && (ids != 0 || count != vocabularySize)
                || probabilities != count && probabilities != 0) {
            throw new LlamaException("a backend sampler must leave as many ids as logits, between 1 and "
                    + vocabularySize + ", and as many probabilities or none, left " + ids + " ids, " + count
                    + " logits and " + probabilities + " probabilities; detach it");
        }
        // llama_token llama_get_sampled_token_ith(struct llama_context * ctx, int32_t i);
        int token = llama_h.llama_get_sampled_token_ith(context, index);
        // llama_token * llama_get_sampled_candidates_ith(struct llama_context * ctx, int32_t i);
        MemorySegment idsAt = llama_h.llama_get_sampled_candidates_ith(context, index);
        // float * llama_get_sampled_logits_ith(struct llama_context * ctx, int32_t i);
        MemorySegment logitsAt = llama_h.llama_get_sampled_logits_ith(context, index);
        // float * llama_get_sampled_probs_ith(struct llama_context * ctx, int32_t i);
        Optional<MemorySegment> probabilitiesAt = probabilities == 0 ? Optional.empty()
                : Optional.of(floats(llama_h.llama_get_sampled_probs_ith(context, index), count, rows));
        return new BackendOutput(chains[sequence], token, ids == 0, vocabularySize,
                NativeMemory.readable(idsAt, (long) count * Integer.BYTES, rows), floats(logitsAt, count, rows),
                probabilitiesAt);
    }

    private static MemorySegment floats(MemorySegment address, int count, Arena arena) {
        return NativeMemory.readable(address, (long) count * Float.BYTES, arena);
    }
}
