package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;

/// Dynamic temperature: `T = low + (high - low) * (H / Hmax)^exponent`, with `low` and `high` at `range` below and
/// above `temperature`: the surer the model, the colder.
///
/// **Properties**: changes logits; puts the candidates in descending order.
/// **Source**: kalomaze, "Dynamic temperature", llama.cpp PR 4972; `temp_ext` of llama.cpp.
///
/// @param temperature at least 0
/// @param range at least 0; 0 leaves a plain [Temperature]
/// @param exponent any number
public record DynamicTemperature(float temperature, float range, float exponent) implements Sampler {
    /// Checks the ranges.
    public DynamicTemperature {
        Settings.require(Settings.atLeast(temperature, 0), "temperature must be a number >= 0", temperature,
                "1.0 turns it off, 0.0 is greedy");
        Settings.require(Settings.atLeast(range, 0), "dynatemp_range must be a number >= 0", range,
                "0.0 leaves a plain temperature");
        Settings.require(Float.isFinite(exponent), "dynatemp_exp must be a number", exponent, "1.0 is linear");
    }

    @Override
    public String name() {
        return temperature == 1 && range == 0 ? "?temp-ext" : "temp-ext";
    }

    @Override
    public void apply(Candidates candidates) {
        if (range == 0) {
            Temperature.apply(candidates, temperature);
        } else if (candidates.size() > 1) {
            float low = Math.max(0, temperature - range);
            float high = temperature + range;
            float highestEntropy = -candidates.math().log(1f / candidates.size());
            candidates.sort();
            float ratio = (float) candidates.entropy() / highestEntropy;
            Temperature.apply(candidates, low + (high - low) * candidates.math().pow(ratio, exponent));
        }
    }

    @Override
    public String toString() {
        return "temp_ext=" + temperature + ":" + range + ":" + exponent;
    }
}
