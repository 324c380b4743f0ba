package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Libraries of other versions than the packaged one: the packaged one with changes, loaded in a JVM of its own.
@EnabledOnOs(OS.LINUX)
class VersionsTest {
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    private static final String UNKNOWN = "VERSION=\"0.9.0\"";

    @TempDir
    Path directory;

    private Path model;
    private int shims;

    @BeforeEach
    void writeTheModel() throws IOException {
        model = TinyModel.write(directory.resolve("tiny.gguf"), null);
    }

    @Test
    void version070IsCalledWithItsOwnLayouts() throws Exception {
        assertThat(use(0, shim("VERSION=\"0.7.0\"", added(LaterHeader.ADDED_0_7_0))))
                .contains("version 0.7.0, known true, layouts 0.7.0").contains(tokens())
                .doesNotContain("self-check");
    }

    @Test
    void anUnknownVersionThatPassesTheSelfCheckIsUsedAndCheckedOnce() throws Exception {
        Path library = shim(UNKNOWN);
        String first = use(0, library);
        assertThat(first).contains("version 0.9.0, known false, layouts 0.5.0").contains(tokens())
                .contains("of the unknown version 0.9.0, passed the self-check");
        assertThat(use(0, library)).contains("of the unknown version 0.9.0, has passed the self-check before")
                .contains(tokens());
        // A library that has changed is another one.
        Files.setLastModifiedTime(library.resolve("libllama.so"), FileTime.fromMillis(1000));
        assertThat(use(0, library)).contains("of the unknown version 0.9.0, passed the self-check");
    }

    @Test
    void theLayoutsOfAnUnknownVersionAreFoundByTheirSizes() throws Exception {
        assertThat(use(0, shim(UNKNOWN, added(LaterHeader.ADDED_0_7_0))))
                .contains("version 0.9.0, known false, layouts 0.7.0").contains(tokens());
    }

