package io.github.javasampler;

/// Makes stages of your own known to chain texts: [SamplerChain#parse] finds factories by [java.util.ServiceLoader].
public interface SamplerFactory {
    /// The name that stands for the stage in a chain's text, in lower case with underscores: `my_stage`.
    String name();

    /// Makes the stage from what follows `=` in the text, or from the empty string.
    ///
    /// @throws InvalidSettingException if the value is not one for this stage
    Sampler create(String value);
}
