package io.github.javasampler.explorer;

import io.github.javasampler.InvalidSettingException;
import io.github.javasampler.Numerics;
import io.github.javasampler.Picker;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.sampler.Distribution;
import io.github.javasampler.sampler.Temperature;
import java.util.List;

/// The stages of a chain without its picker: the explorer brings pickers of its own.
///
/// @param stages none of them a picker; may be empty
record Chain(List<Sampler> stages) {
    /// Copies the list.
    Chain {
        stages = List.copyOf(stages);
    }

    /// The chain that a text describes, which may be empty.
    ///
    /// @throws InvalidSettingException if it is no chain, or has a picker
    static Chain parse(String text) {
        if (text == null) {
            throw Refusal.of(Refusal.CHAIN, "a chain must be a text, got none; the empty one has no stages");
        }
        List<Sampler> stages = text.isBlank() ? List.of() : SamplerChain.parseStages(text);
        for (Sampler stage : stages) {
            if (stage instanceof Picker) {
                throw new InvalidSettingException("the chain must have no picker, got \"" + stage + "\"",
                        "take it out: tokens are drawn here with a seed of their own");
            }
        }
        return new Chain(stages);
    }

    /// @throws Refusal if a picker does not take it as a seed
    static void checkSeed(Long seed) {
        Refusal.unless(seed != null && seed >= 0 && seed <= Distribution.MAX_SEED,
                "seed must be in [0, " + Distribution.MAX_SEED + "], got ", seed);
    }

    /// With a picker.
    SamplerChain with(Picker picker) {
        SamplerChain.Builder builder = SamplerChain.builder();
        stages.forEach(builder::stage);
        return builder.picker(picker);
    }

    /// A session of a chain.
    ///
    /// @throws Refusal if a stage does not suit the vocabulary
    static SamplerSession session(SamplerChain chain, Vocabulary vocabulary) {
        try {
            return chain.newSession(vocabulary, Numerics.PORTABLE);
        } catch (IllegalArgumentException e) {
            throw Refusal.of(Refusal.CHAIN, e.getMessage());
        }
    }

    /// Whether it has temperature 0, which leaves nothing to draw.
    boolean isGreedy() {
        return stages.stream().anyMatch(stage -> stage instanceof Temperature it && it.temperature() == 0);
    }
}
