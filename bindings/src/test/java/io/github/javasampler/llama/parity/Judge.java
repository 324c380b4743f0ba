package io.github.javasampler.llama.parity;

import io.github.javasampler.Sampler;
import io.github.javasampler.sampler.AdaptiveP;
import io.github.javasampler.sampler.Distribution;
import io.github.javasampler.sampler.DynamicTemperature;
import io.github.javasampler.sampler.Greedy;
import io.github.javasampler.sampler.LogitBias;
import io.github.javasampler.sampler.MinP;
import io.github.javasampler.sampler.Mirostat;
import io.github.javasampler.sampler.MirostatV2;
import io.github.javasampler.sampler.Penalties;
import io.github.javasampler.sampler.Temperature;
import io.github.javasampler.sampler.TopK;
import io.github.javasampler.sampler.TopNSigma;
import io.github.javasampler.sampler.TopP;
import io.github.javasampler.sampler.Typical;
import io.github.javasampler.sampler.Xtc;
import java.util.Map;

/// Whether what one side made of the candidates follows from the formulas of the stages in double precision, within the
/// rounding of that side. Among equals any order is right, since the formulas have none.
final class Judge {
    /// What is not exactly a float operation of the formula, but is one or a few of them.
    private static final double FEW_FLOATS = 8 * Rounding.FLOAT;

    private final Rounding rounding;
    private final Memory memory;

    Judge(Rounding rounding, Memory memory) {
        this.rounding = rounding;
        this.memory = memory;
    }

    /// Where a token lies on the line that `u` was drawn from.
    record Span(double from, double to) {
        static final Span ALL = new Span(0, 1);

        /// Whether one `u` can have hit both.
        boolean meets(Span other, double error) {
            return Math.max(from, other.from) <= Math.min(to, other.to) + error;
        }
    }

    /// Whether a stage that is no picker was right.
    boolean follows(Sampler stage, State before, State after) {
        if (stage.name().startsWith("?")) {
            return after.hasOrderOf(before) && after.hasLogitsOf(before);
        }
        return switch (stage) {
            case TopK topK -> after.size() == Math.min(topK.k(), before.size()) && isTop(before, after);
            case TopP topP -> topP(topP, before, after);
            case MinP minP -> minP(minP, before, after);
            case Typical typical -> typical(typical, before, after);
            case Temperature temperature -> temperature(temperature.temperature(), before, after);
            case DynamicTemperature dynamic -> dynamic.range() == 0
                    ? temperature(dynamic.temperature(), before, after) : dynamic(dynamic, before, after);
            case TopNSigma sigma -> topNSigma(sigma, before, after);
            case Xtc xtc -> xtc(xtc, before, after);
            case LogitBias bias -> bias(bias.biasByToken(), before, after);
            case Penalties penalties -> penalties(penalties, before, after);
            default -> throw new AssertionError(stage);
        };
    }

    /// Where the token that a picker chose lies; null if the picker was wrong whatever was drawn.
    ///
    /// @param after what the picker left, the best first
    Span span(Sampler picker, State before, State after, int token) {
        return switch (picker) {
            case Greedy _ -> before.byId()[token] == before.max() ? Span.ALL : null;
            case Distribution _ -> span(before, token);
            case AdaptiveP adaptive when adaptive.target() < 0 -> span(before, token);
            case AdaptiveP _ -> adapted(before, before.with(after.byId())) ? span(before.with(after.byId()), token)
                    : null;
            case MirostatV2 _ -> isWithinMu(before, after) ? span(after, token) : null;
            case Mirostat mirostat -> mirostat(mirostat, before, after) ? span(after, token) : null;
            default -> throw new AssertionError(picker);
        };
    }

    private static Span span(State state, int token) {
        Softmax softmax = new Softmax(state, false);
        double sum = 0;
        for (int i = 0; i < state.size(); i++) {
            double p = softmax.probability(state.logit(i));
            if (state.id(i) == token) {
                return p > 0 ? new Span(sum, sum + p) : null;
            }
            sum += p;
        }
        return null;
    }

