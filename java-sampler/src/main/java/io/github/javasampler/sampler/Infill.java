package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;
import io.github.javasampler.Vocabulary;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntPredicate;

/// Infill, for completing text between other texts: ends early rather than late, and only goes on with what is clear.
///
/// With `n` candidates, ends of generation among them holding the mass `e`: if `3 e n > 1 - e` only ends are kept.
/// Else a candidate whose text begins with that of another is merged with it, the likelier staying; then of the texts
/// only those with at least 0.2 are kept, and of `k` such texts those with at least `1 / (k + 1)` of what they hold.
/// Ends are always kept. If no text is left, the end of a turn is all there is.
///
/// **Properties**: cuts; puts the candidates in descending order of their logits. Merging moves no logits. It compares
/// every candidate with every other, so put it after [TopK].
/// **Source**: llama.cpp PR 9896; `infill` of llama.cpp.
public final class Infill extends EqualByText implements Sampler {
    private static final int PREFERENCE = 3;
    private static final float LEAST_PROBABILITY = 0.2f;
    private static final float LOGIT_OF_ONLY_END = 1f;

    /// Null until it is bound to one.
    private final Vocabulary vocabulary;
    private final BitSet kept = new BitSet();
    private final IntPredicate isKept = kept::get;

    /// The candidates that are still in the running: the first `size` of each.
    private int size;
    private int[] ids = new int[0];
    private float[] probabilities = new float[0];
    private boolean[] ends = new boolean[0];
    private boolean[] banned = new boolean[0];
    private byte[][] pieces = new byte[0][];

    /// It has no settings.
    public Infill() {
        this(null);
    }

    private Infill(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    @Override
    public String name() {
        return "infill";
    }

    @Override
    public Infill bind(Vocabulary vocabulary) {
        Settings.require(vocabulary.endOfTurn() != Vocabulary.NO_TOKEN,
                "the vocabulary of infill must have a token that ends a turn or a text", "none", "leave infill out");
        return new Infill(vocabulary);
    }

    @Override
    public void apply(Candidates candidates) {
        Settings.bound(vocabulary, "infill");
        candidates.sort();
        load(candidates);
        float end = mass(true);
        float text = mass(false);
        if (PREFERENCE * end * size > text) {
            keepEnds();
        } else {
            merge(candidates);
            int texts = keepAtLeast(LEAST_PROBABILITY);
            if (texts == 0) {
                candidates.replaceBy(vocabulary.endOfTurn(), LOGIT_OF_ONLY_END);
                return;
            }
            keepAtLeast((float) (1.0 / (texts + 1)));
        }
        kept.clear();
        for (int i = 0; i < size; i++) {
            kept.set(ids[i]);
        }
        candidates.keepIf(isKept);
    }

    private void load(Candidates candidates) {
        size = candidates.size();
        if (ids.length < size) {
            ids = new int[size];
            probabilities = new float[size];
            ends = new boolean[size];
            banned = new boolean[size];
            pieces = new byte[size][];
        }
        for (int i = 0; i < size; i++) {
            int id = candidates.id(i);
            ids[i] = id;
            probabilities[i] = (float) candidates.probability(i);
            ends[i] = vocabulary.isEndOfGeneration(id);
            banned[i] = candidates.logit(i) == Float.NEGATIVE_INFINITY;
            pieces[i] = vocabulary.piece(id);
        }
    }

    private float mass(boolean ofEnds) {
        float mass = 0;
        for (int i = 0; i < size; i++) {
            mass += ends[i] == ofEnds ? probabilities[i] : 0;
        }
        return mass;
    }

    private void keepEnds() {
        int left = 0;
        for (int i = 0; i < size; i++) {
            if (ends[i]) {
                ids[left++] = ids[i];
            }
        }
        size = left;
    }

    private void merge(Candidates candidates) {
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size && !banned[i]; j++) {
                if (i != j && !banned[j] && isPrefix(pieces[i], pieces[j])) {
                    boolean isLess = probabilities[j] > probabilities[i];
                    merge(candidates, isLess ? i : j, isLess ? j : i);
                }
            }
        }
    }

    private void merge(Candidates candidates, int from, int into) {
        probabilities[into] += probabilities[from];
        probabilities[from] = 0;
        banned[from] = true;
        if (ends[from]) {
            // It is kept for being an end, but can't be drawn.
            candidates.set(ids[from], Float.NEGATIVE_INFINITY);
        }
    }

    private static boolean isPrefix(byte[] piece, byte[] other) {
        return piece.length > 0 && piece.length <= other.length
                && Arrays.equals(piece, 0, piece.length, other, 0, piece.length);
    }

    /// Keeps the ends and the texts of this probability, whose probabilities then sum up to 1; returns how many texts.
    private int keepAtLeast(float probability) {
        int left = 0;
        int texts = 0;
        float sum = 0;
        for (int i = 0; i < size; i++) {
            if (ends[i] || !(probabilities[i] < probability)) {
                texts += ends[i] ? 0 : 1;
                sum += probabilities[i];
                ids[left] = ids[i];
                ends[left] = ends[i];
                probabilities[left++] = probabilities[i];
            }
        }
        size = left;
        for (int i = 0; i < size; i++) {
            probabilities[i] /= sum;
        }
        return texts;
    }

    @Override
    public Infill fork() {
        return new Infill(vocabulary);
    }

    @Override
    public String toString() {
        return "infill";
    }
}
