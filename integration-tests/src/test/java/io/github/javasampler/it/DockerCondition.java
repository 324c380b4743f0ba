package io.github.javasampler.it;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/// What [RequiresDocker] does.
final class DockerCondition extends PartCondition {
    /// Asked once per run: the answer takes a child process.
    private static final class Daemon {
        private static final Optional<String> OBSTACLE = obstacle("docker");
    }

    @Override
    String part() {
        return "Docker";
    }

    @Override
    Optional<String> obstacle() {
        return Daemon.OBSTACLE;
    }

    /// Why the client `docker` reaches no daemon, in one line; empty if it does.
    static Optional<String> obstacle(String docker) {
        Cli.Result result;
        try {
            result = Cli.execute(List.of(docker, "version", "--format", "{{.Server.Version}}"));
        } catch (UncheckedIOException e) {
            return Optional.of(e.getCause().getMessage());
        }
        return result.exit() == 0 ? Optional.empty()
                : Optional.of(result.err().lines().reduce("exit code " + result.exit(), (first, last) -> last));
    }
}
