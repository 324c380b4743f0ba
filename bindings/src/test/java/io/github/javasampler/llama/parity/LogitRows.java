package io.github.javasampler.llama.parity;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;

/// Made-up rows of logits, of every kind that has ever mattered to a sampler.
public final class LogitRows {
    private LogitRows() {}

    /// Shapes of rows.
    public enum Kind {
        /// Gaussian with a few peaks, much like a model's.
        PEAKED,
        /// Gaussian and narrow: thousands of tokens share the mass.
        FLAT,
        /// Eight levels.
        TIES,
        /// Gaussian, a quarter banned.
        BANNED,
        /// All the same.
        EQUAL,
        /// The best first.
        DESCENDING,
        /// The best last.
        ASCENDING,
        /// A half masked by the least float.
        MASKED,
        /// Some beyond any softmax, either way.
        HUGE,
        /// Nothing but negative infinity; not for portable numerics.
        ALL_BANNED,
        /// Some positive infinity; not for portable numerics.
        INFINITE;

        /// Those that any numerics take.
        public static final Set<Kind> PLAIN = EnumSet.complementOf(EnumSet.of(ALL_BANNED, INFINITE));

        /// Makes a row of `n` logits.
        public float[] row(SplittableRandom random, int n) {
            float[] row = new float[n];
            for (int i = 0; i < n; i++) {
                row[i] = logit(random, i, n);
            }
            int chosen = random.nextInt(n);
            switch (this) {
                case PEAKED -> {
                    for (int i = 0; i < Math.min(20, n / 4); i++) {
                        row[random.nextInt(n)] = (float) random.nextDouble(6, 14);
                    }
                }
                case BANNED, MASKED -> row[chosen] = 1;
                // In the upper half, where no chain has a ban: the two together would be NaN.
                case INFINITE -> row[n - 1 - chosen / 2] = Float.POSITIVE_INFINITY;
                default -> { }
            }
            return row;
        }

        private float logit(SplittableRandom random, int i, int n) {
            return switch (this) {
                case PEAKED -> (float) random.nextGaussian(-2, 2.5);
                case FLAT -> (float) random.nextGaussian(0, 0.5);
                case TIES -> random.nextInt(8) / 2f;
                case BANNED -> random.nextInt(4) == 0 ? Float.NEGATIVE_INFINITY : (float) random.nextGaussian(-2, 2);
                case EQUAL -> 0.25f;
                case DESCENDING -> 10 - 20 * (i + (float) random.nextDouble(0.5)) / n;
                case ASCENDING -> -10 + 20 * (i + (float) random.nextDouble(0.5)) / n;
                case MASKED -> random.nextBoolean() ? -Float.MAX_VALUE : (float) random.nextGaussian(-2, 2.5);
                case HUGE -> random.nextInt(8) > 0 ? (float) random.nextGaussian(0, 3)
                        : (random.nextBoolean() ? 1e30f : -1e30f) * random.nextInt(1, 4);
                case ALL_BANNED -> Float.NEGATIVE_INFINITY;
                case INFINITE -> i > 8 && random.nextInt(500) == 0 ? Float.POSITIVE_INFINITY
                        : (float) random.nextGaussian(0, 6);
            };
        }
    }

    /// `count` rows of every one of the kinds in turn.
    public static float[][] of(Set<Kind> kinds, int count, int n, SplittableRandom random) {
        Kind[] turns = kinds.toArray(Kind[]::new);
        float[][] rows = new float[count][];
        Arrays.setAll(rows, i -> turns[i % turns.length].row(random, n));
        return rows;
    }
}
