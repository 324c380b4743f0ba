package io.github.javasampler.llama;

import io.github.javasampler.Candidates;
import io.github.javasampler.Numerics;
import io.github.javasampler.Sampler;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.abi.llama_h;
import io.github.javasampler.sampler.Greedy;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// Has a llama.cpp of an unknown version call every function of [SamplerTable], through its own chain. A table that has
/// other functions, or in another order, ends the process or gives other tokens.
final class TableCheck {
    /// After each step, the token that is chosen of four, of which each that was accepted is banned.
    static final String EXPECTED = "named banned, greedy; at first 1; 1 accepted: 2; 2 accepted: 0; a clone: 0;"
            + " the original reset: 1; the clone, 0 accepted: 3; the original's state copied to it: 1; freed 3 of 3";

    private static int made;
    private static int closed;

    private TableCheck() {}

    /// What the library does.
    ///
    /// @param logits 1, 3, 2 and 0
    static String answer(LlamaRuntime runtime, MemorySegment logits) {
        made = 0;
        closed = 0;
        StringBuilder answer = new StringBuilder();
        NativeSampler chain = NativeSampler.chain(runtime, List.of(
                NativeSampler.publish(runtime, new Banned(), Vocabulary.ofSize(4), Numerics.PORTABLE),
                NativeSampler.builtIn(runtime, new Greedy(), 4)));
        try (chain) {
            answer.append("named ").append(String.join(", ", chain.names()));
            answer.append("; at first ").append(chain.apply(logits).token());
            chain.accept(1);
            answer.append("; 1 accepted: ").append(chain.apply(logits).token());
            chain.accept(2);
            answer.append("; 2 accepted: ").append(chain.apply(logits).token());
            try (NativeSampler clone = chain.copy()) {
                answer.append("; a clone: ").append(clone.apply(logits).token());
                chain.reset();
                answer.append("; the original reset: ").append(chain.apply(logits).token());
                clone.accept(0);
                answer.append("; the clone, 0 accepted: ").append(clone.apply(logits).token());
                // void llama_sampler_copy(const struct llama_sampler * src, struct llama_sampler * dst);
                llama_h.llama_sampler_copy(chain.pointer(), clone.pointer());
                answer.append("; the original's state copied to it: ").append(clone.apply(logits).token());
            }
        }
        return answer.append("; freed ").append(closed).append(" of ").append(made).toString();
    }

    /// Bans what was accepted, until it is reset.
    private static final class Banned implements Sampler, AutoCloseable {
        private final boolean[] tokens = new boolean[4];

        @Override
        public String name() {
            return "banned";
        }

        @Override
        public void apply(Candidates candidates) {
            for (int id = 0; id < tokens.length; id++) {
                if (tokens[id]) {
                    candidates.set(id, Float.NEGATIVE_INFINITY);
                }
            }
        }

        @Override
        public void accept(int token) {
            tokens[token] = true;
        }

        @Override
        public void reset() {
            Arrays.fill(tokens, false);
        }

        @Override
        public Banned fork() {
            Banned fork = new Banned();
            System.arraycopy(tokens, 0, fork.tokens, 0, tokens.length);
            made++;
            return fork;
        }

        @Override
        public void close() {
            closed++;
        }
    }
}
