package io.github.javasampler.it;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A stage that takes its time, `slow=MILLIS`: for tests of what goes on meanwhile.
record SlowStage(int millis) implements Sampler {
    /// Makes it known to chain texts.
    public static final class Factory implements SamplerFactory {
        @Override
        public String name() {
            return "slow";
        }

        @Override
        public Sampler create(String value) {
            return new SlowStage(Integer.parseInt(value));
        }
    }

    @Override
    public String name() {
        return "slow";
    }

    @Override
    public void apply(Candidates candidates) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Override
    public String toString() {
        return "slow=" + millis;
    }
}
