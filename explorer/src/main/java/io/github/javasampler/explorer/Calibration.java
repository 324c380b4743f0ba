package io.github.javasampler.explorer;

import io.github.javasampler.Logprob;
import io.github.javasampler.Logprobs;
import io.github.javasampler.SamplerSession;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The lesson on calibration by temperature scaling: the model predicts each token of a text from those before it.
///
/// Rows come in the order of the text and none is kept. Those of the first half fit the temperature; when the second
/// half begins it is known, and each of its rows is judged at once, as the model made it and at that temperature. So
/// nothing is judged by what it was fitted on.
///
/// For one thread at a time.
final class Calibration {
    /// How many bins of confidence there are.
    static final int BINS = 10;

    private final int[] tokens;
    private final int fitted;
    private final int vocabularySize;
    private final TemperatureFit fit;
    private final SamplerSession asMade;
    private final Judgement before;
    private final Judgement after;
    private SamplerSession scaled;
    private double temperature;
    private int next;

    /// What came of it.
    ///
    /// @param tokens how many tokens the text holds
    /// @param fittedOn how many predictions the temperature was fitted on
    /// @param judgedOn how many others it was judged on
    /// @param temperature the one found
    /// @param before the predictions as the model made them
    /// @param after the same at the temperature
    record Result(int tokens, int fittedOn, int judgedOn, double temperature, Figures before, Figures after) {}

    /// How good the predictions are.
    ///
    /// @param ece as [Reliability#ece]
    /// @param nllBits the mean of `-log2 p` of the text's own tokens
    /// @param accuracy as [Reliability#accuracy]
    /// @param bins as [Reliability#bins]
    record Figures(double ece, double nllBits, double accuracy, List<Reliability.Bin> bins) {}

    /// @param tokens of the text, at least 3
    /// @param vocabularySize how many floats a row holds
    Calibration(int[] tokens, int vocabularySize) {
        if (tokens.length < 3) {
            throw new IllegalArgumentException("a text must hold at least 3 tokens, got " + tokens.length);
        }
        this.tokens = tokens.clone();
        this.vocabularySize = vocabularySize;
        int predictions = predictions();
        fitted = predictions / 2;
        fit = new TemperatureFit(vocabularySize);
        asMade = AtTemperature.session(1, vocabularySize);
        before = new Judgement(predictions - fitted);
        after = new Judgement(predictions - fitted);
    }

    /// How many tokens are predicted: all but the first.
    int predictions() {
        return tokens.length - 1;
    }

    /// How many rows have come.
    int done() {
        return next;
    }

    /// Takes the next row: the first is the one after the first token. The row after the last token predicts nothing
    /// that is known, and is passed over.
    void add(MemorySegment row) {
        if (next >= predictions()) {
            return;
        }
        int target = tokens[next + 1];
        if (next < fitted) {
            fit.add(row, target);
        } else {
            if (scaled == null) {
                temperature = fit.best();
                scaled = AtTemperature.session(temperature, vocabularySize);
            }
            before.add(AtTemperature.logprobs(asMade, row, 1, target));
            after.add(AtTemperature.logprobs(scaled, row, 1, target));
        }
        next++;
    }

    /// @throws IllegalStateException if rows are missing
    Result result() {
        if (next < predictions()) {
            throw new IllegalStateException("all " + predictions() + " rows must have come, got " + next);
        }
        return new Result(tokens.length, fitted, next - fitted, temperature, before.figures(), after.figures());
    }

    /// Predictions at one temperature.
    private static final class Judgement {
        private static final double LN_2 = StrictMath.log(2);

        private final double[] confidences;
        private final boolean[] right;
        private double nats;
        private int count;

        Judgement(int predictions) {
            confidences = new double[predictions];
            right = new boolean[predictions];
        }

        void add(Logprobs logprobs) {
            Logprob best = logprobs.top().getFirst();
            Logprob target = logprobs.asked().getFirst();
            confidences[count] = Math.min(StrictMath.exp(best.logprob()), 1);
            right[count] = best.id() == target.id();
            nats -= target.logprob();
            count++;
        }

        Figures figures() {
            Reliability reliability = Reliability.of(confidences, right, BINS);
            return new Figures(reliability.ece(), nats / count / LN_2, reliability.accuracy(), reliability.bins());
        }
    }
}
