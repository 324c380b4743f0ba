package io.github.javasampler;

import io.github.javasampler.grammar.TokenMask;
import io.github.javasampler.kernel.Kernels;
import io.github.javasampler.kernel.Keys;
import io.github.javasampler.kernel.Largest;
import io.github.javasampler.kernel.TopBound;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/// The candidates while they are still the row: read where it lies, with what is pending on it. That is a temperature,
/// which every logit is still to be divided by, a bound below which logits count as negative infinity, and an overlay
/// of a few tokens that have logits of their own or are removed. Only a mask that leaves many tokens is not pending: it
/// makes a copy of the row, which then takes its place.
///
/// One streaming pass stores maxima; from those come the best candidates and every threshold, without looking at most
/// of the row again.
final class Row {
    /// What is left of a sum of doubles must be at least this part of it to have the digits of a float.
    private static final double LOST = 0x1p-24;
    private static final int GROUP_BITS = Integer.numberOfTrailingZeros(Kernels.GROUP);
    /// A mask that leaves at most this part of the vocabulary is an overlay of those: then that is sooner than a copy.
    private static final int FEW_ALLOWED = 256;

    private final Supplier<Kernels> source;
    /// Those of this row.
    private Kernels kernels;
    private final int vocabularySize;
    /// Whether keys carry raw logits; else those at the pending temperature.
    private final boolean rawKeys;
    private final float[] maxima;
    private int maximaCount;
    /// A power of two of candidates is handled at once.
    private int laneBits;
    private final float[] folded;
    private final TopBound topBound = new TopBound();
    private final float[] largest;
    private final float[] scratch = new float[Kernels.BLOCK];
    private final double[] lanes = new double[2 * Kernels.SUM_LANES];
    private final double[] spread = new double[3];

    private MemorySegment segment;
    private long offsetBytes;
    /// Whether the row is such that bounds tell its logits apart: it has one, and none is positive infinity.
    private boolean finite;
    private float temperature;
    /// Raw logits below this are masked.
    private float rawBound;
    /// What the last scan returned.
    private float scannedMax;
    /// The greatest raw logit among the tokens that are not overlaid; NaN while nobody has asked since that changed.
    private float rawMax;

    private final Overlay overlay;
    private int removed;
    /// What [#mask] copies and takes; made at the first use.
    private final long[] allowedBits;
    private MemorySegment masked = MemorySegment.NULL;

    /// @param source asked for each row
    Row(int vocabularySize, Supplier<Kernels> source, boolean rawKeys) {
        this.source = source;
        this.vocabularySize = vocabularySize;
        this.rawKeys = rawKeys;
        maxima = new float[vocabularySize / Kernels.GROUP];
        folded = new float[maxima.length / Kernels.GROUP];
        largest = new float[maxima.length];
        overlay = new Overlay(vocabularySize);
        allowedBits = new long[(vocabularySize + Long.SIZE - 1) / Long.SIZE];
    }

    /// Starts over with a row that is known to hold [#vocabularySize] floats.
    ///
    /// @param anyInfinity whether positive infinity, and nothing but negative infinity, are logits too
    void begin(MemorySegment row, long rowOffsetBytes, boolean anyInfinity) {
        overlay.clear();
        removed = 0;
        segment = row;
        offsetBytes = rowOffsetBytes;
        temperature = 1f;
        rawBound = Float.NEGATIVE_INFINITY;
        kernels = source.get();
        maximaCount = kernels.maximaCount(vocabularySize);
        laneBits = Integer.numberOfTrailingZeros(kernels.lanes());
        scan();
        finite = rawMax > Float.NEGATIVE_INFINITY;
        if (!finite && !(anyInfinity && hasNoNan())) {
            throw InvalidLogitsException.in(row, rowOffsetBytes, vocabularySize);
        }
    }

    int vocabularySize() {
        return vocabularySize;
    }

    /// How many candidates there are.
    int size() {
        return vocabularySize - removed;
    }

    /// Room for as many keys as [#collect] can ever need.
    int capacity() {
        return vocabularySize + overlay.size();
    }

    /// What the logits that keys carry are still to be divided by.
    float keyDivisor() {
        return rawKeys ? temperature : 1f;
    }

    float temperature() {
        return temperature;
    }

    Kernels kernels() {
        return kernels;
    }

    MemorySegment segment() {
        return segment;
    }

    long offsetBytes() {
        return offsetBytes;
    }

    Overlay overlay() {
        return overlay;
    }

    /// Whether some logits count as negative infinity that are not so in the row or the overlay.
    boolean isMasked() {
        return rawBound > Float.NEGATIVE_INFINITY;
    }

