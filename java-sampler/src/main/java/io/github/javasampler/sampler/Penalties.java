package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;
import io.github.javasampler.Vocabulary;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// Penalties on tokens that stand among the last `lastN`: for one that stands there `count` times,
/// `logit = (logit > 0 ? logit / repeat : logit * repeat) - count * frequency - presence`.
///
/// **Properties**: changes logits of few tokens; the row stays uncut.
/// **Source**: Keskar et al., "CTRL", arXiv 1909.05858, for `repeat`; OpenAI's API for the others; `penalties` of
/// llama.cpp. As there, the prompt counts only if it was accepted.
public final class Penalties extends EqualByText implements Sampler {
    private final int lastN;
    private final float repeat;
    private final float frequency;
    private final float presence;
    private final TokenHistory history;
    private final int vocabularySize;

    /// @param lastN how many tokens to look back; 0 or less turns it off
    /// @param repeat greater than 0; 1 turns it off
    /// @param frequency a number; 0 turns it off
    /// @param presence a number; 0 turns it off
    public Penalties(int lastN, float repeat, float frequency, float presence) {
        this(lastN, repeat, frequency, presence, new TokenHistory(Math.max(lastN, 1)), Integer.MAX_VALUE);
        Settings.require(repeat > 0 && Float.isFinite(repeat) && Float.isFinite(1 / repeat),
                "repeat_penalty must be a number > 0", repeat, "1.0 turns it off");
        Settings.require(Float.isFinite(frequency), "frequency_penalty must be a number", frequency,
                "0.0 turns it off");
        Settings.require(Float.isFinite(presence), "presence_penalty must be a number", presence,
                "0.0 turns it off");
    }

    private Penalties(int lastN, float repeat, float frequency, float presence, TokenHistory history,
            int vocabularySize) {
        this.lastN = lastN;
        this.repeat = repeat;
        this.frequency = frequency;
        this.presence = presence;
        this.history = history;
        this.vocabularySize = vocabularySize;
    }

    /// How many tokens it looks back.
    public int lastN() {
        return lastN;
    }

    /// What logits are divided by.
    public float repeat() {
        return repeat;
    }

    /// What is taken off for each time.
    public float frequency() {
        return frequency;
    }

    /// What is taken off once.
    public float presence() {
        return presence;
    }

    private boolean isOff() {
        return lastN <= 0 || repeat == 1 && frequency == 0 && presence == 0;
    }

    @Override
    public String name() {
        return isOff() ? "?penalties" : "penalties";
    }

    @Override
    public void apply(Candidates candidates) {
        if (isOff()) {
            return;
        }
        for (int i = 0; i < history.size(); i++) {
            int token = history.token(i);
            float logit = candidates.logitOf(token);
            float repeated = logit <= 0 ? logit * repeat : logit / repeat;
            candidates.set(token, repeated - (history.count(i) * frequency + presence));
        }
        candidates.markUnsorted();
    }

    @Override
    public void accept(int token) {
        if (!isOff()) {
            history.add(token);
        }
    }

    @Override
    public void reset() {
        history.clear();
    }

    @Override
    public Penalties fork() {
        return new Penalties(lastN, repeat, frequency, presence, history.copy(), vocabularySize);
    }

    /// So that no token is restored that the vocabulary has not.
    @Override
    public Penalties bind(Vocabulary vocabulary) {
        return new Penalties(lastN, repeat, frequency, presence, history.copy(), vocabulary.size());
    }

    @Override
    public void save(DataOutput out) throws IOException {
        history.save(out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        history.restore(in, vocabularySize);
    }

    @Override
    public String toString() {
        return "penalties=" + lastN + ":" + repeat + ":" + frequency + ":" + presence;
    }
}
