package io.github.javasampler.llama;

import io.github.javasampler.ArraySession;
import io.github.javasampler.llama.abi.llama_token_data;
import io.github.javasampler.llama.abi.llama_token_data_array;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The Java side of one `llama_sampler`: its stages and their state. What they throw is caught here, so that each kind
/// of call leaves what the caller can go on with.
final class JavaSampler {
    private static final long CANDIDATE_BYTES = llama_token_data.sizeof();
    private static final long LOGIT_OFFSET = llama_token_data.logit$offset();
    private static final long DATA = llama_token_data_array.data$offset();
    private static final long SIZE = llama_token_data_array.size$offset();
    private static final long SELECTED = llama_token_data_array.selected$offset();
    private static final long SORTED = llama_token_data_array.sorted$offset();

    /// Names as C strings that live for ever, as there are few of them and llama.cpp may keep the pointer.
    private static final Map<String, Long> NAMES = new ConcurrentHashMap<>();
    /// A name for who has none.
    static final long NAMELESS = cString("java");

    private final SamplerHost host;
    private final long name;
    private final boolean picks;
    /// Null if it could not be forked from that of another sampler.
    private ArraySession session;
    private long number;

    private JavaSampler(SamplerHost host, long name, boolean picks, ArraySession session) {
        this.host = host;
        this.name = name;
        this.picks = picks;
        this.session = session;
    }

    /// Makes a `llama_sampler` of a session, which it owns from now on.
    ///
    /// @param name what it is called there
    /// @return the address of the `llama_sampler`
    static long publish(SamplerHost host, String name, ArraySession session) {
        return new JavaSampler(host, cString(name), session.picks(), session).register();
    }

    /// A `llama_sampler` for who asked for a copy of none that is known: a chain would not look whether it gets one.
    ///
    /// @return its address
    static long lost() {
        return new JavaSampler(SamplerHost.last(), NAMELESS, false, null).register();
    }

    private static long cString(String text) {
        return NAMES.computeIfAbsent(text, key -> Arena.global().allocateFrom(key).address());
    }

    private long register() {
        return host.newSampler(SamplerRegistry.add(this));
    }

    /// Called by the registry.
    void number(long given) {
        number = given;
    }

    /// What llama.cpp knows it by.
    long number() {
        return number;
    }

    /// The address of a C string.
    long name() {
        return name;
    }

    /// Whether it selects a token.
    boolean picks() {
        return picks;
    }

    void accept(int token) {
        try {
            session().accept(token);
        } catch (Throwable e) {
            Containment.caught(e, host.listener());
        }
    }

    /// Works on a `llama_token_data_array`. If that fails, the candidates are as they were, and if a token was to be
    /// selected, the best one is.
    void apply(long array) {
        MemorySegment memory = NativeMemory.all();
        try {
            long size = memory.get(ValueLayout.JAVA_LONG, array + SIZE);
            ArraySession working = session();
            working.apply(memory, memory.get(ValueLayout.JAVA_LONG, array + DATA),
                    (int) Math.min(size, Integer.MAX_VALUE), memory.get(ValueLayout.JAVA_BYTE, array + SORTED) != 0);
            memory.set(ValueLayout.JAVA_LONG, array + SIZE, working.size());
            memory.set(ValueLayout.JAVA_BYTE, array + SORTED, (byte) (working.isDescending() ? 1 : 0));
            if (working.selected() >= 0) {
                memory.set(ValueLayout.JAVA_LONG, array + SELECTED, working.selected());
            }
        } catch (Throwable e) {
            if (picks) {
                selectBest(memory, array);
            }
            Containment.caught(e, host.listener());
        }
    }

    private static void selectBest(MemorySegment memory, long array) {
        long data = memory.get(ValueLayout.JAVA_LONG, array + DATA);
        long size = memory.get(ValueLayout.JAVA_LONG, array + SIZE);
        long best = size > 0 ? 0 : -1;
        float greatest = Float.NEGATIVE_INFINITY;
        for (long i = 0; i < size; i++) {
            float logit = memory.get(ValueLayout.JAVA_FLOAT, data + i * CANDIDATE_BYTES + LOGIT_OFFSET);
            if (logit > greatest) {
                greatest = logit;
                best = i;
            }
        }
        memory.set(ValueLayout.JAVA_LONG, array + SELECTED, best);
    }

    void reset() {
        try {
            session().reset();
        } catch (Throwable e) {
            Containment.caught(e, host.listener());
        }
    }

    /// A `llama_sampler` with a fork of the state. If a stage can't be forked, one that does what a failed stage does,
    /// since llama.cpp would not look whether it gets none.
    ///
    /// @return its address
    long copy() {
        ArraySession fork = null;
        try {
            fork = session().fork();
        } catch (Throwable e) {
            Containment.caught(e, host.listener());
        }
        return new JavaSampler(host, name, picks, fork).register();
    }

    /// Goes on from the state of another sampler. If that can't be forked, this one stays as it was.
    void copyStateOf(JavaSampler source) {
        try {
            ArraySession fork = source.session().fork();
            ArraySession old = session;
            session = fork;
            if (old != null) {
                old.close();
            }
        } catch (Throwable e) {
            Containment.caught(e, host.listener());
        }
    }

    void free() {
        try {
            if (session != null) {
                session.close();
            }
        } catch (Throwable e) {
            Containment.caught(e, host.listener());
        }
    }

    private ArraySession session() {
        if (session == null) {
            throw new IllegalStateException("a sampler must have been copied before it is used, and the copy had"
                    + " failed; free it");
        }
        return session;
    }
}
