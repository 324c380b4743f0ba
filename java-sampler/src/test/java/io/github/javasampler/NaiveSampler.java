package io.github.javasampler;

import io.github.javasampler.sampler.Distribution;
import io.github.javasampler.sampler.Greedy;
import io.github.javasampler.sampler.MinP;
import io.github.javasampler.sampler.Temperature;
import io.github.javasampler.sampler.TopK;
import io.github.javasampler.sampler.TopP;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The stages by their formulas, in double precision, one list and one sort at a time. What a draw or a cut of the
/// library differs from this by must lie within [#ROUNDING] of a step.
final class NaiveSampler {
    /// How near to a step float rounding of logits and weights may move a cut or a draw, relative to the total mass.
    static final double ROUNDING = 2e-7;

    private static final Comparator<Token> BEST_FIRST =
            Comparator.comparingDouble(Token::logit).reversed().thenComparingInt(Token::id);

    record Token(int id, double logit) {}

    /// What may come out, since a step lay within rounding: the tokens that are acceptable.
    private List<Token> tokens = new ArrayList<>();
    private boolean ambiguous;

    /// The survivors of the chain's stages before its picker, in order.
    List<Token> survivors(SamplerChain chain, float[] logits) {
        tokens = new ArrayList<>();
        for (int i = 0; i < logits.length; i++) {
            tokens.add(new Token(i, logits[i] + 0f));
        }
        for (Sampler stage : chain.stages()) {
            switch (stage) {
                case Temperature t when t.temperature() == 0 -> top(1);
                case Temperature t -> tokens.replaceAll(x -> new Token(x.id, (float) x.logit / t.temperature()));
                case TopK k when k.k() > 0 -> top(k.k());
                case TopP p when p.p() < 1 -> mass(p);
                case MinP p when p.p() > 0 -> atLeast(max() + StrictMath.log(p.p()), p.minKeep());
                default -> { }
            }
        }
        return tokens;
    }

    /// Whether some cut lay so near to a step that another set would be as right.
    boolean isAmbiguous() {
        return ambiguous;
    }

    /// The token that a uniform `u` draws, or -1 if a step lies within rounding of it.
    int draw(double u) {
        double max = max();
        double total = tokens.stream().mapToDouble(t -> StrictMath.exp(t.logit - max)).sum();
        double sum = 0;
        for (Token token : tokens) {
            sum += StrictMath.exp(token.logit - max);
            if (Math.abs(sum - u * total) < ROUNDING * total) {
                return -1;
            }
            if (sum > u * total) {
                return token.id;
            }
        }
        return -1;
    }

    int argmax() {
        return tokens.stream().min(BEST_FIRST).orElseThrow().id;
    }

    private void top(int k) {
        tokens.sort(BEST_FIRST);
        tokens = new ArrayList<>(tokens.subList(0, Math.min(k, tokens.size())));
    }

    private void mass(TopP p) {
        double max = max();
        double total = tokens.stream().mapToDouble(t -> StrictMath.exp(t.logit - max)).sum();
        tokens.sort(BEST_FIRST);
        double sum = 0;
        int kept = 0;
        while (kept < tokens.size() && (kept < Math.max(1, p.minKeep()) || sum < p.p() * total)) {
            sum += StrictMath.exp(tokens.get(kept++).logit - max);
            ambiguous |= Math.abs(sum - p.p() * total) < ROUNDING * total;
        }
        tokens = new ArrayList<>(tokens.subList(0, kept));
    }

    private void atLeast(double threshold, int minKeep) {
        ambiguous |= tokens.stream().anyMatch(t -> Math.abs(t.logit - threshold) < ROUNDING * Math.abs(threshold));
        List<Token> kept = new ArrayList<>(tokens.stream().filter(t -> t.logit >= threshold).toList());
        if (kept.size() < Math.max(1, minKeep)) {
            top(Math.max(1, minKeep));
        } else {
            tokens = kept;
        }
    }

    private double max() {
        return tokens.stream().mapToDouble(Token::logit).max().orElseThrow();
    }

    static boolean picksGreedily(SamplerChain chain) {
        return chain.stages().getLast() instanceof Greedy;
    }

    static long seed(SamplerChain chain) {
        return ((Distribution) chain.stages().getLast()).seed();
    }
}
