package io.github.javasampler;

import io.github.javasampler.kernel.KernelProvider;

/// Which kernels this JVM samples with.
public final class Kernel {
    private Kernel() {}

    /// In one sentence: scalar or vector, how wide, and why: `vector kernels: 512 bits`.
    public static String description() {
        return KernelProvider.reason();
    }
}
