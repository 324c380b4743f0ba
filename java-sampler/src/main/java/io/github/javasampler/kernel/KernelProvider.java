package io.github.javasampler.kernel;

import java.lang.System.Logger.Level;

/// Chooses the kernels, once, and says in one log line which and why. Vector kernels are slow until C2 has compiled
/// them, so the scalar ones sample until then, which is not done before a program has sampled
/// [VectorTraining#ROWS_BEFORE] rows, or more with decodes between them, or waits for it; both give the same tokens.
///
/// The system property `io.github.javasampler.kernels` overrides that: `vector` takes the vector kernels from the first
/// token on, `scalar` never does.
public final class KernelProvider {
    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    private static final String PROPERTY = "io.github.javasampler.kernels";

    private KernelProvider() {}

    /// The kernels to use for a row now. Ask again for the next.
    public static Kernels kernels() {
        if (Holder.CHOICE.isReady()) {
            return Holder.CHOICE.kernels;
        }
        Holder.CHOICE.training.countRow(System.nanoTime());
        return Holder.SCALAR;
    }

    /// The loops over survivors to use now.
    public static KeyKernels keyKernels() {
        return Holder.CHOICE.isReady() ? Holder.CHOICE.keyKernels : Holder.SCALAR_KEYS;
    }

    /// What [#kernels] will be in the end.
    static Kernels fastest() {
        return Holder.CHOICE.kernels;
    }

    /// What [#keyKernels] will be in the end.
    static KeyKernels fastestKeys() {
        return Holder.CHOICE.keyKernels;
    }

    /// Waits until the kernels are the fastest: about two seconds, the first time.
    public static void awaitFastest() {
        if (Holder.CHOICE.training != null) {
            Holder.CHOICE.training.await();
        }
    }

    /// Which kernels were chosen and why, in one sentence.
    public static String reason() {
        return Holder.CHOICE.reason;
    }

    /// @param training null if nothing is to be waited for
    private record Choice(Kernels kernels, KeyKernels keyKernels, VectorTraining training, String reason) {
        boolean isReady() {
            return training == null || training.isDone();
        }
    }

    /// Initialised at the first use, so that only programs which sample pay for the choice.
    private static final class Holder {
        private static final Kernels SCALAR = new ScalarKernels();
        private static final KeyKernels SCALAR_KEYS = new ScalarKeys();
        private static final Choice CHOICE = choose();

        static {
            System.getLogger("io.github.javasampler").log(Level.INFO, CHOICE.reason);
        }
    }

    private static Choice choose() {
        String wanted = System.getProperty(PROPERTY, "");
        if (wanted.equals("scalar")) {
            return scalar(": the system property " + PROPERTY + " says so");
        }
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            return scalar(": the module " + VECTOR_MODULE + " is absent; start the JVM with --add-modules "
                    + VECTOR_MODULE + " to use the vector kernels");
        }
        Kernels vector = new VectorKernels();
        boolean compresses = vector.lanes() >= VectorCollect.COMPRESSING_LANES;
        KeyKernels keys = compresses ? new VectorKeys() : new ScalarKeys();
        VectorTraining training = wanted.equals("vector") ? null : new VectorTraining(vector, keys);
        return new Choice(vector, keys, training, vector.describe());
    }

    private static Choice scalar(String why) {
        return new Choice(Holder.SCALAR, Holder.SCALAR_KEYS, null, Holder.SCALAR.describe() + why);
    }
}