    private boolean topP(TopP stage, State before, State after) {
        return isTop(before, after)
                && hasMass(new Softmax(before, false), before, after, stage.p(), stage.minKeep());
    }

    /// Whether the candidates are just as many as it takes to reach the mass.
    private boolean hasMass(Softmax softmax, State before, State after, double mass, int minKeep) {
        int least = Math.min(Math.max(minKeep, 1), before.size());
        double error = rounding.ofMass(softmax, after);
        double sum = 0;
        double beforeLast = 0;
        for (int i = 0; i < after.size(); i++) {
            beforeLast = sum;
            sum += softmax.probability(after.logit(i));
        }
        return after.size() >= least && (sum >= mass - error || after.size() == before.size())
                && (after.size() == least || beforeLast <= mass + error);
    }

    private static boolean minP(MinP stage, State before, State after) {
        int least = Math.min(Math.max(stage.minKeep(), 1), before.size());
        double distance = StrictMath.log(stage.p());
        double threshold = before.max() + distance;
        double error = 2 * Rounding.FLOAT * Math.max(Math.abs(before.max()), Math.abs(distance));
        return isSubset(before, after) && (isInOrder(before, after) || after.isDescending()) && after.size() >= least
                && greatestDropped(before, after) <= Math.min(least(after), threshold + error)
                && (after.size() == least || least(after) >= threshold - error);
    }

    private boolean typical(Typical stage, State before, State after) {
        Softmax softmax = new Softmax(before, true);
        double entropy = softmax.entropy();
        double entropyError = rounding.ofEntropy(softmax);
        boolean[] kept = new boolean[before.byId().length];
        double farthest = 0;
        for (int i = 0; i < after.size(); i++) {
            kept[after.id(i)] = true;
            double score = Math.abs(softmax.surprise(after.logit(i)) - entropy);
            double error = scoreError(softmax, entropy, entropyError, after.logit(i));
            if (score + error < farthest) {
                return false;
            }
            farthest = Math.max(farthest, score - error);
        }
        for (int i = 0; i < before.size(); i++) {
            float logit = before.logit(i);
            if (!kept[before.id(i)] && Math.abs(softmax.surprise(logit) - entropy)
                    + scoreError(softmax, entropy, entropyError, logit) < farthest) {
                return false;
            }
        }
        return isSubset(before, after) && hasMass(softmax, before, after, stage.p(), stage.minKeep());
    }

    private double scoreError(Softmax softmax, double entropy, double entropyError, float logit) {
        return entropyError + rounding.ofSurprise(softmax, logit)
                + Rounding.FLOAT * (softmax.surprise(logit) + entropy);
    }

    private static boolean temperature(float temperature, State before, State after) {
        if (temperature <= 0) {
            return isGreedy(before, after);
        }
        float[] byId = after.byId();
        for (int i = 0; i < before.size(); i++) {
            if (byId[before.id(i)] != before.logit(i) / temperature) {
                return false;
            }
        }
        return after.size() == before.size() && (after.hasOrderOf(before) || after.isDescending());
    }

    private static boolean isGreedy(State before, State after) {
        float[] byId = before.byId();
        int left = 0;
        for (int i = 0; i < after.size(); i++) {
            if (after.logit(i) > Float.NEGATIVE_INFINITY) {
                left += after.logit(i) == before.max() && byId[after.id(i)] == before.max() ? 1 : 2;
            }
        }
        return left == 1 && after.size() == before.size();
    }

    private boolean dynamic(DynamicTemperature stage, State before, State after) {
        if (before.size() == 1) {
            return after.hasLogitsOf(before);
        }
        Softmax softmax = new Softmax(before, true);
        double error = rounding.ofEntropy(softmax);
        double coldest = temperature(stage, softmax, -error) * (1 - FEW_FLOATS);
        double hottest = temperature(stage, softmax, error) * (1 + FEW_FLOATS);
        if (coldest <= 0 && isGreedy(before, after)) {
            return true;
        }
        float[] byId = before.byId();
        for (int i = 0; i < after.size(); i++) {
            float logit = byId[after.id(i)];
            double least = Math.min(logit / coldest, logit / hottest);
            double greatest = Math.max(logit / coldest, logit / hottest);
            if (!(after.logit(i) >= (float) least && after.logit(i) <= (float) greatest)) {
                return false;
            }
        }
        return after.size() == before.size() && after.isDescending();
    }

