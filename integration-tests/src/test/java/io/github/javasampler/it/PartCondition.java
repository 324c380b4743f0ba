package io.github.javasampler.it;

import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Tests that need a part which a machine may not have. Where it is missing they are skipped and a line says why; with
/// `CI=true` they fail instead.
abstract class PartCondition implements ExecutionCondition {
    enum Verdict { RUN, SKIP, FAIL }

    record Decision(Verdict verdict, String reason) {}

    /// What is needed, such as `Docker`.
    abstract String part();

    /// Why it cannot be used, in one line; empty where it can. Asked for every class and method, so it must remember.
    abstract Optional<String> obstacle();

    @Override
    public final ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Decision decision = decide(part(), obstacle(), "true".equals(System.getenv("CI")));
        return switch (decision.verdict) {
            case RUN -> ConditionEvaluationResult.enabled(decision.reason);
            case SKIP -> {
                System.err.println(context.getDisplayName() + ": " + decision.reason);
                yield ConditionEvaluationResult.disabled(decision.reason);
            }
            case FAIL -> throw new IllegalStateException(decision.reason);
        };
    }

    static Decision decide(String part, Optional<String> obstacle, boolean ci) {
        if (obstacle.isEmpty()) {
            return new Decision(Verdict.RUN, part + " is there");
        }
        return ci ? new Decision(Verdict.FAIL, "CI=true forbids to skip what needs " + part + ": " + obstacle.get())
                : new Decision(Verdict.SKIP, "skipped, for it needs " + part + ": " + obstacle.get());
    }
}
