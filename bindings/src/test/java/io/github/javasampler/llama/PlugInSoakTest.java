package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.javasampler.Numerics;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.abi.llama_h;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A million calls from llama.cpp into Java leave nothing behind. They have a JVM of their own, whose heap is small and
/// touched from the start, so that what its resident memory grows by is native.
class PlugInSoakTest {
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    private static final int UPCALLS = 1_000_000;
    private static final int WARM_UP = 100_000;
    private static final int CLONE_EVERY = 50;
    private static final int WIDTH = 256;
    private static final long PAGE_BYTES = 4096;
    private static final long LEAK_BYTES = 32L << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void aMillionUpcallsLeaveNothingBehind() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Commands.Result result = Commands.run(List.of(java.toString(), "--enable-native-access=ALL-UNNAMED", "-Xms64m",
                "-Xmx64m", "-XX:+AlwaysPreTouch", "-cp", CLASS_PATH, PlugInSoakTest.class.getName()), Map.of());
        assertThat(result.exit()).as(result.output()).isZero();
        System.out.print(result.output());
    }

    /// What the other JVM runs.
    public static void main(String[] arguments) throws IOException {
        LlamaRuntime runtime = LlamaRuntime.load();
        SamplerChain text = SamplerChain.parse("penalties=64:1.1,top_k=40,top_p=0.95,temperature=0.8,seed=42");
        try (NativeSampler chain = NativeSampler.chain(runtime, List.of(NativeSampler.publish(runtime, text,
                Vocabulary.ofSize(WIDTH), Numerics.PORTABLE))); Arena arena = Arena.ofConfined()) {
            CandidateArray array = new CandidateArray(arena);
            float[] logits = new float[WIDTH];
            for (int i = 0; i < WIDTH; i++) {
                logits[i] = i % 17 - i % 5;
            }
            MemorySegment row = MemorySegment.ofArray(logits);
            run(chain, array, row, WARM_UP);
            System.gc();
            long before = residentBytes();
            run(chain, array, row, UPCALLS);
            System.gc();
            long growth = residentBytes() - before;
            long allocated = allocatedBySampling(chain.pointer(), array, row);
            System.out.println("plug-in soak: resident memory grew by " + (growth >> 20) + " MB over " + UPCALLS
                    + " upcalls, which allocate " + allocated / (double) WARM_UP + " bytes each on the heap");
            assertThat(growth).isLessThan(LEAK_BYTES);
            assertThat(allocated).isLessThan(WARM_UP);
        }
        assertThat(SamplerRegistry.size()).isZero();
    }

    private static void run(NativeSampler chain, CandidateArray array, MemorySegment row, int upcalls) {
        MemorySegment pointer = chain.pointer();
        for (int done = 0, round = 0; done < upcalls; round++) {
            array.fill(row, WIDTH);
            llama_h.llama_sampler_apply(pointer, array.segment());
            llama_h.llama_sampler_accept(pointer, round % WIDTH);
            done += 2;
            if (round % CLONE_EVERY == 0) {
                MemorySegment clone = llama_h.llama_sampler_clone(pointer);
                llama_h.llama_sampler_reset(clone);
                llama_h.llama_sampler_copy(pointer, clone);
                llama_h.llama_sampler_free(clone);
                done += 4;
            }
        }
    }

    private static long allocatedBySampling(MemorySegment pointer, CandidateArray array, MemorySegment row) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < WARM_UP / 2; i++) {
            array.fill(row, WIDTH);
            llama_h.llama_sampler_apply(pointer, array.segment());
            llama_h.llama_sampler_accept(pointer, i % WIDTH);
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    private static long residentBytes() throws IOException {
        Path statistics = Path.of("/proc/self/statm");
        // Elsewhere only the registry tells.
        return Files.exists(statistics) ? Long.parseLong(Files.readString(statistics).split(" ")[1]) * PAGE_BYTES : 0;
    }
}
