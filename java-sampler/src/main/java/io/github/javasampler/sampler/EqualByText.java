package io.github.javasampler.sampler;

/// A stage with state is equal to another with the same settings, and those are what its text shows.
abstract class EqualByText {
    EqualByText() {}

    @Override
    public final boolean equals(Object other) {
        return other != null && getClass() == other.getClass() && toString().equals(other.toString());
    }

    @Override
    public final int hashCode() {
        return toString().hashCode();
    }

    @Override
    public abstract String toString();
}
