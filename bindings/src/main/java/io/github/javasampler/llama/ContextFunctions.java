package io.github.javasampler.llama;

import io.github.javasampler.llama.abi.llama_h;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// The functions that return or take `llama_context_params` by value, with the layout of a version. The generated ones
/// have the layout of the version that they were generated from, which with another corrupts memory.
final class ContextFunctions {
    private final GroupLayout layout;
    private final MethodHandle defaults;
    private final MethodHandle init;

    ContextFunctions(KnownVersion version) {
        layout = version.contextParameters();
        // struct llama_context_params llama_context_default_params(void);
        defaults = NativeSymbols.libraryFunction("llama_context_default_params", FunctionDescriptor.of(layout));
        // struct llama_context * llama_init_from_model(struct llama_model * model,
        //         struct llama_context_params params);
        init = NativeSymbols.libraryFunction("llama_init_from_model",
                FunctionDescriptor.of(llama_h.C_POINTER, llama_h.C_POINTER, layout));
    }

    /// `llama_context_default_params`.
    MemorySegment defaultParameters(Arena arena) {
        try {
            return (MemorySegment) defaults.invokeExact((SegmentAllocator) arena);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /// Sets a field of 32 bits.
    void set(MemorySegment parameters, String field, int value) {
        parameters.set(ValueLayout.JAVA_INT, layout.byteOffset(PathElement.groupElement(field)), value);
    }

    /// `llama_init_from_model`.
    ///
    /// @return null, as a pointer, if it fails
    MemorySegment initFromModel(MemorySegment model, MemorySegment parameters) {
        try {
            return (MemorySegment) init.invokeExact(model, parameters);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
