package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.it.PartCondition.Decision;
import io.github.javasampler.it.PartCondition.Verdict;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerConditionTest {
    private static final Optional<String> NO_DAEMON = Optional.of("no daemon answers");

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereDockerAnswersTestsRun(boolean ci) {
        assertThat(PartCondition.decide("Docker", Optional.empty(), ci).verdict()).isEqualTo(Verdict.RUN);
    }

    @Test
    void whereDockerIsMissingTestsAreSkippedWithOneLineOfReason() {
        Decision decision = PartCondition.decide("Docker", NO_DAEMON, false);
        assertThat(decision.verdict()).isEqualTo(Verdict.SKIP);
        assertThat(decision.reason()).contains("needs Docker", "no daemon answers").doesNotContain("\n");
    }

    @Test
    void whereDockerIsMissingOnCiTestsFail() {
        Decision decision = PartCondition.decide("Docker", NO_DAEMON, true);
        assertThat(decision.verdict()).isEqualTo(Verdict.FAIL);
        assertThat(decision.reason()).contains("CI=true", "no daemon answers").doesNotContain("\n");
    }

    @Test
    void aClientThatIsNotInstalledIsAnObstacleAndNoException() {
        assertThat(DockerCondition.obstacle("no-such-docker")).hasValueSatisfying(
                reason -> assertThat(reason).contains("no-such-docker").doesNotContain("\n"));
    }

    @Test
    void aClientThatFailsIsAnObstacle() {
        assertThat(DockerCondition.obstacle("false")).hasValue("exit code 1");
    }
}
