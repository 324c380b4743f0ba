package io.github.javasampler.llama.parity;

import io.github.javasampler.Candidate;
import io.github.javasampler.Candidates;
import java.util.Arrays;
import java.util.List;

/// The candidates at one point of a chain, in their order. It is filled anew for every row.
final class State {
    private int size;
    private int[] ids = new int[0];
    private float[] logits = new float[0];
    private boolean sorted;
    private int vocabularySize;

    void read(Candidates candidates) {
        size = candidates.size();
        vocabularySize = candidates.vocabularySize();
        sorted = candidates.isDescending();
        if (ids.length < size) {
            ids = new int[size];
            logits = new float[size];
        }
        for (int i = 0; i < size; i++) {
            ids[i] = candidates.id(i);
            logits[i] = candidates.logit(i);
        }
    }

    int size() {
        return size;
    }

    int id(int index) {
        return ids[index];
    }

    float logit(int index) {
        return logits[index];
    }

    /// Whether the stages so far say that the order is one of descending logits.
    boolean saysSorted() {
        return sorted;
    }

    /// Whether it is.
    boolean isDescending() {
        for (int i = 1; i < size; i++) {
            if (logits[i] > logits[i - 1]) {
                return false;
            }
        }
        return true;
    }

    float max() {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            max = Math.max(max, logits[i]);
        }
        return max;
    }

    /// Logits by id; NaN for what is no candidate.
    float[] byId() {
        float[] byId = new float[vocabularySize];
        Arrays.fill(byId, Float.NaN);
        for (int i = 0; i < size; i++) {
            byId[ids[i]] = logits[i];
        }
        return byId;
    }

    boolean hasOrderOf(State other) {
        return size == other.size && Arrays.equals(ids, 0, size, other.ids, 0, size);
    }

    boolean hasLogitsOf(State other) {
        for (int i = 0; i < Math.min(size, other.size); i++) {
            if (logits[i] != other.logits[i]) {
                return false;
            }
        }
        return size == other.size;
    }

    /// The same candidates with other logits; those that have none are banned.
    State with(float[] byId) {
        State state = new State();
        state.size = size;
        state.vocabularySize = vocabularySize;
        state.ids = Arrays.copyOf(ids, size);
        state.logits = new float[size];
        for (int i = 0; i < size; i++) {
            float logit = byId[ids[i]];
            state.logits[i] = logit == logit ? logit : Float.NEGATIVE_INFINITY;
        }
        return state;
    }

    /// Of candidates in descending order.
    static State of(List<Candidate> candidates, int vocabularySize) {
        State state = new State();
        state.size = candidates.size();
        state.vocabularySize = vocabularySize;
        state.ids = candidates.stream().mapToInt(Candidate::id).toArray();
        state.logits = new float[state.size];
        for (int i = 0; i < state.size; i++) {
            state.logits[i] = candidates.get(i).logit();
        }
        state.sorted = true;
        return state;
    }
}