    /// Whether a token that is not overlaid counts as negative infinity.
    boolean isMasked(int id) {
        return raw(id) < rawBound;
    }

    /// Lets logits below `threshold` count as negative infinity.
    void maskBelow(float threshold) {
        rawBound = Math.max(rawBound, rawThreshold(threshold));
        for (int i = 0; i < overlay.size(); i++) {
            if (overlay.logit(i) < threshold) {
                overlay.ban(i);
            }
        }
    }

    /// Lets the logits of tokens that are not allowed count as negative infinity.
    ///
    /// @param allowed of this vocabulary
    void mask(TokenMask allowed) {
        if (allowed.count() <= vocabularySize / FEW_ALLOWED && finite) {
            overlayAllowed(allowed);
        } else {
            copyAllowed(allowed);
        }
    }

    /// Without a look at any other token.
    private void overlayAllowed(TokenMask allowed) {
        for (int id = allowed.next(0); id >= 0; id = allowed.next(id + 1)) {
            if (!overlay.contains(id)) {
                float raw = isMasked(id) ? Float.NEGATIVE_INFINITY : raw(id);
                overlay.add(id, raw / temperature, raw);
            }
        }
        banOverlaid(allowed);
        rawBound = Float.POSITIVE_INFINITY;
    }

    private void copyAllowed(TokenMask allowed) {
        for (int i = 0; i < allowedBits.length; i++) {
            allowedBits[i] = allowed.word(i);
        }
        // In memory of the same kind: the loops over it are then those that are compiled already.
        if (masked.byteSize() == 0 || masked.isNative() != segment.isNative()) {
            masked = segment.isNative() ? Arena.ofAuto().allocate(Kernels.FLOAT, vocabularySize)
                    : MemorySegment.ofArray(new float[vocabularySize]);
        }
        kernels.mask(segment, offsetBytes, vocabularySize, allowedBits, scratch, masked);
        segment = masked;
        offsetBytes = 0;
        for (int i = 0; i < overlay.size(); i++) {
            // The maxima stand for tokens that are not overlaid.
            masked.set(Kernels.FLOAT, (long) overlay.id(i) << 2, Float.NEGATIVE_INFINITY);
        }
        banOverlaid(allowed);
        scan();
    }

    private void scan() {
        scannedMax = kernels.scan(segment, offsetBytes, vocabularySize, scratch, maxima);
        rawMax = scannedMax;
    }

    private void banOverlaid(TokenMask allowed) {
        for (int i = 0; i < overlay.size(); i++) {
            if (!allowed.allows(overlay.id(i)) && overlay.logit(i) == overlay.logit(i)) {
                overlay.ban(i);
            }
        }
    }

    /// Takes a token out altogether.
    void remove(int id) {
        set(id, Float.NaN);
        removed++;
    }

    /// Lets all logits but that of `id` count as negative infinity.
    void maskAllBut(int id) {
        float logit = logit(id);
        rawBound = Float.POSITIVE_INFINITY;
        for (int i = 0; i < overlay.size(); i++) {
            if (overlay.logit(i) == overlay.logit(i)) {
                overlay.ban(i);
            }
        }
        set(id, logit);
    }

    /// Whether another [#scale] can be noted down.
    boolean canScale() {
        return temperature == 1f;
    }

    void scale(float divisor) {
        temperature = divisor;
        overlay.divide(divisor);
    }

    /// Whether a candidate has, or may have, another logit than the row that it began with.
    boolean isChanged() {
        return temperature != 1f || isMasked() || overlay.size() > 0 || segment == masked;
    }

    float logit(int id) {
        if (overlay.contains(id)) {
            float logit = overlay.logit(overlay.indexOf(id));
            return logit == logit ? logit : Float.NEGATIVE_INFINITY;
        }
        float raw = raw(id);
        return raw < rawBound ? Float.NEGATIVE_INFINITY : raw / temperature;
    }

    void set(int id, float logit) {
        if (overlay.contains(id)) {
            overlay.set(overlay.indexOf(id), logit, logit * temperature);
        } else {
            overlay.add(id, logit, logit * temperature);
            float raw = raw(id);
            lowerMaxima(id, raw);
            if (raw == rawMax) {
                rawMax = Float.NaN;
            }
        }
    }

    float max() {
        float max = unmaskedMax() / temperature;
        for (int i = 0; i < overlay.size(); i++) {
            max = overlay.logit(i) > max ? overlay.logit(i) : max;
        }
        return max;
    }

