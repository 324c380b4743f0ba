package io.github.javasampler.explorer;

import io.github.javasampler.SamplerSession;
import java.lang.foreign.MemorySegment;

/// Finds the temperature at which a model gives a text the greatest probability: the least mean of `-ln p` of the
/// text's own tokens.
///
/// Rows are not kept. What is kept is the sum of `-ln p` at each of 33 temperatures from 1/4 to 4, in equal steps of
/// the logarithm; it has a single valley, for `-ln p` is convex in `1 / T`. The least lies between these: where the
/// parabola through the best of them and its two neighbours has its lowest point. That is right to half a per cent, far
/// less than chance makes of a text of a thousand tokens.
final class TemperatureFit {
    /// The least temperature that is tried.
    static final double LEAST = 0.25;
    /// The greatest temperature that is tried.
    static final double GREATEST = 4;

    private static final int STEPS = 32;
    private static final double LOG_STEP = StrictMath.log(GREATEST / LEAST) / STEPS;

    private final SamplerSession[] sessions = new SamplerSession[STEPS + 1];
    private final double[] sums = new double[STEPS + 1];
    private int count;

    /// @param vocabularySize how many floats a row holds
    TemperatureFit(int vocabularySize) {
        for (int i = 0; i <= STEPS; i++) {
            sessions[i] = AtTemperature.session(temperature(i), vocabularySize);
        }
    }

    /// Takes note of one prediction.
    ///
    /// @param row the logits
    /// @param target the token that the text goes on with
    void add(MemorySegment row, int target) {
        for (int i = 0; i <= STEPS; i++) {
            sums[i] -= AtTemperature.logprobs(sessions[i], row, 0, target).asked().getFirst().logprob();
        }
        count++;
    }

    /// The temperature, in [[#LEAST], [#GREATEST]]; 1 if nothing was added.
    double best() {
        if (count == 0) {
            return 1;
        }
        int least = 0;
        for (int i = 1; i <= STEPS; i++) {
            least = sums[i] < sums[least] ? i : least;
        }
        if (least == 0 || least == STEPS) {
            return temperature(least);
        }
        double before = sums[least - 1] - sums[least];
        double after = sums[least + 1] - sums[least];
        // Both are at least 0. Where both are 0 every temperature is as good.
        double shift = before + after > 0 ? (before - after) / (2 * (before + after)) : 0;
        return temperature(least + shift);
    }

    private static double temperature(double step) {
        return LEAST * StrictMath.exp(step * LOG_STEP);
    }
}
