package io.github.javasampler;

/// A stage was given a setting that it cannot work with, or a chain stages that defeat each other.
public final class InvalidSettingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String problem;
    private final String remedy;

    /// @param problem what must hold and what came: `top_p must be in [0, 1], got 1.2`
    /// @param remedy what to do: `1.0 turns it off`
    public InvalidSettingException(String problem, String remedy) {
        super(problem + "; " + remedy);
        this.problem = problem;
        this.remedy = remedy;
    }

    /// The same, with the place in the chain added.
    InvalidSettingException at(int stage, int stages, String name) {
        return new InvalidSettingException(
                "%s (stage %d of %d, \"%s\")".formatted(problem, stage, stages, name), remedy);
    }
}
