package io.github.javasampler.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/// What was measured of one case at one width.
///
/// @param javaMicros per token
/// @param llamaMicros per token
/// @param ratio how many times as long llama.cpp takes: above 1 Java is the faster one
/// @param bytesPerToken what the Java side allocates
record BenchResult(
        @JsonProperty("case") String name,
        int vocab,
        @JsonProperty("java_us") double javaMicros,
        @JsonProperty("llama_us") double llamaMicros,
        double ratio,
        @JsonProperty("bytes_per_token") double bytesPerToken) {
    private static final double MILLI = 1e3;

    /// @param javaNanos per token
    /// @param llamaNanos per token
    static BenchResult of(String name, int vocab, double javaNanos, double llamaNanos, double bytesPerToken) {
        return new BenchResult(name, vocab, rounded(javaNanos / 1e3), rounded(llamaNanos / 1e3),
                rounded(llamaNanos / javaNanos), bytesPerToken);
    }

    static double meanRatio(List<BenchResult> results) {
        return Math.exp(results.stream().mapToDouble(result -> Math.log(result.ratio)).average().orElse(0));
    }

    /// No clock knows more digits.
    static double rounded(double value) {
        return Math.round(value * MILLI) / MILLI;
    }
}
