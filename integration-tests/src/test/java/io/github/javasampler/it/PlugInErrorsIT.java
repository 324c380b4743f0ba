package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What `java_sampler_init` says where it makes no sampler. The host lives on, and may ask again.
class PlugInErrorsIT {
    private static final String LONG_ENOUGH = "4096";

    @TempDir
    static Path directory;

    private static PlugIn plugIn;
    private static String host;

    @BeforeAll
    static void compileTheHost() throws Exception {
        plugIn = PlugIn.built();
        host = plugIn.compile("plugin_init.c", directory).toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            top_k=40,top_q=3             | a stage must have a known name, got "top_q" (stage 1 of 1, "top_q"); known
            top_p=1.2,seed=1             | top_p must be in [0, 1], got 1.2
            class=no.such.Stage          | class=no.such.Stage must be a public class on the class path
            class=java.lang.Object       | class=java.lang.Object must implement io.github.javasampler.Sampler
            numerics=exact,greedy        | numerics must be portable or llama.cpp, got "exact"
            ''                           | a stage
            """)
    void aSpecThatIsNoneIsNamed(String spec, String reason) throws Exception {
        assertThat(said(Map.of(), spec, LONG_ENOUGH, libllama())).startsWith("none: ").contains(reason);
    }

    @Test
    void libllamaMustBeLoaded() throws Exception {
        assertThat(said(Map.of(), "greedy", LONG_ENOUGH)).startsWith("none: libllama must be loaded in this process");
        assertThat(said(Map.of(), "greedy", LONG_ENOUGH, libllama())).isEqualTo("made: ");
    }

    @Test
    void aNullSpecIsNamed() throws Exception {
        assertThat(said(Map.of(), "(null)", LONG_ENOUGH)).isEqualTo(
                "none: spec must be a chain such as \"top_k=40,seed=99\", got a null pointer");
    }

    @ParameterizedTest
    @CsvSource({"-1, ''", "0, ''", "1, ''", "12, libllama mu"})
    void theReasonIsCutToFit(String size, String reason) throws Exception {
        assertThat(said(Map.of(), "greedy", size)).isEqualTo("none: " + reason);
    }

    @Test
    void noCharacterIsCutInTwo() throws Exception {
        String whole = said(Map.of(), "\u00e9=1", LONG_ENOUGH, libllama());
        String before = whole.substring("none: ".length(), whole.indexOf('\u00e9'));
        int bytes = before.length() + 2;
        assertThat(said(Map.of(), "\u00e9=1", Integer.toString(bytes), libllama())).isEqualTo("none: " + before);
        assertThat(said(Map.of(), "\u00e9=1", Integer.toString(bytes + 1), libllama()))
                .isEqualTo("none: " + before + "\u00e9");
    }

    @Test
    void theJdkOfJavaHomeIsTakenAndNoOther() throws Exception {
        String must = "none: JAVA_HOME must be the folder of a JDK 25 or newer, and ";
        assertThat(said(Map.of("JAVA_HOME", "/nonexistent"), "greedy", LONG_ENOUGH, libllama())).startsWith(must)
                .contains("there is no lib/server/libjvm.so in /nonexistent; set it to one");
        assertThat(said(Map.of("JAVA_HOME", jdk("17.0.9")), "greedy", LONG_ENOUGH, libllama())).startsWith(must)
                .contains(" has a JDK 17; set it to one");
        assertThat(said(Map.of("JAVA_HOME", jdk("25.0.1")), "greedy", LONG_ENOUGH, libllama())).startsWith("none: ")
                .contains("lib/server/libjvm.so must be a JVM, and cannot be loaded");
    }

    /// A folder that looks like that of a JDK.
    private static String jdk(String version) throws Exception {
        Path home = Files.createTempDirectory(directory, "jdk");
        Files.createFile(Files.createDirectories(home.resolve("lib/server")).resolve("libjvm.so"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home.toString();
    }

    @Test
    void withoutJavaHomeTheJavaOnThePathLeadsToTheJdk() throws Exception {
        String bin = Path.of(System.getProperty("java.home"), "bin").toString();
        assertThat(said(Map.of("JAVA_HOME", "", "PATH", "/nonexistent:" + bin), "greedy", LONG_ENOUGH, libllama()))
                .isEqualTo("made: ");
    }

    @Test
    void theJarsMustBeThere() throws Exception {
        Path copy = Files.copy(plugIn.library(), directory.resolve("libjavasampler.so"));
        Map<String, String> alone = Map.of("LD_PRELOAD", copy.toString());
        assertThat(said(alone, "greedy", LONG_ENOUGH, libllama()))
                .startsWith("none: java-sampler's jars must lie beside libjavasampler.so, and there are none in ");
        Map<String, String> wrong = Map.of("LD_PRELOAD", copy.toString(), "JAVA_SAMPLER_CLASS_PATH", "/nonexistent");
        assertThat(said(wrong, "greedy", LONG_ENOUGH, libllama()))
                .startsWith("none: the class path of the JVM must have java-sampler's jars of version ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -Xmx999t               | Could not reserve enough space
            -Xbogus                | Unrecognized option: -Xbogus
            -XX:+UseG1GC -Xmx9k    | Too small
            --add-modules=no.such  | (see stderr)
            """)
    void flagsThatTheJvmDoesNotTakeDoNotEndTheHost(String flags, String reason) throws Exception {
        assertThat(said(Map.of("JAVA_SAMPLER_JVM_OPTIONS", flags), "greedy", LONG_ENOUGH, libllama()))
                .startsWith("none: the JVM ").contains(reason);
    }

    private static String libllama() throws Exception {
        return PlugIn.libllama().toString();
    }

    /// The answer to the second of two calls, for which the first must not matter.
    private static String said(Map<String, String> environment, String spec, String size, String... libraries)
            throws Exception {
        String[] command = new String[libraries.length + 3];
        command[0] = host;
        command[1] = spec;
        command[2] = size;
        System.arraycopy(libraries, 0, command, 3, libraries.length);
        Cli.Result result = PlugIn.run(environment, command);
        assertThat(result.exit()).as(result.err()).isZero();
        List<String> lines = result.out().lines().toList();
        assertThat(lines).hasSize(2);
        return lines.getLast();
    }
}
