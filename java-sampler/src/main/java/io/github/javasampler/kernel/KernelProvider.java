package io.github.javasampler.kernel;

import java.lang.System.Logger.Level;

/// Chooses the kernels, once, and says in one log line which and why.
public final class KernelProvider {
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    private KernelProvider() {}

    /// The kernels of this JVM.
    public static Kernels kernels() {
        return Holder.CHOICE.kernels;
    }

    /// The loops over survivors of this JVM.
    public static KeyKernels keyKernels() {
        return Holder.CHOICE.keyKernels;
    }

    /// Which kernels were chosen and why, in one sentence.
    public static String reason() {
        return Holder.CHOICE.reason;
    }

    private record Choice(Kernels kernels, KeyKernels keyKernels, String reason) {}

    /// Initialised at the first use, so that only programs which sample pay for the choice.
    private static final class Holder {
        private static final Choice CHOICE = choose();

        static {
            System.getLogger("io.github.javasampler").log(Level.INFO, CHOICE.reason);
        }
    }

    private static Choice choose() {
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            Kernels scalar = new ScalarKernels();
            return new Choice(scalar, new ScalarKeys(), scalar.describe() + ": the module " + VECTOR_MODULE
                    + " is absent; start the JVM with --add-modules " + VECTOR_MODULE + " to use the vector kernels");
        }
        Kernels vector = new VectorKernels();
        boolean compresses = vector.lanes() == VectorCollect.COMPRESSING_LANES;
        return new Choice(vector, compresses ? new VectorKeys() : new ScalarKeys(), vector.describe());
    }
}
