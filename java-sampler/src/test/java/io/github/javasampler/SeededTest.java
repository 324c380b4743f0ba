package io.github.javasampler;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/// Gives test methods a [RandomGenerator] whose seed stands in the message of every failure, with the line that
/// replays it.
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SeededTest.Extension.class)
public @interface SeededTest {
    /// The property that sets the seed.
    String PROPERTY = "test.seed";

    /// Makes the generator and adds the replay line.
    final class Extension implements ParameterResolver, TestExecutionExceptionHandler {
        private static final long SEED = Long.getLong(PROPERTY, 20261121L);

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == RandomGenerator.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return new SplittableRandom(SEED ^ context.getUniqueId().hashCode());
        }

        @Override
        public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
            String test = context.getRequiredTestClass().getSimpleName() + "#"
                    + context.getRequiredTestMethod().getName();
            failure.addSuppressed(new AssertionError("replay: mvn verify -pl java-sampler -Dtest=" + test
                    + " -D" + PROPERTY + "=" + SEED));
            throw failure;
        }
    }
}
