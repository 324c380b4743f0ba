package io.github.javasampler.llama;

import io.github.javasampler.llama.abi.llama_h;
import io.github.javasampler.llama.abi.llama_perf_sampler_data;
import io.github.javasampler.llama.abi.llama_sampler;
import io.github.javasampler.llama.abi.llama_sampler_i;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// What a native sampler and, if it is a chain, all its members have in them of what llama.cpp would abort over.
/// Members never change, so it is looked at once.
final class SamplerSurvey {
    private static final int SELF = -1;

    private final boolean chain;
    private final boolean adaptive;
    /// The name of a member that cannot be cloned, or null.
    private final String uncopyable;
    private final List<MemorySegment> grammars;
    private final CandidateArray single;

    private SamplerSurvey(boolean chain, List<MemorySegment> leaves) {
        this.chain = chain;
        boolean foundAdaptive = false;
        String foundUncopyable = null;
        List<MemorySegment> foundGrammars = new ArrayList<>();
        for (MemorySegment leaf : leaves) {
            String name = name(leaf);
            foundAdaptive |= name.equals("adaptive-p");
            // One of Java's says no by itself.
            if (name.equals("grammar") && !SamplerTable.isOurs(iface(leaf).address())) {
                foundGrammars.add(leaf);
            }
            if (!isCopyable(leaf)) {
                foundUncopyable = name;
            }
        }
        adaptive = foundAdaptive;
        uncopyable = foundUncopyable;
        grammars = List.copyOf(foundGrammars);
        single = grammars.isEmpty() ? null : new CandidateArray(Arena.ofAuto());
    }

    static SamplerSurvey of(MemorySegment sampler) {
        List<MemorySegment> leaves = new ArrayList<>();
        addLeaves(sampler, leaves);
        return new SamplerSurvey(isChain(sampler), leaves);
    }

    private static void addLeaves(MemorySegment sampler, List<MemorySegment> leaves) {
        if (!isChain(sampler)) {
            leaves.add(MemorySegment.ofAddress(sampler.address()));
            return;
        }
        for (MemorySegment member : members(sampler)) {
            addLeaves(member, leaves);
        }
    }

    private static boolean isChain(MemorySegment sampler) {
        // struct llama_sampler * llama_sampler_chain_get(struct llama_sampler * chain, int32_t i);
        return llama_h.llama_sampler_chain_get(sampler, SELF).address() == sampler.address();
    }

    static List<MemorySegment> members(MemorySegment chain) {
        List<MemorySegment> members = new ArrayList<>();
        // int32_t llama_sampler_chain_n(const struct llama_sampler * chain);
        for (int i = 0; i < llama_h.llama_sampler_chain_n(chain); i++) {
            // struct llama_sampler * llama_sampler_chain_get(struct llama_sampler * chain, int32_t i);
            members.add(llama_h.llama_sampler_chain_get(chain, i));
        }
        return members;
    }

    /// The names of a chain's members, or that of another sampler.
    static List<String> names(MemorySegment sampler) {
        if (!isChain(sampler)) {
            return List.of(name(sampler));
        }
        List<String> names = new ArrayList<>();
        for (MemorySegment member : members(sampler)) {
            names.add(name(member));
        }
        return names;
    }

    private static String name(MemorySegment sampler) {
        // const char * llama_sampler_name(const struct llama_sampler * smpl);
        return String.valueOf(NativeMemory.string(llama_h.llama_sampler_name(sampler)));
    }

    /// The table of a sampler's functions.
    static MemorySegment iface(MemorySegment sampler) {
        MemorySegment shell = NativeMemory.sized(sampler, llama_sampler.sizeof());
        return NativeMemory.sized(llama_sampler.iface(shell), llama_sampler_i.sizeof());
    }

    /// llama.cpp clones what has no state by itself.
    private static boolean isCopyable(MemorySegment sampler) {
        MemorySegment shell = NativeMemory.sized(sampler, llama_sampler.sizeof());
        return !NativeMemory.isNull(llama_sampler_i.clone(iface(sampler)))
                || NativeMemory.isNull(llama_sampler.ctx(shell));
    }

    /// To be called before a clone.
    ///
    /// @param pending whether a token has been selected and none accepted since
    void checkCopy(boolean pending) {
        if (uncopyable != null) {
            throw new LlamaException("a sampler must have clone in its llama_sampler_i to be copied, and \""
                    + uncopyable + "\" has not, but has state");
        }
        if (pending && adaptive) {
            throw new IllegalStateException("a native sampler with adaptive-p must not be copied between apply and"
                    + " accept; accept a token first");
        }
    }

    /// To be called before a token is accepted: a grammar must allow it, as it does if it leaves its logit as it is.
    void checkGrammars(int token) {
        if (!allows(token)) {
            throw new LlamaException("a token must fit the grammar to be accepted, and token " + token
                    + " does not; nothing was accepted");
        }
    }

    /// Whether all grammars allow a token.
    boolean allows(int token) {
        for (MemorySegment grammar : grammars) {
            single.fill(token, 0);
            // void llama_sampler_apply(struct llama_sampler * smpl, llama_token_data_array * cur_p);
            llama_h.llama_sampler_apply(grammar, single.segment());
            if (!single.hasDrawable()) {
                return false;
            }
        }
        return true;
    }

    /// Whether there is one of llama.cpp's grammars.
    boolean hasGrammar() {
        return !grammars.isEmpty();
    }

    /// Whether a member is one of them.
    boolean isGrammar(MemorySegment sampler) {
        for (MemorySegment grammar : grammars) {
            if (grammar.address() == sampler.address()) {
                return true;
            }
        }
        return false;
    }

    /// What llama.cpp measured of a chain.
    NativeSampler.Performance performance(MemorySegment sampler) {
        if (!chain) {
            throw new LlamaException("llama.cpp measures chains, and \"" + name(sampler)
                    + "\" is none; put it into a NativeSampler.chain");
        }
        try (Arena confined = Arena.ofConfined()) {
            // struct llama_perf_sampler_data llama_perf_sampler(const struct llama_sampler * chain);
            MemorySegment data = llama_h.llama_perf_sampler(confined, sampler);
            return new NativeSampler.Performance(llama_perf_sampler_data.t_sample_ms(data),
                    llama_perf_sampler_data.n_sample(data));
        }
    }
}
