package io.github.javasampler;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmUpTest {
    /// Loaded when the chain is warm, so that the log tells.
    private static final class Warm {
        private static void begin() {}
    }

    /// The JIT compiler takes for granted that there are no other kinds of memory than those it has seen, and throws
    /// away what it has made where there are.
    @Test
    void whatIsCompiledOutlivesOtherKindsOfMemory() throws Exception {
        List<String> flags = List.of("-Xlog:jit+compilation=debug,class+load:stdout:none",
                "-Dio.github.javasampler.kernels=scalar");
        List<String> lines = ChildJvm.run(WarmUpTest.class, flags).out().lines().toList();
        int warm = lines.indexOf(lines.stream().filter(line -> line.contains(Warm.class.getName())).findFirst()
                .orElseThrow());
        assertThat(lines.subList(0, warm)).anyMatch(line -> line.contains("ScalarKernels::load"));
        assertThat(lines.subList(warm, lines.size()))
                .noneMatch(line -> line.matches(".*(javasampler|foreign|VarHandle).*marked for deoptimization"));
    }

    /// Run in a child JVM.
    public static void main(String[] args) {
        SamplerChain.parse("top_k=40,seed=42").warmUp();
        Warm.begin();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, 1);
            pointers.setAtIndex(ValueLayout.ADDRESS, 0, MemorySegment.NULL);
            MemorySegment.copy(MemorySegment.ofArray(new byte[1]), 0, pointers, 0, 1);
            MemorySegment.copy(MemorySegment.ofArray(new int[1]), 0, pointers, 0, 1);
        }
    }
}
