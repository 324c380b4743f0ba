package io.github.javasampler.llama;

import io.github.javasampler.llama.abi.llama_sampler_i;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// The `llama_sampler_i` of every sampler that is Java. There is one for the process, never freed: its functions learn
/// from the `ctx` whom they are called for, so all clones share the pointer, and no sampler can outlive its functions.
///
/// The table has grown from 6 to 12 slots within a year, so it is far larger than that, and zero where nothing is
/// known. The `backend_*` slots stay null: Java does not run in a graph.
///
/// Pointers come as numbers, so that a call allocates nothing. No throwable leaves a function: see [Containment].
final class SamplerTable {
    /// For llama.cpp 0.5.0.
    static final long WITH_COPY_STATE;
    /// For any version: the six slots that all have, and null behind them.
    static final long COMMON;

    private static final int SLOTS = 64;
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    static {
        // const char * (*name)(const struct llama_sampler * smpl);
        MemorySegment name = function("name", long.class, long.class);
        // void (*accept)(struct llama_sampler * smpl, llama_token token);
        MemorySegment accept = function("accept", void.class, long.class, int.class);
        // void (*apply)(struct llama_sampler * smpl, llama_token_data_array * cur_p);
        MemorySegment apply = function("apply", void.class, long.class, long.class);
        // void (*reset)(struct llama_sampler * smpl);
        MemorySegment reset = function("reset", void.class, long.class);
        // struct llama_sampler * (*clone)(const struct llama_sampler * smpl);
        MemorySegment clone = function("copy", long.class, long.class);
        // void (*free)(struct llama_sampler * smpl);
        MemorySegment free = function("free", void.class, long.class);
        MemorySegment[] tables = new MemorySegment[2];
        for (int i = 0; i < tables.length; i++) {
            MemorySegment table = Arena.global().allocate(ValueLayout.ADDRESS, SLOTS);
            llama_sampler_i.name(table, name);
            llama_sampler_i.accept(table, accept);
            llama_sampler_i.apply(table, apply);
            llama_sampler_i.reset(table, reset);
            llama_sampler_i.clone(table, clone);
            llama_sampler_i.free(table, free);
            tables[i] = table;
        }
        COMMON = tables[0].address();
        // void (*copy_state)(const struct llama_sampler * src, struct llama_sampler * dst);
        llama_sampler_i.copy_state(tables[1], function("copyState", void.class, long.class, long.class));
        WITH_COPY_STATE = tables[1].address();
    }

    private SamplerTable() {
    }

    private static MemorySegment function(String name, Class<?> result, Class<?>... parameters) {
        ValueLayout[] layouts = new ValueLayout[parameters.length];
        for (int i = 0; i < layouts.length; i++) {
            layouts[i] = layout(parameters[i]);
        }
        try {
            MethodHandle method =
                    LOOKUP.findStatic(SamplerTable.class, name, MethodType.methodType(result, parameters));
            return NativeSymbols.upcall(method, result == void.class ? FunctionDescriptor.ofVoid(layouts)
                    : FunctionDescriptor.of(layout(result), layouts));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static ValueLayout layout(Class<?> type) {
        return type == int.class ? ValueLayout.JAVA_INT : ValueLayout.JAVA_LONG;
    }

    /// Whether a table is one of these.
    static boolean isOurs(long table) {
        return table == WITH_COPY_STATE || table == COMMON;
    }

    private static long name(long sampler) {
        try {
            return find(sampler).name();
        } catch (Throwable e) {
            Containment.caught(e, FailureListener.LOG);
            return JavaSampler.NAMELESS;
        }
    }

    private static void accept(long sampler, int token) {
        try {
            find(sampler).accept(token);
        } catch (Throwable e) {
            Containment.caught(e, FailureListener.LOG);
        }
    }

    private static void apply(long sampler, long array) {
        try {
            find(sampler).apply(array);
        } catch (Throwable e) {
            Containment.caught(e, FailureListener.LOG);
        }
    }

    private static void reset(long sampler) {
        try {
            find(sampler).reset();
        } catch (Throwable e) {
            Containment.caught(e, FailureListener.LOG);
        }
    }

    private static long copy(long sampler) {
        try {
            return find(sampler).copy();
        } catch (Throwable e) {
            Containment.caught(e, FailureListener.LOG);
            return JavaSampler.lost();
        }
    }

    private static void free(long sampler) {
        try {
            JavaSampler removed = SamplerRegistry.remove(SamplerHost.number(sampler));
            if (removed != null) {
                removed.free();
            }
        } catch (Throwable e) {
            Containment.caught(e, FailureListener.LOG);
        }
    }

    private static void copyState(long source, long target) {
        try {
            find(target).copyStateOf(find(source));
        } catch (Throwable e) {
            Containment.caught(e, FailureListener.LOG);
        }
    }

    private static JavaSampler find(long sampler) {
        JavaSampler found = SamplerRegistry.find(SamplerHost.number(sampler));
        if (found == null) {
            throw new IllegalStateException("a sampler must not be used after it was freed, and one of Java's was");
        }
        return found;
    }
}
