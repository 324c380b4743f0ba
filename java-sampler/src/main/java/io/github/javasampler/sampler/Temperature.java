package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;

/// Temperature: `logit / T`. Below 1 the best candidates gain, above 1 the others do.
///
/// **Properties**: changes logits; cuts nothing, but `T = 0` bans all but the best candidate.
/// **Source**: Ackley, Hinton and Sejnowski, "A learning algorithm for Boltzmann machines" (1985); `temp` of llama.cpp.
///
/// @param temperature at least 0 and finite; 1 turns it off, 0 is greedy
public record Temperature(float temperature) implements Sampler {
    /// Checks the range.
    public Temperature {
        Settings.require(Settings.atLeast(temperature, 0), "temperature must be a number >= 0", temperature,
                "1.0 turns it off, 0.0 is greedy");
    }

    @Override
    public String name() {
        return temperature == 1 ? "?temp" : "temp";
    }

    @Override
    public void apply(Candidates candidates) {
        apply(candidates, temperature);
    }

    /// Applies a temperature that is only known now.
    static void apply(Candidates candidates, float temperature) {
        if (temperature <= 0) {
            candidates.banAllButBest();
        } else if (temperature != 1) {
            candidates.scale(temperature);
        }
    }

    @Override
    public String toString() {
        return "temperature=" + temperature;
    }
}