    private static double temperature(DynamicTemperature stage, Softmax softmax, double change) {
        double low = Math.max(0, stage.temperature() - stage.range());
        double high = stage.temperature() + stage.range();
        double ratio = Math.max(0, softmax.entropy() + change) / StrictMath.log(softmax.size());
        return low + (high - low) * StrictMath.pow(ratio, stage.exponent());
    }

    private boolean topNSigma(TopNSigma stage, State before, State after) {
        if (before.size() == 1) {
            return after.hasLogitsOf(before);
        }
        Deviation deviation = new Deviation(before);
        double threshold = before.max() - stage.n() * deviation.value();
        double error = stage.n() * rounding.ofDeviation(deviation)
                + 2 * Rounding.FLOAT * (Math.abs(before.max()) + stage.n() * deviation.value());
        for (int i = 0; i < before.size(); i++) {
            float logit = before.logit(i);
            float left = after.logit(i);
            if (left == logit ? logit < threshold - error && logit > Float.NEGATIVE_INFINITY
                    : left != Float.NEGATIVE_INFINITY || logit > threshold + error) {
                return false;
            }
        }
        return after.hasOrderOf(before);
    }

    /// Whether it acts is for its random numbers to say: either way may be right.
    private boolean xtc(Xtc stage, State before, State after) {
        if (after.hasOrderOf(before) && after.hasLogitsOf(before)) {
            return true;
        }
        int dropped = before.size() - after.size();
        Softmax softmax = new Softmax(before, true);
        boolean isTail = isSubset(before, after) && after.isDescending()
                && (dropped == 0 || leastDropped(before, after) >= after.logit(0));
        return isTail && (dropped == 0 || after.size() >= stage.minKeep()
                && reaches(stage, softmax, after.logit(0), 1)
                && (after.size() == 1 || !reaches(stage, softmax, after.logit(1), -1)));
    }

    /// Whether a candidate reaches the threshold, given the benefit (1) or the cost (-1) of the doubt.
    private boolean reaches(Xtc stage, Softmax softmax, float logit, int doubt) {
        return softmax.probability(logit) + doubt * rounding.ofProbability(softmax, logit) >= stage.threshold();
    }

    private static boolean bias(Map<Integer, Float> biasByToken, State before, State after) {
        for (int i = 0; i < before.size(); i++) {
            if (after.logit(i) != before.logit(i) + biasByToken.getOrDefault(before.id(i), 0f)) {
                return false;
            }
        }
        return after.hasOrderOf(before);
    }

    private boolean penalties(Penalties stage, State before, State after) {
        for (int i = 0; i < before.size(); i++) {
            float logit = before.logit(i);
            int count = memory.count(before.id(i), stage);
            if (count > 0) {
                logit = logit <= 0 ? logit * stage.repeat() : logit / stage.repeat();
                logit -= count * stage.frequency() + stage.presence();
            }
            if (after.logit(i) != logit) {
                return false;
            }
        }
        return after.hasOrderOf(before);
    }

    /// The slope of the formula is nowhere above `10 / 0.3`.
    private boolean adapted(State before, State after) {
        Softmax softmax = new Softmax(before, false);
        double target = memory.adaptedTarget();
        for (int i = 0; i < before.size(); i++) {
            float logit = before.logit(i);
            double distance = Math.abs(softmax.probability(logit) - target) / 0.3f;
            double expected = logit == Float.NEGATIVE_INFINITY ? logit
                    : 5 - 10 * distance * distance / (1 + distance);
            double error = 10 / 0.3 * (rounding.ofProbability(softmax, logit) + memory.adaptedTargetError())
                    + FEW_FLOATS * (5 + 10 * distance);
            if (after.logit(i) != expected && !(Math.abs(after.logit(i) - expected) <= error)) {
                return false;
            }
        }
        return true;
    }

