package io.github.javasampler.it;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import io.github.javasampler.cli.SmallModel;
import io.github.javasampler.llama.LlamaRuntime;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The same tests of the same classes with another llama.cpp: Debian sid's, in a container, as its packages put it
/// there.
@RequiresDocker
@EnabledOnOs(OS.LINUX)
class OtherVersionIT {
    private static final long MEMORY_BYTES = 1L << 30;
    private static final String MODEL = "/model.gguf";
    /// The packaged llama.cpp, which must not be what is tested.
    private static final String PACKAGED = "java-sampler-native";

    private static GenericContainer<?> container;
    /// Of this JVM. In the container the entries have their numbers as names, for no user but this one may see them
    /// where they are.
    private static List<Path> classPath;
    private static String libraries;

    @BeforeAll
    static void start() throws Exception {
        SmallModel.fetch();
        classPath = classPath();
        container = new GenericContainer<>(ContainerImage.base("sid")).withCommand("sleep", "infinity")
                .withNetworkMode("none")
                // The image was built here; a registry that is asked for it can only make the test slow or wrong.
                .withImagePullPolicy(ignored -> false).withTmpFs(Map.of("/tmp", "rw"))
                .withCreateContainerCmdModifier(create -> create.withUser("10001:10001").getHostConfig()
                        .withMemory(MEMORY_BYTES).withMemorySwap(MEMORY_BYTES).withReadonlyRootfs(true)
                        .withBinds(binds()));
        container.start();
        libraries = execute("sh", "-c", "dirname $(dpkg -L libllama0 | grep 'libllama[.]so[.]0$')").strip();
    }

    @AfterAll
    static void stop() {
        if (container != null) {
            container.stop();
        }
    }

    @Test
    void doctorSaysWhichVersionItFoundAndWhetherItIsKnown() throws Exception {
        JsonNode json = JsonMapper.shared().readTree(cli("doctor", "--json"));
        String version = json.get("llama").get("version").asString();
        System.out.println("Debian sid has llama.cpp " + version);
        assertThat(version).isNotEqualTo(LlamaRuntime.load().version());
        assertThat(json.get("llama").get("directory").asString()).contains(libraries);
        assertThat(json.get("abi").get("ok").asBoolean()).isTrue();
        assertThat(json.get("abi").get("found").asString()).isEqualTo(version);
        // Sid moves on; a version that is not known yet must pass its self-check, and the tests below.
        assertThat(json.get("abi").get("known").asBoolean()).isEqualTo(LlamaRuntime.KNOWN_VERSIONS.contains(version));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--temp 0", "--seed 42", "--seed 7 --temp 1.5 --top-k 0 --min-p 0.02 --numerics llama.cpp"})
    void theNativeSamplerGivesTheSameTokens(String sampling) throws Exception {
        List<String> arguments = new ArrayList<>(
                List.of("generate", "-m", MODEL, "-p", "Tell me about lighthouses.", "-n", "48", "--json"));
        arguments.addAll(List.of(sampling.split(" ")));
        JsonNode java = tokens(arguments);
        arguments.add("--native-sampler");
        assertThat(java).hasSizeGreaterThan(8).isEqualTo(tokens(arguments));
    }

    @Test
    void everyChainChoosesTheSameOfAModelsRows() throws Exception {
        String said = java(ParityRun.class.getName(), MODEL);
        System.out.println(said.strip());
        assertThat(said).contains(" rows in numerics llama.cpp: 0 mismatches;");
    }

    @Test
    void theBackendLeavesWhatLlamaSamplerSampleMakesTheSameTokensOf() throws Exception {
        String said = java(BackendRun.class.getName(), MODEL);
        System.out.println(said.strip());
        assertThat(said).contains("backend sampling: 0 of ");
    }

    private static JsonNode tokens(List<String> arguments) throws Exception {
        return JsonMapper.shared().readTree(cli(arguments.toArray(String[]::new))).get("tokens");
    }

    private static String cli(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("io.github.javasampler.cli.Main"));
        all.addAll(List.of(arguments));
        return java(all.toArray(String[]::new));
    }

    private static String java(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("java", "--add-modules", "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED", "-D" + LlamaRuntime.DIRECTORY_PROPERTY + '=' + libraries, "-cp",
                IntStream.range(0, classPath.size()).mapToObj(OtherVersionIT::inContainer).collect(joining(":"))));
        command.addAll(List.of(arguments));
        return execute(command.toArray(String[]::new));
    }

    /// What a command that succeeds prints.
    private static String execute(String... command) throws IOException, InterruptedException {
        ExecResult result = container.execInContainer(command);
        assertThat(result.getExitCode()).as(result.getStdout() + result.getStderr()).isZero();
        return result.getStdout();
    }

    private static List<Path> classPath() {
        List<Path> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (Files.exists(Path.of(entry)) && !entry.contains(PACKAGED)) {
                entries.add(Path.of(entry).toAbsolutePath().normalize());
            }
        }
        return entries;
    }

    private static String inContainer(int entry) {
        return "/classes/" + entry;
    }

    private static List<Bind> binds() {
        List<Bind> binds = new ArrayList<>(List.of(bind(SmallModel.path(), MODEL)));
        for (int entry = 0; entry < classPath.size(); entry++) {
            binds.add(bind(classPath.get(entry), inContainer(entry)));
        }
        return binds;
    }

    private static Bind bind(Path from, String to) {
        return new Bind(from.toString(), new Volume(to), AccessMode.ro);
    }
}