    @Test
    void aKnownNumberOnOtherLayoutsIsNotTrusted() throws Exception {
        assertThat(use(0, shim("VERSION=\"0.7.0\""))).contains("version 0.7.0, known false, layouts 0.5.0")
                .contains(tokens());
        long bytes = KnownVersion.V0_5_0.contextParameters().byteSize();
        assertThat(use(1, shim("VERSION=\"0.7.0\"", added(List.of("size_t one;", "size_t two;")))))
                .contains("UnsupportedVersionException: ").contains("it is 0.7.0, and the check expected bytes of"
                + " llama_context_params: " + bytes + " (as in 0.5.0) or " + (bytes + 8)
                + " (as in 0.7.0), found " + (bytes + 16) + ";");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "return llama_sampler_init_greedy() | 1 of 0:1.00 1:3.00 2:2.00 3:0.00",
        "*(volatile int *) 16 = 0; return NULL | a crash: SIGSEGV",
        "abort() | the process ended with exit code 134",
        "exit(0) | the process ended with exit code 0",
        "_exit(3) | the process ended with exit code 3",
    })
    void anUnknownVersionThatAnswersWronglyOrEndsTheProcessIsRefused(String topK, String found) throws Exception {
        Path library = shim(UNKNOWN, "TOP_K=" + topK);
        assertThat(use(1, library)).contains("UnsupportedVersionException: "
                + library.toRealPath().resolve("libllama.so") + " must be llama.cpp 0.5.0 or 0.7.0, or pass")
                .contains("it is 0.9.0, and the check expected an answer of the chain \"top_k=2,greedy\"")
                .contains(", found " + found + ";");
        assertThat(leftovers()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "own.reset = table->free; own.free = table->reset"
                + " | found java.lang.IllegalStateException: a sampler must not be used after it was freed",
        "own.accept = NULL | at first 1; 1 accepted: 1; 2 accepted: 1;",
        "own.free = NULL | freed 1 of 3; install",
        "own.name = NULL | found a crash: SIG",
        "own.copy_state = (void (*)(const struct llama_sampler *, struct llama_sampler *)) table->apply"
                + " | the original's state copied to it: 3;",
    })
    void anUnknownVersionWithAnotherTableIsRefused(String change, String found) throws Exception {
        assertThat(use(1, shim(UNKNOWN, "TABLE=" + change))).contains("UnsupportedVersionException: ")
                .contains("and the check expected calls of a sampler that is Java").contains(found);
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void anUnknownVersionWithImplausibleDefaultsIsRefused() throws Exception {
        assertThat(use(1, shim(UNKNOWN,
                "DEFAULTS=struct llama_context_params params; memset(&params, 0x77, sizeof(params)); return params")))
                .contains("UnsupportedVersionException: ").contains("and the check expected a plausible default of"
                + " n_ctx in llama_context_params, found 0x77777777;");
    }

    @Test
    void anUnknownVersionThatHangsIsRefused() throws Exception {
        SelfCheckProcess.Verdict verdict =
                SelfCheckProcess.run(shim(UNKNOWN, "TOP_K=for (;;) pause()"), Duration.ofSeconds(4));
        assertThat(verdict.layouts()).isEmpty();
        assertThat(verdict.expected()).isEqualTo("an answer of the chain \"top_k=2,greedy\"");
        assertThat(verdict.found()).isEqualTo("no answer within 4 s");
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void thePackagedLibraryPassesTheSelfCheckInAFewSeconds() {
        SelfCheckProcess.Verdict verdict =
                SelfCheckProcess.run(LlamaRuntime.load().directory(), Duration.ofSeconds(20));
        assertThat(verdict.layouts()).as(verdict.toString()).contains(KnownVersion.V0_5_0);
        assertThat(leftovers()).isEmpty();
    }

    private Path shim(String... macros) throws IOException, InterruptedException {
        return ShimLibrary.make(directory.resolve("shim" + shims++), macros);
    }

    /// The macro for context parameters with more fields.
    private String added(List<String> fields) throws IOException {
        Path header = LaterHeader.writeStruct(directory.resolve("context_params.h"), fields);
        return "CONTEXT_PARAMS=\"" + header + '"';
    }

    /// What the packaged library makes of the model.
    private String tokens() {
        return Using.tokens(LlamaRuntime.load(), model);
    }

    private String use(int exit, Path library) throws IOException, InterruptedException {
        Commands.Result result = Commands.run(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-cp", CLASS_PATH, Using.class.getName(), model.toString()),
                Map.of("JAVA_SAMPLER_LLAMA_LIB", library.toString(), "XDG_CACHE_HOME",
                directory.resolve("cache").toString()));
        assertThat(result.exit()).as(result.output()).isEqualTo(exit);
        return result.output();
    }

    private static List<Path> leftovers() {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("java-sampler-check-")).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// What the other JVM runs.
    static final class Using {
        private static final int TOKENS = 16;

        private Using() {}

        public static void main(String[] arguments) {
            try {
                LlamaRuntime runtime = LlamaRuntime.load();
                System.out.println("version " + runtime.version() + ", known " + runtime.isKnownVersion()
                        + ", layouts " + runtime.layoutVersion());
                runtime.searched().forEach(attempt -> System.out.println(attempt.outcome()));
                System.out.println(tokens(runtime, Path.of(arguments[0])));
            } catch (LlamaException e) {
                System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
                System.exit(1);
            }
        }

        static String tokens(LlamaRuntime runtime, Path file) {
            // Every option that goes into the parameters, at a value of its own.
            ContextOptions options = new ContextOptions(48, 24, 1, 3, false);
            List<Integer> tokens = new ArrayList<>();
            try (LlamaModel model = LlamaModel.load(runtime, file); LlamaContext context = model.newContext(options)) {
                SamplerSession session = SamplerChain.parse("top_k=40,temperature=2,seed=7")
                        .newSession(model.vocabularySize());
                context.decode(new int[] {1, 5, 9});
                while (tokens.size() < TOKENS) {
                    int token = session.sample(context.logits(-1));
                    tokens.add(token);
                    context.decode(token);
                }
                return "tokens " + Arrays.toString(tokens.toArray()) + ", sequences " + context.sequences();
            }
        }
    }
}
