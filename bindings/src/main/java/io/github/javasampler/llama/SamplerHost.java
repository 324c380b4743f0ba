package io.github.javasampler.llama;

import io.github.javasampler.llama.abi.llama_sampler;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/// A libllama that samplers are made for: the one of [LlamaRuntime], or that of a program which has started this JVM.
/// All it takes is one function; nothing else of the library is called.
final class SamplerHost {
    // struct llama_sampler * llama_sampler_init(struct llama_sampler_i * iface, llama_sampler_context_t ctx);
    // With numbers for pointers: a ctx is none.
    private static final MethodHandle LLAMA_SAMPLER_INIT = NativeSymbols.functionAt(
            FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

    private static volatile SamplerHost last;

    private final MemorySegment init;
    private final long table;
    private final FailureListener listener;

    private SamplerHost(MemorySegment init, long table, FailureListener listener) {
        this.init = init;
        this.table = table;
        this.listener = listener;
        last = this;
    }

    /// The one that was asked for last. A process has one libllama, as a rule.
    static SamplerHost last() {
        return last;
    }

    /// The library that is loaded.
    ///
    /// @param loaded proof of it
    static SamplerHost of(LlamaRuntime loaded, FailureListener listener) {
        Objects.requireNonNull(loaded, "runtime");
        return new SamplerHost(NativeSymbols.address("llama_sampler_init"), SamplerTable.WITH_COPY_STATE,
                Objects.requireNonNull(listener, "listener"));
    }

    /// A library of any version. Its table may have other slots behind those that all versions share, so those stay
    /// null.
    ///
    /// @param init the address of its `llama_sampler_init`
    static SamplerHost at(long init, FailureListener listener) {
        if (init == 0) {
            throw new IllegalArgumentException("the address of llama_sampler_init must not be null; look it up in the"
                    + " library that is to use the sampler");
        }
        return new SamplerHost(MemorySegment.ofAddress(init), SamplerTable.COMMON,
                Objects.requireNonNull(listener, "listener"));
    }

    FailureListener listener() {
        return listener;
    }

    /// Has the library allocate a sampler, so that the library can free it.
    ///
    /// @return the address of a `llama_sampler`
    long newSampler(long number) {
        long sampler;
        try {
            sampler = (long) LLAMA_SAMPLER_INIT.invokeExact(init, table, number);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        return sampler;
    }

    /// The number of a sampler that [#newSampler] made.
    static long number(long sampler) {
        return NativeMemory.all().get(ValueLayout.JAVA_LONG, sampler + llama_sampler.ctx$offset());
    }
}
