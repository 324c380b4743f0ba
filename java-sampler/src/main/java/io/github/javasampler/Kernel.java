package io.github.javasampler;

import io.github.javasampler.kernel.KernelProvider;

/// Which kernels this JVM samples with.
public final class Kernel {
    private Kernel() {}

    /// In one sentence: scalar or vector, how wide, and why: `vector kernels: 512 bits`.
    public static String description() {
        return KernelProvider.reason();
    }

    /// Waits until the fastest kernels sample, for programs that want no less from their first token on: a server, a
    /// benchmark. It takes two cores about two seconds, once in a JVM. A program that does not wait is given them after
    /// some 2,000 rows, or 32,000 with decodes between them, and the same tokens before.
    public static void awaitFastest() {
        KernelProvider.awaitFastest();
    }
}
