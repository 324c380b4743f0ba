package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.cli.SmallModel;
import io.github.javasampler.llama.LlamaRuntime;
import io.github.javasampler.llama.NativeSampler;
import io.github.javasampler.llama.Requirement;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Hosts that are not Java, and have llama.cpp: `src/test/c/plugin_host.c` and `src/test/python/plugin_host.py`.
class PlugInHostIT {
    private static final int ROWS = 60;
    private static final int SIGNAL_EXIT = 128;
    private static final String TEST_CLASSES = Path.of("target", "test-classes").toAbsolutePath().toString();

    @TempDir
    static Path directory;

    private static PlugIn plugIn;
    private static String host;

    @BeforeAll
    static void compileTheHost() throws Exception {
        plugIn = PlugIn.built();
        host = plugIn.compile("plugin_host.c", directory, PlugIn.llamaOptions()).toString();
    }

    @Test
    void javaSamplersAndTheirClonesGetLlamaCppsTokens() throws Exception {
        Path file = directory.resolve("rows.bin");
        Cli.Result result = PlugIn.run(Map.of(), host, "parity", PlugIn.LLAMA_LIB.toString(),
                SmallModel.fetch().toString(), file.toString());
        // Numerics llama.cpp were compared in C, with llama.cpp's own chain.
        assertThat(result.exit()).as(result.err()).isZero();
        ByteBuffer rows = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
        List<String> lines = result.out().lines().filter(line -> !line.startsWith("holds")).toList();
        assertThat(lines).hasSize(5);
        int differences = 0;
        for (String line : lines) {
            String[] words = line.split(" ");
            differences += Integer.parseInt(words[1]);
            int[] tokens = Arrays.stream(words).skip(2).mapToInt(Integer::parseInt).toArray();
            assertThat(tokens).as(words[0]).isEqualTo(portable(words[0], rows));
        }
        System.out.println("plug-in in C: " + ROWS + " rows, " + lines.size() + " chains, 0 mismatches in numerics"
                + " llama.cpp, " + differences + " in portable");
        // In portable numerics a draw may fall within rounding of a step, which ParityIT looks into.
        assertThat(differences).isLessThanOrEqualTo(1);
    }

    /// The tokens of a session in this JVM: there is one answer, whoever asks.
    private static int[] portable(String chain, ByteBuffer rows) {
        int width = rows.capacity() / ROWS / Float.BYTES;
        SamplerSession session = SamplerChain.parse(chain).newSession(width);
        float[] row = new float[width];
        int[] tokens = new int[ROWS];
        for (int i = 0; i < ROWS; i++) {
            rows.slice(i * width * Float.BYTES, width * Float.BYTES).order(ByteOrder.nativeOrder()).asFloatBuffer()
                    .get(row);
            tokens[i] = session.sample(MemorySegment.ofArray(row));
        }
        return tokens;
    }

    @ParameterizedTest
    @ValueSource(strings = {"threads 16", "handlers", "masks", "fork"})
    void itHolds(String mode) throws Exception {
        Cli.Result result = run(Map.of(), mode.split(" "));
        assertThat(result.exit()).as(result.err()).isZero();
        assertThat(result.out()).contains("holds: ");
    }

    @Test
    void handlersThatComeLaterNeedLibjsig() throws Exception {
        Path libjsig = Path.of(System.getProperty("java.home"), "lib", "libjsig.so");
        Cli.Result result = run(Map.of("LD_PRELOAD", libjsig.toString()), "late");
        assertThat(result.exit()).as(result.err()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 13, 15})
    void aSignalWithoutAHandlerEndsTheProcess(int signal) throws Exception {
        assertThat(run(Map.of(), "die", Integer.toString(signal)).exit()).isEqualTo(SIGNAL_EXIT + signal);
    }

    @Test
    void aStageOfYoursIsFoundOnTheClassPathAndMayFail() throws Exception {
        Map<String, String> classPath = Map.of("JAVA_SAMPLER_CLASS_PATH", TEST_CLASSES);
        Cli.Result odd = run(classPath, "use", "class=" + Odd.class.getName() + ",seed=1");
        assertThat(odd.exit()).as(odd.err()).isZero();
        assertThat(tokens(odd)).hasSize(ROWS).allMatch(token -> token % 2 == 1);
        Cli.Result failing = run(classPath, "use", "class=" + Failing.class.getName() + ",greedy");
        assertThat(failing.err()).contains("a Java sampler failed").contains("IllegalStateException: on purpose");
        assertThat(tokens(failing)).hasSize(ROWS).isEqualTo(tokens(run(Map.of(), "use", "greedy")));
    }

    private static List<Integer> tokens(Cli.Result result) {
        return Arrays.stream(result.out().replaceFirst("holds.*", "").strip().split(" ")).map(Integer::valueOf)
                .toList();
    }

    @Test
    void aPythonHostKeepsItsSignals() throws Exception {
        if (!Requirement.onPath("python3")) {
            Requirement.missing("no python3 is on the PATH");
        }
        Cli.Result result = PlugIn.run(Map.of(), "python3", "src/test/python/plugin_host.py", "../native/examples",
                plugIn.library().toString(), PlugIn.LLAMA_LIB.toString());
        assertThat(result.exit()).as(result.err()).isZero();
        assertThat(result.out()).containsPattern("\\A[0-9]+[.][0-9]+[.][0-9]+")
                .contains("a stage must have a known name, got \"top_q\"");
    }

    /// As where Java has loaded a library that is such a host.
    @Test
    @SuppressWarnings("restricted")
    void aJvmThatIsThereIsUsed() throws Throwable {
        LlamaRuntime runtime = LlamaRuntime.load();
        MemorySegment function = SymbolLookup.libraryLookup(plugIn.library(), Arena.global())
                .findOrThrow("java_sampler_init");
        // struct llama_sampler * java_sampler_init(const char * spec, char * error, size_t error_size);
        MethodHandle init = Linker.nativeLinker().downcallHandle(function, FunctionDescriptor.of(ValueLayout.ADDRESS,
                ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment made = (MemorySegment) init.invokeExact(arena.allocateFrom("top_k=1,seed=1"),
                    MemorySegment.NULL, 0L);
            try (NativeSampler sampler = NativeSampler.adopt(runtime, made, 3)) {
                assertThat(sampler.name()).isEqualTo("top-k -> dist");
                assertThat(sampler.sample(MemorySegment.ofArray(new float[] {1, 3, 2}))).isEqualTo(1);
            }
        }
    }

    private static Cli.Result run(Map<String, String> environment, String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = host;
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return PlugIn.run(environment, command);
    }

    /// A stage that the C host is given.
    public record Odd() implements Sampler {
        @Override
        public String name() {
            return "odd";
        }

        @Override
        public void apply(Candidates candidates) {
            candidates.keepIf(id -> id % 2 == 1);
        }
    }

    /// One that is passed over.
    public record Failing() implements Sampler {
        @Override
        public String name() {
            return "failing";
        }

        @Override
        public void apply(Candidates candidates) {
            throw new IllegalStateException("on purpose");
        }
    }
}
