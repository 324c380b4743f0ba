package io.github.javasampler;

import io.github.javasampler.kernel.Kernels;
import io.github.javasampler.kernel.Keys;
import io.github.javasampler.kernel.Largest;
import io.github.javasampler.kernel.Weights;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The candidates while they are still the row: read where it lies, with what is pending on it. That is a temperature,
/// which every logit is still to be divided by, a bound below which logits count as negative infinity, and an overlay
/// of a few tokens that have logits of their own.
///
/// One streaming pass stores maxima; from those come the best candidates and every threshold, without looking at most
/// of the row again.
final class Row {
    private static final int FIRST_OVERLAY = 64;

    private final Kernels kernels;
    private final int size;
    private final float[] maxima;
    private final float[] largest;
    private final long[] blocks;

    private MemorySegment segment;
    private long offsetBytes;
    private float temperature;
    /// Raw logits below this are masked.
    private float rawBound;
    /// The greatest raw logit among the tokens that are not overlaid; NaN while nobody has asked since that changed.
    private float rawMax;

    /// The overlaid tokens in order of id, with their logits at the pending temperature.
    private int overlaySize;
    private int[] overlayIds = new int[FIRST_OVERLAY];
    private float[] overlayLogits = new float[FIRST_OVERLAY];
    private final long[] overlaid;

    Row(int size, Kernels kernels) {
        this.kernels = kernels;
        this.size = size;
        maxima = new float[kernels.maximaCount(size)];
        largest = new float[maxima.length];
        blocks = new long[Kernels.blockCount(size)];
        overlaid = new long[(size + Long.SIZE - 1) / Long.SIZE];
    }

    /// Starts over with a row that is known to hold [#size] floats.
    ///
    /// @param anyInfinity whether positive infinity, and nothing but negative infinity, are logits too
    void begin(MemorySegment row, long rowOffsetBytes, boolean anyInfinity) {
        for (int i = 0; i < overlaySize; i++) {
            overlaid[overlayIds[i] >> 6] = 0;
        }
        overlaySize = 0;
        segment = row;
        offsetBytes = rowOffsetBytes;
        temperature = 1f;
        rawBound = Float.NEGATIVE_INFINITY;
        rawMax = kernels.scan(row, rowOffsetBytes, size, maxima);
        if (!(rawMax > Float.NEGATIVE_INFINITY) && !(anyInfinity && hasNoNan())) {
            throw InvalidLogitsException.in(row, rowOffsetBytes, size);
        }
    }

    int size() {
        return size;
    }

    /// Room for as many keys as [#collect] can ever need.
    int capacity() {
        return size + overlaySize;
    }

    /// Whether some logits count as negative infinity that are not so in the row or the overlay.
    boolean isMasked() {
        return rawBound > Float.NEGATIVE_INFINITY;
    }

