package io.github.javasampler.it;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/// What [RequiresDocker] does.
final class DockerCondition implements ExecutionCondition {
    enum Verdict { RUN, SKIP, FAIL }

    record Decision(Verdict verdict, String reason) {}

    /// Asked once per run: the answer takes a child process.
    private static final class Daemon {
        private static final Optional<String> OBSTACLE = obstacle("docker");
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Decision decision = decide(Daemon.OBSTACLE, "true".equals(System.getenv("CI")));
        return switch (decision.verdict) {
            case RUN -> ConditionEvaluationResult.enabled(decision.reason);
            case SKIP -> {
                System.err.println(context.getDisplayName() + ": " + decision.reason);
                yield ConditionEvaluationResult.disabled(decision.reason);
            }
            case FAIL -> throw new IllegalStateException(decision.reason);
        };
    }

    /// @param obstacle why Docker cannot be used; empty where it can
    static Decision decide(Optional<String> obstacle, boolean ci) {
        if (obstacle.isEmpty()) {
            return new Decision(Verdict.RUN, "a Docker daemon answers");
        }
        return ci ? new Decision(Verdict.FAIL, "CI=true forbids to skip what needs Docker: " + obstacle.get())
                : new Decision(Verdict.SKIP, "skipped, for it needs Docker: " + obstacle.get());
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
