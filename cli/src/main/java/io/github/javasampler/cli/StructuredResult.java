package io.github.javasampler.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;

/// What was measured of one grammar at one width.
///
/// @param name of the grammar
/// @param vocab how many tokens the vocabulary has
/// @param javaMicros of the mask and of going on by a token, on the mean
/// @param llamaMicros per token, on the mean
/// @param ratio how many times as long llama.cpp takes
/// @param bytesPerToken what the Java side allocates
/// @param p99Micros what the mask and going on take at most, of 99 in 100 tokens
/// @param tokenMicros what a whole token of the Java side takes, on the mean: the row banned, the pick, its acceptance
/// @param firstMaskMicros what it took to parse and compile the grammar and to make the first mask, which is the first
///     of all for the first grammar
record StructuredResult(
        @JsonProperty("case") String name,
        int vocab,
        @JsonProperty("java_us") double javaMicros,
        @JsonProperty("llama_us") double llamaMicros,
        double ratio,
        @JsonProperty("bytes_per_token") double bytesPerToken,
        @JsonProperty("p99_us") double p99Micros,
        @JsonProperty("token_us") double tokenMicros,
        @JsonProperty("first_mask_us") double firstMaskMicros) {
    private static final int PERCENTILE = 99;

    /// @param javaNanos of each mask
    /// @param llamaNanos per token, on the mean
    static StructuredResult of(String name, int vocab, long[] javaNanos, double llamaNanos, double bytesPerToken,
            double tokenNanos, long firstMaskNanos) {
        Arrays.sort(javaNanos);
        double java = Arrays.stream(javaNanos).average().orElseThrow();
        long p99 = javaNanos[(javaNanos.length - 1) * PERCENTILE / 100];
        return new StructuredResult(name, vocab, BenchResult.rounded(java / 1e3), BenchResult.rounded(llamaNanos / 1e3),
                BenchResult.rounded(llamaNanos / java), BenchResult.rounded(bytesPerToken),
                BenchResult.rounded(p99 / 1e3), BenchResult.rounded(tokenNanos / 1e3),
                BenchResult.rounded(firstMaskNanos / 1e3));
    }
}
