package io.github.javasampler.llama;

/// Makes sure that there is room on the stack for a native call that comes back to Java. A `StackOverflowError` is
/// harmless here, and in a stage, where it is caught; but on the way between the two it would end the JVM.
final class StackRoom {
    /// A few kilobytes when compiled, several times as much when interpreted: as what is to come.
    private static final int FRAMES = 200;

    private StackRoom() {
    }

    /// @throws StackOverflowError if there is not enough
    static void check() {
        if (descend(FRAMES, 1, 2, 3, 4, 5, 6) == 0) {
            throw new AssertionError();
        }
    }

    /// Numbers that are needed again afterwards, so that each frame has to keep them.
    private static long descend(int frames, long a, long b, long c, long d, long e, long f) {
        return frames == 0 ? a : descend(frames - 1, b + 1, c + a, d, e, f, a) + (a ^ b ^ c ^ d ^ e ^ f) | 1;
    }
}
