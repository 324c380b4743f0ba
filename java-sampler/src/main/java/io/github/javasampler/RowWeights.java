package io.github.javasampler;

import io.github.javasampler.kernel.Kernels;
import io.github.javasampler.kernel.Moments;
import io.github.javasampler.kernel.Weights;
import java.util.Arrays;

/// What the candidates of a [Row] weigh, without a key for any: sums by blocks, exact and estimated, and the token
/// where a running sum is reached. A weight is `2^((logit - best) * factor)`, of raw logits; see [Weights].
///
/// Tokens of the overlay count with their own logits, all others with the row's: only [#weight] knows of a mask.
final class RowWeights {
    private static final double LN_2 = StrictMath.log(2);
    /// Not a power of two, so that a sample does not fall on one lane.
    private static final int SAMPLE_STEP = 37;
    private static final double SAFETY = 0.85;
    private static final int BINS_PER_BIT = 8;
    /// The weight in the middle of each bin.
    private static final double[] BIN_WEIGHTS = binWeights();
    /// Candidates of a block that a draw weighs at once before it goes from one to the next.
    private static final int PART = 128;
    private static final int TOO_CLOSE = -1;

    private final Row row;
    private final Overlay overlay;
    private final int size;
    private final long[] blocks;
    private final double[] estimates;
    private final Moments moments = new Moments();
    private final float[] powers = new float[Kernels.BLOCK];
    private final int[] sample = new int[BIN_WEIGHTS.length];

    private float best;
    private float factor;
    private double estimatedTotal;
    private long skipped;

    RowWeights(Row row) {
        this.row = row;
        overlay = row.overlay();
        size = row.vocabularySize();
        blocks = new long[Kernels.blockCount(size)];
        estimates = new double[blocks.length];
    }

    private static double[] binWeights() {
        double[] weights = new double[40 * BINS_PER_BIT];
        for (int bin = 0; bin < weights.length; bin++) {
            weights[bin] = StrictMath.pow(2, -(bin + 0.5) / BINS_PER_BIT);
        }
        return weights;
    }

    /// Lets weights be relative to the row's greatest logit from now on; to be called after each change.
    void setReference() {
        // Not -0: exponents are counted from it, and that of +0 would not be below.
        best = row.keyMax() + 0f;
        factor = Weights.factor(row.temperature());
    }

    float best() {
        return best;
    }

    float factor() {
        return factor;
    }

    /// The sum of all weights; the sums of the blocks are kept for [#draw].
    long weigh() {
        long total = row.kernels().weigh(row.segment(), row.offsetBytes(), size, best, factor, powers, blocks);
        for (int i = 0; i < overlay.size(); i++) {
            int id = overlay.id(i);
            long change = overlayWeight(i) - Weights.of(Weights.exponent(row.raw(id), best, factor));
            blocks[id / Kernels.BLOCK] += change;
            total += change;
        }
        return total;
    }

    /// The token at which the running sum of weights reaches `target`, after [#weigh]: first the block, then the token.
    int draw(double target) {
        long sum = 0;
        int block = 0;
        while (block < blocks.length - 1 && (blocks[block] == 0 || sum + blocks[block] < target)) {
            sum += blocks[block++];
        }
        int from = block * Kernels.BLOCK;
        int end = raise(from);
        int id = skipParts(from, end, target - sum);
        for (sum += skipped; id < end; id++) {
            long weight = weight(id, powers[id - from]);
            sum += weight;
            if (weight > 0 && sum >= target) {
                return id;
            }
        }
        // Rounding may have left the target beyond the last.
        int last = end - 1;
        while (last > from && weight(last, powers[last - from]) == 0) {
            last--;
        }
        return last;
    }

    /// Whether [#estimate] will do: tokens with weights of their own would need true sums.
    boolean canEstimate() {
        return overlay.size() == 0 && !row.isMasked();
    }

    /// About what [#weigh] returns, to within [#errorOf].
    double estimate() {
        estimatedTotal = row.kernels().estimate(row.segment(), row.offsetBytes(), size, best, factor, powers,
                estimates);
        return estimatedTotal;
    }

