package io.github.javasampler.llama;

import java.util.List;

/// When a generation ends, besides the model's own end and the end of the context.
///
/// @param maxTokens the most tokens to generate; negative for no limit
/// @param stopStrings texts that end it and are not part of the result; none is empty
/// @param ignoreEndOfGeneration whether tokens that end a generation are generated like any other
public record GenerationOptions(int maxTokens, List<String> stopStrings, boolean ignoreEndOfGeneration) {
    /// No limit, no stop strings.
    public static final GenerationOptions DEFAULT = new GenerationOptions(-1, List.of(), false);

    /// Copies the list.
    public GenerationOptions {
        stopStrings = List.copyOf(stopStrings);
        if (stopStrings.contains("")) {
            throw new IllegalArgumentException("a stop string must not be empty, and number "
                    + stopStrings.indexOf("") + " of " + stopStrings.size() + " is");
        }
    }

    /// The same with another [#maxTokens].
    public GenerationOptions withMaxTokens(int value) {
        return new GenerationOptions(value, stopStrings, ignoreEndOfGeneration);
    }

    /// The same with other [#stopStrings].
    public GenerationOptions withStopStrings(List<String> value) {
        return new GenerationOptions(maxTokens, value, ignoreEndOfGeneration);
    }

    /// The same with another [#ignoreEndOfGeneration].
    public GenerationOptions withIgnoreEndOfGeneration(boolean value) {
        return new GenerationOptions(maxTokens, stopStrings, value);
    }
}