    /// Writes all logits, as [#logit] has them.
    ///
    /// @param logits room for [#vocabularySize]
    void copyLogits(float[] logits) {
        MemorySegment.copy(segment, Kernels.FLOAT, offsetBytes, logits, 0, vocabularySize);
        for (int id = 0; id < vocabularySize && isMasked(); id++) {
            logits[id] = logits[id] < rawBound ? Float.NEGATIVE_INFINITY : logits[id];
        }
        for (int id = 0; id < vocabularySize && temperature != 1f; id++) {
            logits[id] /= temperature;
        }
        for (int i = 0; i < overlay.size(); i++) {
            logits[overlay.id(i)] = overlay.logit(i);
        }
    }

    /// A logit that at least `k` candidates reach: `k` maxima do, and each of those stands for another candidate.
    /// Negative infinity if there are too few.
    float boundOfTop(int k) {
        if (k > maximaCount || rawBound == Float.POSITIVE_INFINITY) {
            return Float.NEGATIVE_INFINITY;
        }
        float bound = boundOfFolded(k);
        // Where a grammar has left few tokens that lie close together, too few groups have one.
        bound = bound > Float.NEGATIVE_INFINITY ? bound : Largest.kth(maxima, maximaCount, k, largest);
        return bound < rawBound ? Float.NEGATIVE_INFINITY : bound / temperature;
    }

    /// What `k` of fewer maxima reach that stand for more candidates each: lower, but sooner found. Negative infinity
    /// if they are too few.
    private float boundOfFolded(int k) {
        int count = k <= maximaCount / (2 * Kernels.GROUP) ? kernels.fold(maxima, maximaCount, folded) : 0;
        return count < k ? Float.NEGATIVE_INFINITY : topBound.of(kernels, folded, count, k, scannedMax);
    }

    /// The candidates of at least `threshold`, in order of id, as far as `keys` has room; the result counts all.
    int collect(float threshold, long[] keys) {
        int found = collectRow(threshold, keys);
        return overlay.size() == 0 || found + overlay.size() > keys.length ? found + overlay.size()
                : mergeOverlay(threshold, keys, found);
    }

    /// [#collect] without the overlay.
    private int collectRow(float threshold, long[] keys) {
        float rawThreshold = rawThreshold(threshold);
        boolean all = rawThreshold == Float.NEGATIVE_INFINITY;
        int found = kernels.collect(segment, offsetBytes, vocabularySize, maxima, all ? rawThreshold
                : Math.max(rawThreshold, rawBound), rawKeys ? 1f : temperature, scratch, keys);
        if (all && isMasked()) {
            for (int i = 0; i < Math.min(found, keys.length); i++) {
                keys[i] = isMasked(i) ? Keys.of(Float.NEGATIVE_INFINITY, i) : keys[i];
            }
        }
        return found;
    }

