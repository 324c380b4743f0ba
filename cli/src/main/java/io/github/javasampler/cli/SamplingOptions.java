package io.github.javasampler.cli;

import io.github.javasampler.SamplerChain;
import io.github.javasampler.sampler.Distribution;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Option;

/// The options that describe a chain, named as in llama.cpp's tools and with its defaults and order.
final class SamplingOptions {
    private static final long RANDOM_SEED = -1;

    @Option(names = {"-s", "--seed"}, paramLabel = "N", defaultValue = "-1",
            description = "Seed of the draw; -1 takes a random one. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(names = "--temp", paramLabel = "T", defaultValue = "0.8",
            description = "Temperature; 0 is greedy, 1 turns it off. Default: ${DEFAULT-VALUE}")
    private float temperature;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "40",
            description = "Keep the K best; 0 turns it off. Default: ${DEFAULT-VALUE}")
    private int topK;

    @Option(names = "--top-p", paramLabel = "P", defaultValue = "0.95",
            description = "Keep the fewest best that hold the mass P; 1 turns it off. Default: ${DEFAULT-VALUE}")
    private float topP;

    @Option(names = "--min-p", paramLabel = "P", defaultValue = "0.05",
            description = "Keep what is at least P times as probable as the best; 0 turns it off. "
                    + "Default: ${DEFAULT-VALUE}")
    private float minP;

    /// The chain `top-k, top-p, min-p, temperature, dist`.
    SamplerChain chain() {
        if (seed == RANDOM_SEED) {
            seed = ThreadLocalRandom.current().nextLong(Distribution.MAX_SEED + 1);
        }
        return SamplerChain.builder().topK(topK).topP(topP).minP(minP).temperature(temperature).distribution(seed);
    }

    /// The seed that [#chain] draws with.
    long seed() {
        return seed;
    }
}
