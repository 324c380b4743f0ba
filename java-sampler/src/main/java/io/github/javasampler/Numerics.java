package io.github.javasampler;

import java.util.ServiceLoader;

/// How a session computes; the stages, their formulas and their random numbers are the same.
public enum Numerics {
    /// The same token for the same row, chain and seed on every CPU, vector width and JIT state: weights are whole
    /// numbers, whose sums do not depend on their order, and equal logits stand in the order of their ids.
    PORTABLE("portable"),

    /// Token for token what llama.cpp gives on the same host, to the bit: sums of floats one by one in its order, the
    /// order its unstable sorts leave, its flags, its C library. Slower than [#PORTABLE]. It needs a [FloatMath]
    /// service, which `java-sampler-bindings` brings.
    LLAMA_CPP("llama.cpp");

    private final String label;

    Numerics(String label) {
        this.label = label;
    }

    /// The functions that the formulas take.
    ///
    /// @throws IllegalStateException if nothing brings the host's
    FloatMath math() {
        return this == PORTABLE ? Strict.MATH : Host.math();
    }

    /// As options name it: `portable`, `llama.cpp`.
    @Override
    public String toString() {
        return label;
    }

    /// Initialised at the first use.
    private static final class Strict {
        private static final FloatMath MATH = new StrictFloatMath();
    }

    private static final class Host {
        private static final FloatMath MATH = ServiceLoader.load(FloatMath.class, FloatMath.class.getClassLoader())
                .findFirst().or(() -> ServiceLoader.load(FloatMath.class).findFirst()).orElse(null);

        private static FloatMath math() {
            if (MATH == null) {
                throw new IllegalStateException("numerics llama.cpp need the functions of the host's C library, and no"
                        + " FloatMath service was found; put java-sampler-bindings on the class or module path, or take"
                        + " Numerics.PORTABLE");
            }
            return MATH;
        }
    }
}
