package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Volume;
import io.github.javasampler.cli.SmallModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame.OutputType;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The image gives the host's tokens with next to nothing: one gigabyte, no network, no writable file, no root.
@RequiresDocker
@EnabledOnOs(OS.LINUX)
class ContainerIT {
    private static final long MEMORY_BYTES = 1L << 30;
    private static final String MODEL = "/model.gguf";
    private static final Duration RUN_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(2);
    private static final int SIGTERM_EXIT = 128 + 15;

    private static Path hostModel;
    private static String image;

    @BeforeAll
    static void buildTheImage() throws IOException {
        hostModel = SmallModel.fetch();
        image = ContainerImage.name();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--temp 0", "--seed 42", "--seed 7 --temp 1.5 --top-k 0 --min-p 0.02"})
    void theTokensAreTheOnesOfTheHost(String sampling) {
        JsonNode onHost = Cli.run(generate(hostModel.toString(), sampling)).json().get("tokens");
        try (GenericContainer<?> container = container(generate(MODEL, sampling))) {
            container.withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(RUN_LIMIT)).start();
            JsonNode inContainer = JsonMapper.shared().readTree(container.getLogs(OutputType.STDOUT)).get("tokens");
            assertThat(inContainer).hasSizeGreaterThan(8).isEqualTo(onHost);
        }
    }

    @Test
    void theLimitsHoldAndATermSignalInTheMiddleOfATextEndsItAtOnce() throws Exception {
        List<String> endless = List.of("generate", "-m", MODEL, "--raw", "-p", "1\n2\n3\n4\n", "--temp", "0");
        try (GenericContainer<?> container = container(endless)) {
            container.waitingFor(Wait.forLogMessage("5\\s", 1)).start();

            HostConfig limits = inspect(container).getHostConfig();
            assertThat(limits.getMemory()).isEqualTo(MEMORY_BYTES);
            assertThat(limits.getReadonlyRootfs()).isTrue();
            assertThat(limits.getNetworkMode()).isEqualTo("none");
            assertThat(shell(container, "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes"))
                    .contains(Long.toString(MEMORY_BYTES));
            assertThat(shell(container, "touch /opt/java-sampler/x")).contains("Read-only file system");
            assertThat(shell(container, "ls /sys/class/net").strip()).isEqualTo("lo");
            assertThat(shell(container, "grep Uid /proc/1/status").strip().split("\\s+"))
                    .containsExactly("Uid:", "10001", "10001", "10001", "10001");

            long start = System.nanoTime();
            container.getDockerClient().stopContainerCmd(container.getContainerId()).withTimeout(30).exec();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(STOP_LIMIT);
            assertThat(inspect(container).getState().getExitCodeLong()).isEqualTo(SIGTERM_EXIT);
        }
    }

    private static GenericContainer<?> container(List<String> arguments) {
        Bind model = new Bind(hostModel.toString(), new Volume(MODEL), AccessMode.ro);
        return new GenericContainer<>(image).withCommand(arguments.toArray(String[]::new)).withNetworkMode("none")
                // The image was built here; a registry that is asked for it can only make the test slow or wrong.
                .withImagePullPolicy(ignored -> false)
                .withCreateContainerCmdModifier(create -> create.getHostConfig()
                        .withMemory(MEMORY_BYTES).withMemorySwap(MEMORY_BYTES)
                        .withReadonlyRootfs(true).withBinds(model));
    }

    private static List<String> generate(String model, String sampling) {
        List<String> arguments = new ArrayList<>(
                List.of("generate", "-m", model, "-p", "Tell me about lighthouses.", "-n", "48", "--json"));
        arguments.addAll(List.of(sampling.split(" ")));
        return arguments;
    }

    private static InspectContainerResponse inspect(GenericContainer<?> container) {
        return container.getDockerClient().inspectContainerCmd(container.getContainerId()).exec();
    }

    /// What a shell command prints, on stdout and stderr, as the user that the image runs as.
    private static String shell(GenericContainer<?> container, String command) throws Exception {
        ExecResult result = container.execInContainer("sh", "-c", command);
        return result.getStdout() + result.getStderr();
    }
}
