package io.github.javasampler.it;

import io.github.javasampler.llama.LlamaContext;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/// What the library itself says, past the safe API: an independent witness.
final class RawLlama {
    private RawLlama() {}

    /// `llama_get_logits_ith`, called on the context's own pointer.
    static long addressOfLogits(LlamaContext context, int output) {
        try {
            Field pointer = LlamaContext.class.getDeclaredField("pointer");
            pointer.setAccessible(true);
            Object owner = pointer.get(context);
            Method get = owner.getClass().getDeclaredMethod("get");
            get.setAccessible(true);
            MemorySegment address = (MemorySegment) get.invoke(owner);
            return io.github.javasampler.llama.abi.llama_h.llama_get_logits_ith(address, output).address();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