    private boolean isWithinMu(State before, State after) {
        Softmax softmax = new Softmax(before, true);
        float dropped = greatestDropped(before, after);
        return isTop(before, after) && (after.size() == 1 || bits(softmax, least(after), -1) <= memory.mu())
                && (dropped == Float.NEGATIVE_INFINITY || bits(softmax, dropped, 1) > memory.mu());
    }

    private double bits(Softmax softmax, float logit, int doubt) {
        double error = rounding.ofSurprise(softmax, logit) + Rounding.FLOAT * softmax.surprise(logit);
        return (softmax.surprise(logit) + doubt * error) / StrictMath.log(2) + doubt * memory.muError();
    }

    private boolean mirostat(Mirostat stage, State before, State after) {
        Softmax softmax = new Softmax(before, true);
        int drawable = 0;
        for (int i = 0; i < before.size(); i++) {
            drawable += before.logit(i) > Float.NEGATIVE_INFINITY ? 1 : 0;
        }
        double products = 0;
        double squares = 0;
        double error = 0;
        for (int i = 0; i < Math.min(stage.m(), before.size()) - 1; i++) {
            double t = StrictMath.log((i + 2.0) / (i + 1.0));
            products += t * (softmax.logit(i) - softmax.logit(i + 1));
            squares += t * t;
            // Logarithms of a quotient of two floats, or a difference of logits, and the sum itself.
            error += t * 4 * Rounding.FLOAT;
        }
        double s = products / squares;
        if (!(s < Double.POSITIVE_INFINITY)) {
            // Banned candidates have left no k, which counts as 1.
            return isTop(before, after) && after.size() == 1;
        }
        double slack = error / squares + 2 * stage.m() * Rounding.FLOAT * s + Rounding.FLOAT;
        double least = Double.POSITIVE_INFINITY;
        double greatest = 1;
        for (int corner = 0; corner < 4; corner++) {
            double k = k(s + (corner % 2 == 0 ? slack : -slack),
                    memory.mu() + (corner < 2 ? 1 : -1) * memory.muError(), before.byId().length);
            least = Math.min(least, k >= 1 && k < 0x1p31 ? k : 1);
            greatest = Math.max(greatest, k >= 1 && k < 0x1p31 ? k : 1);
        }
        double powers = FEW_FLOATS * (1 + 1 / s);
        return isTop(before, after) && after.size() >= Math.min((int) (least * (1 - powers)), drawable)
                && after.size() <= (int) (greatest * (1 + powers));
    }

    private static double k(double s, double mu, int vocabularySize) {
        double epsilon = s - 1;
        return StrictMath.pow(epsilon * StrictMath.pow(2, mu) / (1 - StrictMath.pow(vocabularySize, -epsilon)), 1 / s);
    }

    private static boolean isTop(State before, State after) {
        return isSubset(before, after) && after.isDescending() && greatestDropped(before, after) <= least(after);
    }

    /// Whether logits are as they were.
    private static boolean isSubset(State before, State after) {
        float[] byId = before.byId();
        for (int i = 0; i < after.size(); i++) {
            if (byId[after.id(i)] != after.logit(i)) {
                return false;
            }
        }
        return after.size() > 0;
    }

    private static boolean isInOrder(State before, State after) {
        int found = 0;
        for (int i = 0; i < before.size() && found < after.size(); i++) {
            found += before.id(i) == after.id(found) ? 1 : 0;
        }
        return found == after.size();
    }

    private static float least(State state) {
        float least = Float.POSITIVE_INFINITY;
        for (int i = 0; i < state.size(); i++) {
            least = Math.min(least, state.logit(i));
        }
        return least;
    }

    private static float greatestDropped(State before, State after) {
        float[] kept = after.byId();
        float greatest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < before.size(); i++) {
            greatest = kept[before.id(i)] == kept[before.id(i)] ? greatest : Math.max(greatest, before.logit(i));
        }
        return greatest;
    }

    private static float leastDropped(State before, State after) {
        float[] kept = after.byId();
        float least = Float.POSITIVE_INFINITY;
        for (int i = 0; i < before.size(); i++) {
            least = kept[before.id(i)] == kept[before.id(i)] ? least : Math.min(least, before.logit(i));
        }
        return least;
    }
}
