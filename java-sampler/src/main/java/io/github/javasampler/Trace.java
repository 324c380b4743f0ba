package io.github.javasampler;

import io.github.javasampler.measure.Softmax;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What every stage of a chain did to one row, up to the picker: see [SamplerSession#explain]. A grammar that acts on a
/// miss has done nothing yet, but what becomes of a token that does not fit is known.
///
/// @param stages one entry for each stage before the picker
/// @param fate what became of the token that was asked for, if one was
public record Trace(List<Stage> stages, Optional<Fate> fate) {
    private static final double LN_2 = StrictMath.log(2);

    /// Copies the list.
    public Trace {
        stages = List.copyOf(stages);
    }

    /// The candidates after a stage.
    ///
    /// @param name the stage's name; a `?` in front says that it does nothing
    /// @param kept how many candidates are left that could be drawn
    /// @param mass how probable these are together, by the row as the model made it
    /// @param entropyBits the entropy of their probabilities as they stand now
    /// @param cutLogit the least logit that is left, as it stands now
    /// @param leastProbability how probable the least probable of those left is, by the row as the model made it
    public record Stage(String name, int kept, double mass, double entropyBits, float cutLogit,
            double leastProbability) {
        private Stage named(String other) {
            return new Stage(other, kept, mass, entropyBits, cutLogit, leastProbability);
        }
    }

    /// What became of a token.
    ///
    /// @param token its id
    /// @param cutBy the name of the stage that cut or banned it; empty if it reached the picker
    /// @param reason one sentence
    public record Fate(int token, Optional<String> cutBy, String reason) {}

    /// Applies forks of stages that the caller gives; the last, the picker, is left out.
    ///
    /// @param token the one to follow, or [Candidates#NONE]
    static Trace of(Sampler[] stages, MemorySegment row, Candidates candidates, int token) {
        double[] probabilities = probabilities(row);
        candidates.begin(row, 0);
        List<Stage> entries = new ArrayList<>();
        Fate fate = null;
        for (int i = 0; i < stages.length - 1; i++) {
            float before = token == Candidates.NONE ? Float.NaN : candidates.logitOf(token);
            stages[i].apply(candidates);
            String name = stages[i].name();
            // A name like this says that the stage did nothing.
            Stage entry = i > 0 && name.startsWith("?") ? entries.getLast().named(name)
                    : measure(name, candidates, probabilities);
            entries.add(entry);
            if (token != Candidates.NONE && fate == null) {
                fate = fate(stages[i], token, before, entry, candidates);
            }
        }
        if (token != Candidates.NONE && fate == null) {
            fate = new Fate(token, Optional.empty(), String.format(Locale.ROOT,
                    "token %d reached the picker with probability %.6f", token, candidates.probabilityOf(token)));
        }
        return new Trace(entries, Optional.ofNullable(fate));
    }

    private static double[] probabilities(MemorySegment row) {
        try {
            return Softmax.probabilities(Softmax.logitsOf(row));
        } catch (IllegalArgumentException e) {
            throw new InvalidLogitsException(e.getMessage());
        }
    }

    private static Stage measure(String name, Candidates candidates, double[] probabilities) {
        int kept = 0;
        double mass = 0;
        float leastLogit = Float.POSITIVE_INFINITY;
        double leastProbability = 1;
        // As they stand: a row that is asked for by index would become survivors, and later stages take longer.
        for (int i = 0; i < candidates.end(); i++) {
            float logit = candidates.logitAt(i);
            if (logit > Float.NEGATIVE_INFINITY) {
                double probability = probabilities[candidates.idAt(i)];
                kept++;
                mass += probability;
                leastLogit = Math.min(leastLogit, logit);
                leastProbability = Math.min(leastProbability, probability);
            }
        }
        return new Stage(name, kept, mass, candidates.entropy() / LN_2, leastLogit, leastProbability);
    }

    /// Returns null if the stage let it pass.
    private static Fate fate(Sampler stage, int token, float before, Stage entry, Candidates candidates) {
        String why = stage.whyCut(token);
        if (why.isEmpty() && candidates.logitOf(token) > Float.NEGATIVE_INFINITY) {
            return null;
        }
        return new Fate(token, Optional.of(entry.name), "token " + token + " was cut by "
                + (why.isEmpty() ? entry.name + ": " + why(before, entry, candidates.max()) : why));
    }

    private static String why(float logit, Stage stage, float max) {
        if (logit == Float.NEGATIVE_INFINITY) {
            return "the row itself bans it";
        }
        if (logit > max) {
            return String.format(Locale.ROOT, "its logit %.4f is above %.4f, the greatest that is left", logit, max);
        }
        if (logit < stage.cutLogit) {
            return String.format(Locale.ROOT, "its logit %.4f is below %.4f, the least that is left", logit,
                    stage.cutLogit);
        }
        return String.format(Locale.ROOT, "its logit was %.4f", logit);
    }
}