    /// Lets logits below `threshold` count as negative infinity.
    void maskBelow(float threshold) {
        rawBound = Math.max(rawBound, rawThreshold(threshold));
        for (int i = 0; i < overlaySize; i++) {
            if (overlayLogits[i] < threshold) {
                overlayLogits[i] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    /// Lets all logits but that of `id` count as negative infinity.
    void maskAllBut(int id) {
        float logit = logit(id);
        rawBound = Float.POSITIVE_INFINITY;
        Arrays.fill(overlayLogits, 0, overlaySize, Float.NEGATIVE_INFINITY);
        set(id, logit);
    }

    /// Whether another [#scale] can be noted down.
    boolean canScale() {
        return temperature == 1f;
    }

    void scale(float divisor) {
        temperature = divisor;
        for (int i = 0; i < overlaySize; i++) {
            overlayLogits[i] /= divisor;
        }
    }

    float logit(int id) {
        if (isOverlaid(id)) {
            return overlayLogits[Arrays.binarySearch(overlayIds, 0, overlaySize, id)];
        }
        float raw = raw(id);
        return raw < rawBound ? Float.NEGATIVE_INFINITY : raw / temperature;
    }

    void set(int id, float logit) {
        int at = Arrays.binarySearch(overlayIds, 0, overlaySize, id);
        if (at < 0) {
            at = -at - 1;
            insertOverlay(at, id);
        }
        overlayLogits[at] = logit;
    }

    float max() {
        float max = rawMax() < rawBound ? Float.NEGATIVE_INFINITY : rawMax() / temperature;
        for (int i = 0; i < overlaySize; i++) {
            max = overlayLogits[i] > max ? overlayLogits[i] : max;
        }
        return max;
    }

    /// A logit that at least `k` candidates reach: the k-th largest of the maxima, since each of those stands for
    /// another candidate. Negative infinity if there are too few.
    float boundOfTop(int k) {
        if (k > maxima.length) {
            return Float.NEGATIVE_INFINITY;
        }
        float kth = Largest.kth(maxima, k, largest);
        return kth < rawBound ? Float.NEGATIVE_INFINITY : kth / temperature;
    }

    /// The candidates of at least `threshold`, in order of id, as far as `keys` has room; the result counts all.
    int collect(float threshold, long[] keys) {
        float rawThreshold = rawThreshold(threshold);
        boolean all = rawThreshold == Float.NEGATIVE_INFINITY;
        int found = kernels.collect(segment, offsetBytes, size, maxima, all ? rawThreshold
                : Math.max(rawThreshold, rawBound), temperature, keys);
        if (all && isMasked()) {
            for (int i = 0; i < Math.min(found, keys.length); i++) {
                keys[i] = raw(i) < rawBound ? Keys.of(Float.NEGATIVE_INFINITY, i) : keys[i];
            }
        }
        if (overlaySize == 0) {
            return found;
        }
        return found + overlaySize > keys.length ? found + overlaySize : mergeOverlay(threshold, keys, found);
    }

    /// The best `k` candidates and perhaps more, in no particular order; otherwise like [#collect]. Where the mask has
    /// left fewer than `k`, the rest are masked ones of the lowest ids.
    ///
    /// @param k at most [#size]
    int collectTop(int k, long[] keys) {
        float bound = boundOfTop(k);
        if (!isMasked() || bound > Float.NEGATIVE_INFINITY) {
            return collect(bound, keys);
        }
        int found = collectUnmasked(keys);
        for (int id = 0; found < k && id < size; id++) {
            if (logit(id) == Float.NEGATIVE_INFINITY) {
                if (found < keys.length) {
                    keys[found] = Keys.of(Float.NEGATIVE_INFINITY, id);
                }
                found++;
            }
        }
        return found;
    }

    /// [#collect] for the candidates above negative infinity.
    int collectUnmasked(long[] keys) {
        return collect(-Float.MAX_VALUE, keys);
    }

    /// The first id from `from` on whose logit is above `threshold`, or [#size] if there is none.
    int nextAbove(int from, float threshold) {
        int lanes = kernels.lanes();
        int stripSize = Kernels.GROUP * lanes;
        int stripsEnd = maxima.length / lanes * stripSize;
        int overlay = overlaySize == 0 ? 0 : Arrays.binarySearch(overlayIds, 0, overlaySize, from);
        overlay = overlay < 0 ? -overlay - 1 : overlay;
        for (int id = from; id < size;) {
            int end = id < stripsEnd ? id - id % stripSize + stripSize : size;
            boolean hasOverlaid = overlay < overlaySize && overlayIds[overlay] < end;
            if (hasOverlaid || id >= stripsEnd || stripRisesAbove(id / stripSize, threshold)) {
                for (; id < end; id++) {
                    if (logit(id) > threshold) {
                        return id;
                    }
                }
                while (overlay < overlaySize && overlayIds[overlay] < end) {
                    overlay++;
                }
            }
            id = end;
        }
        return size;
    }

    private boolean stripRisesAbove(int strip, float threshold) {
        int lanes = kernels.lanes();
        for (int i = strip * lanes; i < (strip + 1) * lanes; i++) {
            if (maxima[i] >= rawBound && maxima[i] / temperature > threshold) {
                return true;
            }
        }
        return false;
    }

    /// The sum of all weights; the sums of the blocks are kept for [#draw].
    long weigh(float max) {
        long total = kernels.weigh(segment, offsetBytes, size, temperature, max, blocks);
        for (int i = 0; i < overlaySize; i++) {
            int id = overlayIds[i];
            long change = Weights.of(overlayLogits[i] - max) - Weights.of(raw(id) / temperature - max);
            blocks[id / Kernels.BLOCK] += change;
            total += change;
        }
        return total;
    }

    /// The sum of `exp(logit - max)` in order of id: more exact than [#weigh], and slower.
    double sumOfWeights(float max) {
        double sum = 0;
        int from = 0;
        for (int i = 0; i < overlaySize; i++) {
            sum += sumOfWeights(from, overlayIds[i], max) + Weights.unrounded(overlayLogits[i], max);
            from = overlayIds[i] + 1;
        }
        return sum + sumOfWeights(from, size, max);
    }

    /// Of a range without overlaid tokens.
    private double sumOfWeights(int from, int to, float max) {
        double sum = 0;
        for (int id = from; id < to; id++) {
            float raw = raw(id);
            sum += raw < rawBound ? 0 : Weights.unrounded(raw / temperature, max);
        }
        return sum;
    }

    /// The token at which the running sum of weights reaches `target`, after [#weigh]: first the block, then the token.
    int draw(double target, float max) {
        long sum = 0;
        int block = 0;
        while (block < blocks.length - 1 && (blocks[block] == 0 || sum + blocks[block] < target)) {
            sum += blocks[block++];
        }
        int end = Math.min((block + 1) * Kernels.BLOCK, size);
        int last = block * Kernels.BLOCK;
        for (int id = last; id < end; id++) {
            long weight = Weights.of(logit(id) - max);
            sum += weight;
            if (weight > 0) {
                last = id;
                if (sum >= target) {
                    break;
                }
            }
        }
        return last;
    }

    private boolean hasNoNan() {
        for (int id = 0; id < size; id++) {
            if (Float.isNaN(raw(id))) {
                return false;
            }
        }
        // The scan has refused the row, so its maximum is still to be found.
        rawMax = Float.NaN;
        return true;
    }

    private float raw(int id) {
        return Kernels.logit(segment, offsetBytes, id);
    }

    private boolean isOverlaid(int id) {
        return (overlaid[id >> 6] >>> id & 1) != 0;
    }

    private void insertOverlay(int at, int id) {
        if (overlaySize == overlayIds.length) {
            overlayIds = Arrays.copyOf(overlayIds, 2 * overlaySize);
            overlayLogits = Arrays.copyOf(overlayLogits, 2 * overlaySize);
        }
        System.arraycopy(overlayIds, at, overlayIds, at + 1, overlaySize - at);
        System.arraycopy(overlayLogits, at, overlayLogits, at + 1, overlaySize - at);
        overlayIds[at] = id;
        overlaySize++;
        overlaid[id >> 6] |= 1L << id;
        lowerMaxima(id);
        if (raw(id) == rawMax) {
            rawMax = Float.NaN;
        }
    }

    /// Takes an overlaid token out of the maximum that stands for it.
    private void lowerMaxima(int id) {
        int lanes = kernels.lanes();
        int strip = id / (Kernels.GROUP * lanes);
        int group = strip * lanes + id % lanes;
        if (group >= maxima.length) {
            return;
        }
        float max = Float.NEGATIVE_INFINITY;
        int first = strip * Kernels.GROUP * lanes + id % lanes;
        for (int v = 0; v < Kernels.GROUP; v++) {
            int member = first + v * lanes;
            if (!isOverlaid(member)) {
                max = Math.max(max, raw(member));
            }
        }
        maxima[group] = max;
    }

    private float rawMax() {
        if (rawMax != rawMax) {
            float max = Float.NEGATIVE_INFINITY;
            for (float groupMax : maxima) {
                max = groupMax > max ? groupMax : max;
            }
            for (int id = maxima.length * Kernels.GROUP; id < size; id++) {
                max = isOverlaid(id) || raw(id) <= max ? max : raw(id);
            }
            rawMax = max;
        }
        return rawMax;
    }

    /// Replaces what the kernel found of overlaid tokens by their own logits, keeping the order of ids.
    private int mergeOverlay(float threshold, long[] keys, int found) {
        int kept = 0;
        for (int i = 0; i < found; i++) {
            if (!isOverlaid(Keys.id(keys[i]))) {
                keys[kept++] = keys[i];
            }
        }
        int added = 0;
        for (int i = 0; i < overlaySize; i++) {
            added += overlayLogits[i] >= threshold ? 1 : 0;
        }
        int from = kept - 1;
        int to = kept + added - 1;
        for (int i = overlaySize - 1; i >= 0; i--) {
            if (overlayLogits[i] >= threshold) {
                while (from >= 0 && Keys.id(keys[from]) > overlayIds[i]) {
                    keys[to--] = keys[from--];
                }
                keys[to--] = Keys.of(overlayLogits[i], overlayIds[i]);
            }
        }
        return kept + added;
    }

    /// The least raw logit that, divided by the temperature, is at least `threshold`.
    private float rawThreshold(float threshold) {
        if (temperature == 1f || threshold == Float.NEGATIVE_INFINITY) {
            return threshold;
        }
        // Division rounds, but never changes the order, so the border can be found by halving the range of floats.
        int low = Keys.ordered(Float.floatToRawIntBits(-Float.MAX_VALUE));
        int high = Keys.ordered(Float.floatToRawIntBits(Float.POSITIVE_INFINITY));
        while (low < high) {
            int middle = (int) (((long) low + high) >> 1);
            if (Float.intBitsToFloat(Keys.ordered(middle)) / temperature >= threshold) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return Float.intBitsToFloat(Keys.ordered(low));
    }
}
