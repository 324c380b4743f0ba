package io.github.javasampler.cli;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// What the calling thread has allocated on the heap.
final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static {
        // The first look at the counter allocates by itself.
        THREADS.getCurrentThreadAllocatedBytes();
    }

    private Allocation() {}

    /// The bytes, since the thread began.
    static long bytes() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    /// Takes a step again and again until C2 has compiled what there is: then it allocates nothing.
    ///
    /// @param cleanSteps how many in a row must have allocated nothing
    /// @param leastNanos how long it takes in any case
    /// @param mostNanos how long it may take
    static void awaitNone(Runnable step, int cleanSteps, long leastNanos, long mostNanos) {
        long start = System.nanoTime();
        int clean = 0;
        for (long taken = 0; taken < leastNanos || clean < cleanSteps && taken < mostNanos;
                taken = System.nanoTime() - start) {
            long before = bytes();
            step.run();
            clean = bytes() == before ? clean + 1 : 0;
        }
    }
}