    /// The best `k` candidates and perhaps more, in no particular order; otherwise like [#collect]. Where fewer than
    /// `k` are above negative infinity, the rest are banned ones of the lowest ids.
    ///
    /// @param k at most [#size]
    int collectTop(int k, long[] keys) {
        float bound = boundOfTop(k);
        if (bound > Float.NEGATIVE_INFINITY) {
            int found = collectRow(bound, keys);
            return found + overlay.size() > keys.length ? found + overlay.size() : appendOverlay(bound, keys, found);
        }
        int found = collectUnmasked(keys);
        for (int id = 0; found < k && id < vocabularySize; id++) {
            if (isBanned(id)) {
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

    /// The first id from `from` on whose logit is above `threshold`, or [#vocabularySize] if there is none.
    int nextAbove(int from, float threshold) {
        int lanes = kernels.lanes();
        int stripSize = Kernels.GROUP * lanes;
        int stripsEnd = maximaCount / lanes * stripSize;
        for (int id = from; id < vocabularySize;) {
            int end = id < stripsEnd ? id - id % stripSize + stripSize : vocabularySize;
            if (id >= stripsEnd || overlay.containsAny(id, end) || stripRisesAbove(id / stripSize, threshold)) {
                for (; id < end; id++) {
                    if (logit(id) > threshold) {
                        return id;
                    }
                }
            }
            id = end;
        }
        return vocabularySize;
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

    private boolean isBanned(int id) {
        return overlay.contains(id) ? overlay.logit(overlay.indexOf(id)) == Float.NEGATIVE_INFINITY
                // The temperature may make one of a finite logit.
                : isMasked(id) || raw(id) / temperature == Float.NEGATIVE_INFINITY;
    }

    /// The greatest logit, not yet divided by the temperature.
    float keyMax() {
        float max = unmaskedMax();
        for (int i = 0; i < overlay.size(); i++) {
            max = overlay.raw(i) > max ? overlay.raw(i) : max;
        }
        return max;
    }

    /// The standard deviation of the logits above negative infinity; NaN if they are so far apart that taking overlaid
    /// tokens out of the sums leaves too little.
    float deviation() {
        float centre = keyMax();
        kernels.spread(segment, offsetBytes, vocabularySize, centre, scratch, lanes, spread);
        double count = spread[0];
        double sum = spread[1];
        double squares = spread[2];
        double before = squares;
        // These are sums of doubles, so the order counts.
        overlay.orderAll();
        for (int rank = 0; rank < overlay.size(); rank++) {
            int i = overlay.inOrder(rank);
            double raw = raw(overlay.id(i));
            if (raw > Float.NEGATIVE_INFINITY) {
                count--;
                sum -= raw - centre;
                squares -= (raw - centre) * (raw - centre);
            }
            if (overlay.raw(i) > Float.NEGATIVE_INFINITY) {
                double distance = (double) overlay.raw(i) - centre;
                count++;
                sum += distance;
                squares += distance * distance;
            }
        }
        double variance = (squares - sum * sum / count) / count;
        return variance * count < before * LOST ? Float.NaN : (float) (Math.sqrt(variance) / temperature);
    }

    private boolean hasNoNan() {
        for (int id = 0; id < vocabularySize; id++) {
            if (Float.isNaN(raw(id))) {
                return false;
            }
        }
        // The scan has refused the row, so its maximum is still to be found.
        rawMax = Float.NaN;
        return true;
    }

    /// As it stands in the row, whatever is pending.
    float raw(int id) {
        return Kernels.logit(segment, offsetBytes, id);
    }

    /// Takes an overlaid token out of the maximum that stands for it.
    private void lowerMaxima(int id, float raw) {
        int lane = id & (1 << laneBits) - 1;
        int strip = id >> laneBits + GROUP_BITS;
        int group = (strip << laneBits) + lane;
        if (group >= maximaCount || raw < maxima[group]) {
            return;
        }
        float max = Float.NEGATIVE_INFINITY;
        int first = (strip << laneBits + GROUP_BITS) + lane;
        for (int v = 0; v < Kernels.GROUP; v++) {
            int member = first + (v << laneBits);
            if (!overlay.contains(member)) {
                max = Math.max(max, raw(member));
            }
        }
        maxima[group] = max;
    }

    /// The greatest raw logit of the tokens that are neither overlaid nor masked.
    private float unmaskedMax() {
        return rawBound == Float.POSITIVE_INFINITY || rawMax() < rawBound ? Float.NEGATIVE_INFINITY : rawMax();
    }

    private float rawMax() {
        if (rawMax != rawMax) {
            float max = Float.NEGATIVE_INFINITY;
            for (int i = 0; i < maximaCount; i++) {
                max = maxima[i] > max ? maxima[i] : max;
            }
            for (int id = maximaCount * Kernels.GROUP; id < vocabularySize; id++) {
                max = overlay.contains(id) || raw(id) <= max ? max : raw(id);
            }
            rawMax = max;
        }
        return rawMax;
    }

    /// Replaces what the kernel found of overlaid tokens by their own logits.
    private int appendOverlay(float threshold, long[] keys, int found) {
        int kept = dropOverlaid(keys, found);
        for (int i = 0; i < overlay.size(); i++) {
            if (overlay.logit(i) >= threshold) {
                keys[kept++] = overlaidKey(i);
            }
        }
        return kept;
    }

    /// The same, keeping the order of ids.
    private int mergeOverlay(float threshold, long[] keys, int found) {
        int kept = dropOverlaid(keys, found);
        int added = overlay.orderAtLeast(threshold);
        int from = kept - 1;
        int to = kept + added - 1;
        for (int rank = added - 1; rank >= 0; rank--) {
            int i = overlay.inOrder(rank);
            while (from >= 0 && Keys.id(keys[from]) > overlay.id(i)) {
                keys[to--] = keys[from--];
            }
            keys[to--] = overlaidKey(i);
        }
        return kept + added;
    }

    private int dropOverlaid(long[] keys, int found) {
        int kept = 0;
        for (int i = 0; i < found; i++) {
            keys[kept] = keys[i];
            kept += overlay.contains(Keys.id(keys[i])) ? 0 : 1;
        }
        return kept;
    }

    private long overlaidKey(int index) {
        return Keys.of(rawKeys ? overlay.raw(index) : overlay.logit(index), overlay.id(index));
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
