package io.github.javasampler.explorer;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// `POST /api/compare`: two chains on one row, how far what they leave lies apart.
final class Compare {
    private final Engine engine;

    Compare(Engine engine) {
        this.engine = engine;
    }

    /// @param prompt as [Place#prompt]
    /// @param text as [Place#text]
    /// @param chains two, as [Chain#parse] takes them
    /// @param top how many of the best tokens of each to name, in [1, 200]
    record Request(int[] prompt, int[] text, List<String> chains, Integer top) {
        Request {
            if (chains == null || chains.size() != 2) {
                throw Refusal.of(Refusal.CHAIN, "\"chains\" must be two texts, got "
                        + (chains == null ? "none" : chains.size()) + "; an empty text is a chain without stages");
            }
            Look.checkTop(top);
        }
    }

    /// @param klBits from the first to the second, and back; infinite if the other cut a token
    /// @param kept how many tokens each keeps
    /// @param both how many both keep
    /// @param tokens the best of both, by the greater of their probabilities
    record Reply(double totalVariation, double[] klBits, double overlap, int[] kept, int both, List<Shared> tokens) {}

    /// @param p its probability after each chain
    record Shared(int id, String text, boolean special, double[] p) {}

    Reply answer(Request request) {
        Place place = new Place(request.prompt, request.text);
        double[] logA = logProbabilities(place, Chain.parse(request.chains.getFirst()));
        double[] logB = logProbabilities(place, Chain.parse(request.chains.getLast()));
        Divergence divergence = Divergence.of(logA, logB);
        // Rounding is monotonous, so the better of two logarithms has the better probability, or an equal one.
        Comparator<Integer> byGreater =
                Comparator.<Integer>comparingDouble(id -> -Math.max(logA[id], logB[id])).thenComparing(id -> id);
        List<Shared> tokens = IntStream.concat(best(logA, request.top), best(logB, request.top)).distinct().boxed()
                .sorted(byGreater).map(id -> shared(id, logA[id], logB[id])).toList();
        return new Reply(divergence.totalVariation(),
                new double[] {divergence.klBitsAToB(), divergence.klBitsBToA()}, divergence.overlap(),
                new int[] {divergence.keptA(), divergence.keptB()}, divergence.both(), tokens);
    }

    private double[] logProbabilities(Place place, Chain chain) {
        FinalLogits picker = new FinalLogits(engine.vocabularySize());
        engine.at(place, row -> engine.session(place, chain.with(picker)).draw(row, 0));
        return picker.logProbabilities();
    }

    private Shared shared(int id, double logA, double logB) {
        Token token = engine.token(id);
        return new Shared(id, token.text(), token.special(), new double[] {StrictMath.exp(logA), StrictMath.exp(logB)});
    }

    /// The most probable tokens, none that was cut.
    private static IntStream best(double[] logs, int top) {
        return Arrays.stream(RawRow.best(logs, top)).filter(id -> logs[id] > Double.NEGATIVE_INFINITY);
    }
}
