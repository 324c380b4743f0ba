package io.github.javasampler.it;

import io.github.javasampler.llama.LlamaContext;
import io.github.javasampler.llama.NativeSampler;
import io.github.javasampler.llama.abi.llama_h;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/// What the library itself says, past the safe API: an independent witness.
final class RawLlama {
    private RawLlama() {}

    /// `llama_get_logits_ith`, called on the context's own pointer.
    static long addressOfLogits(LlamaContext context, int output) {
        return llama_h.llama_get_logits_ith(pointer(context), output).address();
    }

    /// `llama_sampler_sample`, likewise.
    static int sample(NativeSampler sampler, LlamaContext context, int output) {
        return llama_h.llama_sampler_sample(sampler.pointer(), pointer(context), output);
    }

    private static MemorySegment pointer(LlamaContext context) {
        try {
            Field pointer = LlamaContext.class.getDeclaredField("pointer");
            pointer.setAccessible(true);
            Object owner = pointer.get(context);
            Method get = owner.getClass().getDeclaredMethod("get");
            get.setAccessible(true);
            return (MemorySegment) get.invoke(owner);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