    /// How far an estimated sum of weights may be off.
    double errorOf(double sum) {
        return row.kernels().estimateError() * sum + Kernels.ESTIMATE_UNITS * size;
    }

    /// [#draw] of `u` times the total after [#estimate], or -1 if that is too close to call.
    int drawEstimated(double u) {
        double target = u * estimatedTotal;
        double before = 0;
        int block = 0;
        while (block < estimates.length - 1 && before + estimates[block] < target) {
            before += estimates[block++];
        }
        // Too much before the block moves the target by (1 - u) of that, too much in or behind it by u of that.
        double error = errorOf((1 - u) * before + u * (estimatedTotal - before));
        double low = target - before - error;
        int from = block * Kernels.BLOCK;
        int end = raise(from);
        int id = skipParts(from, end, low);
        for (long sum = skipped; id < end && low > 0; id++) {
            sum += Weights.ofPower(powers[id - from]);
            if (sum >= low) {
                return sum >= low + 2 * error ? id : TOO_CLOSE;
            }
        }
        return TOO_CLOSE;
    }

    /// [#weigh], and the moments.
    Moments weighMoments() {
        row.kernels().weighMoments(row.segment(), row.offsetBytes(), size, best, factor, powers, blocks, moments);
        // One of them is a sum of doubles, so the order counts.
        overlay.orderAll();
        for (int rank = 0; rank < overlay.size(); rank++) {
            int i = overlay.inOrder(rank);
            int id = overlay.id(i);
            long before = moments.total();
            moments.replace(Weights.exponent(row.raw(id), best, factor), overlayExponent(i));
            blocks[id / Kernels.BLOCK] += moments.total() - before;
        }
        return moments;
    }

    /// About how far below the best, in nats, what is farther weighs no more than `weight` together: by a sample.
    double reachOfTail(double weight) {
        Arrays.fill(sample, 0);
        for (int id = 0; id < size; id += SAMPLE_STEP) {
            int bin = (int) (-BINS_PER_BIT * Weights.exponent(row.raw(id), best, factor));
            sample[Math.clamp(bin, 0, sample.length - 1)]++;
        }
        double tail = 0;
        int bin = sample.length - 1;
        double unit = Weights.UNITS_PER_ONE * SAMPLE_STEP;
        while (bin > 0 && tail + sample[bin] * unit * BIN_WEIGHTS[bin] < SAFETY * weight) {
            tail += sample[bin] * unit * BIN_WEIGHTS[bin];
            bin--;
        }
        return (bin + 1) * LN_2 / BINS_PER_BIT;
    }

    /// The weight of one token.
    long weight(int id) {
        return row.isMasked(id) && !overlay.contains(id) ? 0 : Weights.of(exponent(id));
    }

    private long weight(int id, float power) {
        return overlay.contains(id) ? Weights.of(exponent(id)) : Weights.ofPower(power);
    }

    /// Raises the block of candidates from `from` on to powers; returns its end.
    private int raise(int from) {
        int end = Math.min(from + Kernels.BLOCK, size);
        row.kernels().powers(row.segment(), row.offsetBytes(), from, end, best, factor, powers);
        return end;
    }

    /// Skips candidates of a block, whose powers are there, that weigh less than `target` together; returns the
    /// first that it did not skip. None where tokens have weights of their own.
    private int skipParts(int from, int end, double target) {
        int id = from;
        skipped = 0;
        while (overlay.size() == 0 && id + PART <= end) {
            long weight = row.kernels().weighPowers(powers, id - from, id - from + PART);
            if (skipped + weight >= target) {
                break;
            }
            skipped += weight;
            id += PART;
        }
        return id;
    }

    private float exponent(int id) {
        return overlay.contains(id) ? overlayExponent(overlay.indexOf(id))
                : Weights.exponent(row.raw(id), best, factor);
    }

    private float overlayExponent(int index) {
        float raw = overlay.raw(index);
        return raw == raw ? Weights.exponent(raw, best, factor) : Float.NEGATIVE_INFINITY;
    }

    private long overlayWeight(int index) {
        return Weights.of(overlayExponent(index));
    }
}
