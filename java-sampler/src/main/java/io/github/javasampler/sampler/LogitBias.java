package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;
import io.github.javasampler.Vocabulary;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/// Logit bias: adds a number to the logits of given tokens. Negative infinity bans a token.
///
/// **Properties**: changes logits of few tokens; the row stays uncut.
/// **Source**: OpenAI's API; `logit_bias` of llama.cpp.
public final class LogitBias implements Sampler {
    private final int[] tokens;
    private final float[] biases;

    /// @param biasByToken what to add to which token: numbers or negative infinity; none turns it off
    public LogitBias(Map<Integer, Float> biasByToken) {
        Map<Integer, Float> sorted = new TreeMap<>(biasByToken);
        tokens = new int[sorted.size()];
        biases = new float[sorted.size()];
        int i = 0;
        for (Map.Entry<Integer, Float> entry : sorted.entrySet()) {
            Settings.require(entry.getKey() >= 0, "a biased token must be >= 0", entry.getKey(), "name it by its id");
            Settings.require(entry.getValue() < Float.POSITIVE_INFINITY, "a bias must be a number or -Infinity",
                    entry.getValue(), "-Infinity bans the token");
            tokens[i] = entry.getKey();
            biases[i++] = entry.getValue();
        }
    }

    /// The biases by token.
    public Map<Integer, Float> biasByToken() {
        Map<Integer, Float> map = new TreeMap<>();
        for (int i = 0; i < tokens.length; i++) {
            map.put(tokens[i], biases[i]);
        }
        return map;
    }

    @Override
    public String name() {
        return tokens.length == 0 ? "?logit-bias" : "logit-bias";
    }

    @Override
    public LogitBias bind(Vocabulary vocabulary) {
        if (tokens.length > 0) {
            int last = tokens[tokens.length - 1];
            Settings.require(last < vocabulary.size(), "a biased token must be below " + vocabulary.size(), last,
                    "the vocabulary has no more");
        }
        return this;
    }

    @Override
    public void apply(Candidates candidates) {
        for (int i = 0; i < tokens.length; i++) {
            candidates.add(tokens[i], biases[i]);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LogitBias that && biasByToken().equals(that.biasByToken());
    }

    @Override
    public int hashCode() {
        return biasByToken().hashCode();
    }

    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(";", "logit_bias=", "");
        for (int i = 0; i < tokens.length; i++) {
            text.add(tokens[i] + ":" + biases[i]);
        }
        return text.toString();
    }
}
