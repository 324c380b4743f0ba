package io.github.javasampler.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// The kernels without the Vector API: the reference that the others are compared with, and what runs without flags.
///
/// They read the row through a block of 4 KB on the heap: see ADR 10. So no loop but that copy sees a segment.
public final class ScalarKernels implements Kernels {
    @Override
    public String describe() {
        return "scalar kernels";
    }

    @Override
    public int lanes() {
        return 1;
    }

    private static void load(MemorySegment row, long offsetBytes, int from, int count, float[] block) {
        // Behind vectors there is mostly nothing left.
        if (count > 0) {
            MemorySegment.copy(row, FLOAT, offsetBytes + ((long) from << 2), block, 0, count);
        }
    }

    @Override
    public float scan(MemorySegment row, long offsetBytes, int n, float[] block, float[] maxima) {
        float max = Float.NEGATIVE_INFINITY;
        for (int from = 0; from < n; from += BLOCK) {
            int count = Math.min(n - from, BLOCK);
            load(row, offsetBytes, from, count, block);
            max = Math.max(max, scanBlock(block, count, maxima, from / GROUP));
        }
        return max < Float.POSITIVE_INFINITY ? max : Float.NaN;
    }

    private static float scanBlock(float[] block, int count, float[] maxima, int firstGroup) {
        int groups = count / GROUP;
        float max = Float.NEGATIVE_INFINITY;
        for (int g = 0; g < groups; g++) {
            float groupMax = greatestOfGroup(block, g * GROUP);
            maxima[firstGroup + g] = groupMax;
            max = Math.max(max, groupMax);
        }
        return Math.max(max, greatest(block, groups * GROUP, count));
    }

    /// Written out: of an inner loop C2 makes 8 bounds checks, and by `Math.max`, which has no branch to mispredict.
    private static float greatestOfGroup(float[] x, int i) {
        float a = Math.max(x[i], x[i + 1]);
        float b = Math.max(x[i + 2], x[i + 3]);
        float c = Math.max(x[i + 4], x[i + 5]);
        float d = Math.max(x[i + 6], x[i + 7]);
        return Math.max(Math.max(a, b), Math.max(c, d));
    }

    /// NaN if any is.
    private static float greatest(float[] block, int from, int to) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
            max = Math.max(max, block[i]);
        }
        return max;
    }

    /// The maximum of `[from, to)`, or NaN if any logit there is NaN or positive infinity.
    static float maxOf(MemorySegment row, long offsetBytes, int from, int to, float[] block) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = from; i < to; i += BLOCK) {
            int count = Math.min(to - i, BLOCK);
            load(row, offsetBytes, i, count, block);
            max = Math.max(max, greatest(block, 0, count));
        }
        return max < Float.POSITIVE_INFINITY ? max : Float.NaN;
    }

    @Override
    public int fold(float[] maxima, int count, float[] folded) {
        int groups = count / GROUP;
        for (int g = 0; g < groups; g++) {
            float max = maxima[g * GROUP];
            for (int i = g * GROUP + 1; i < (g + 1) * GROUP; i++) {
                max = Math.max(max, maxima[i]);
            }
            folded[g] = max;
        }
        return groups;
    }

    @Override
    public int countAtLeast(float[] values, int count, float threshold) {
        return countAtLeast(values, 0, count, threshold);
    }

    /// Of the values `[from, to)`.
    static int countAtLeast(float[] values, int from, int to, float threshold) {
        int found = 0;
        for (int i = from; i < to; i++) {
            found += values[i] >= threshold ? 1 : 0;
        }
        return found;
    }

    @Override
    public int collect(MemorySegment row, long offsetBytes, int n, float[] maxima, float threshold, float divisor,
            float[] block, long[] keys) {
        int found = 0;
        for (int from = 0; from < n; from += BLOCK) {
            int count = Math.min(n - from, BLOCK);
            int groups = count / GROUP;
            int firstHit = firstHit(maxima, from / GROUP, groups, threshold);
            if (firstHit * GROUP < count) {
                load(row, offsetBytes, from, count, block);
                found = collectGroups(block, from, firstHit, groups, maxima, threshold, divisor, keys, found);
                found = collectPart(block, from, groups * GROUP, count, threshold, divisor, keys, found);
            }
        }
        return found;
    }

    /// The first of `count` maxima from `first` on that reaches the threshold, counted from there, or `count`.
    private static int firstHit(float[] maxima, int first, int count, float threshold) {
        int hit = 0;
        while (hit < count && maxima[first + hit] < threshold) {
            hit++;
        }
        return hit;
    }

    private static int collectGroups(float[] block, int first, int fromGroup, int toGroup, float[] maxima,
            float threshold, float divisor, long[] keys, int foundBefore) {
        int found = foundBefore;
        for (int g = fromGroup; g < toGroup; g++) {
            if (maxima[first / GROUP + g] >= threshold) {
                found = collectPart(block, first, g * GROUP, (g + 1) * GROUP, threshold, divisor, keys, found);
            }
        }
        return found;
    }

    /// Of the block that starts at the candidate `first` what lies in `[from, to)`.
    private static int collectPart(float[] block, int first, int from, int to, float threshold, float divisor,
            long[] keys, int foundBefore) {
        int found = foundBefore;
        for (int i = from; i < to; i++) {
            float x = block[i];
            if (x >= threshold) {
                if (found < keys.length) {
                    keys[found] = Keys.of(x / divisor, first + i);
                }
                found++;
            }
        }
        return found;
    }

    /// [#collect] for the candidates `[from, to)`; `foundBefore` counts those before, and the result those and these.
    static int collectRange(MemorySegment row, long offsetBytes, int from, int to, float threshold, float divisor,
            float[] block, long[] keys, int foundBefore) {
        int found = foundBefore;
        for (int first = from; first < to; first += BLOCK) {
            int count = Math.min(to - first, BLOCK);
            load(row, offsetBytes, first, count, block);
            found = collectPart(block, first, 0, count, threshold, divisor, keys, found);
        }
        return found;
    }

    @Override
    public long weigh(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] block,
            long[] blocks) {
        long total = 0;
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            blocks[b] = weighRange(row, offsetBytes, b * BLOCK, Math.min((b + 1) * BLOCK, n), best, factor, block);
            total += blocks[b];
        }
        return total;
    }

    /// Here a true sum costs as much as a rough one.
    @Override
    public double estimate(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] block,
            double[] blocks) {
        double total = 0;
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            blocks[b] = weighRange(row, offsetBytes, b * BLOCK, Math.min((b + 1) * BLOCK, n), best, factor, block);
            total += blocks[b];
        }
        return total;
    }

    @Override
    public double estimateError() {
        return 0;
    }

    /// The weight of the candidates `[from, to)`, at most [#BLOCK].
    static long weighRange(MemorySegment row, long offsetBytes, int from, int to, float best, float factor,
            float[] block) {
        load(row, offsetBytes, from, to - from, block);
        raise(block, to - from, best, factor);
        return sum(block, 0, to - from);
    }

    @Override
    public void weighMoments(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] block,
            long[] blocks, Moments moments) {
        moments.clear();
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            long before = moments.total();
            addMoments(row, offsetBytes, b * BLOCK, Math.min((b + 1) * BLOCK, n), best, factor, block, moments);
            moments.endBlock();
            blocks[b] = moments.total() - before;
        }
    }

    /// The part of the candidates `[from, to)` of a block; `from` is in the first lane. In loops of their own, which
    /// C2 makes more of.
    static void addMoments(MemorySegment row, long offsetBytes, int from, int to, float best, float factor,
            float[] block, Moments moments) {
        float[] powers = moments.powers();
        float[] lanes = moments.lanes();
        load(row, offsetBytes, from, to - from, block);
        System.arraycopy(block, 0, powers, 0, to - from);
        raise(powers, to - from, best, factor);
        long first = 0;
        for (int i = 0; i < to - from; i++) {
            float y = Weights.clamp(Weights.exponent(block[i], best, factor));
            float moment = powers[i] * y;
            first += Weights.ofPower(moment);
            lanes[i & SUM_LANES - 1] += moment * y;
        }
        moments.add(sum(powers, 0, to - from), first);
    }

    @Override
    public void powers(MemorySegment row, long offsetBytes, int from, int to, float best, float factor,
            float[] powers) {
        load(row, offsetBytes, from, to - from, powers);
        raise(powers, to - from, best, factor);
    }

    /// Makes powers of logits.
    private static void raise(float[] block, int count, float best, float factor) {
        for (int i = 0; i < count; i++) {
            block[i] = Weights.power(Weights.exponent(block[i], best, factor));
        }
    }

    @Override
    public long weighPowers(float[] powers, int from, int to) {
        return sum(powers, from, to);
    }

    /// [#weighPowers].
    static long sum(float[] powers, int from, int to) {
        long total = 0;
        for (int i = from; i < to; i++) {
            total += Weights.ofPower(powers[i]);
        }
        return total;
    }

    @Override
    public void spread(MemorySegment row, long offsetBytes, int n, float centre, float[] block, double[] lanes,
            double[] sums) {
        Arrays.fill(lanes, 0);
        int end = n - n % SUM_LANES;
        int count = 0;
        for (int from = 0; from < end; from += BLOCK) {
            int size = Math.min(end - from, BLOCK);
            load(row, offsetBytes, from, size, block);
            count += spreadBlock(block, size, centre, lanes);
        }
        finishSpread(row, offsetBytes, end, n, centre, block, lanes, count, sums);
    }

    /// Returns how many logits are above negative infinity.
    private static int spreadBlock(float[] block, int size, float centre, double[] lanes) {
        int count = 0;
        for (int i = 0; i < size; i++) {
            float x = block[i];
            if (x > Float.NEGATIVE_INFINITY) {
                double distance = (double) x - centre;
                int lane = i & SUM_LANES - 1;
                lanes[lane] += distance;
                lanes[SUM_LANES + lane] = Math.fma(distance, distance, lanes[SUM_LANES + lane]);
                count++;
            }
        }
        return count;
    }

    /// Adds up the lanes in their order, then the candidates `[from, to)`, fewer than there are lanes.
    static void finishSpread(MemorySegment row, long offsetBytes, int from, int to, float centre, float[] block,
            double[] lanes, int count, double[] sums) {
        double sum = 0;
        double squares = 0;
        for (int lane = 0; lane < SUM_LANES; lane++) {
            sum += lanes[lane];
            squares += lanes[SUM_LANES + lane];
        }
        int counted = count;
        load(row, offsetBytes, from, to - from, block);
        for (int i = 0; i < to - from; i++) {
            float x = block[i];
            if (x > Float.NEGATIVE_INFINITY) {
                double distance = (double) x - centre;
                sum += distance;
                squares = Math.fma(distance, distance, squares);
                counted++;
            }
        }
        sums[0] = counted;
        sums[1] = sum;
        sums[2] = squares;
    }

    @Override
    public void mask(MemorySegment row, long offsetBytes, int n, long[] allowed, float[] block,
            MemorySegment masked) {
        for (int from = 0; from < n; from += BLOCK) {
            int count = Math.min(n - from, BLOCK);
            load(row, offsetBytes, from, count, block);
            ban(block, from, count, allowed);
            MemorySegment.copy(block, 0, masked, FLOAT, (long) from << 2, count);
        }
    }

    /// By a look at what is banned: bit by bit a processor mispredicts half of them.
    private static void ban(float[] block, int first, int count, long[] allowed) {
        for (int i = 0; i < count; i += Long.SIZE) {
            long banned = ~allowed[first + i >> 6];
            banned = count - i < Long.SIZE ? banned & (1L << count - i) - 1 : banned;
            for (; banned != 0; banned &= banned - 1) {
                block[i + Long.numberOfTrailingZeros(banned)] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    @Override
    public boolean takeLogits(MemorySegment records, long offsetBytes, int n, float[] logits) {
        return takeLogits(records, offsetBytes, 0, n, logits);
    }

    /// The same for the records `[from, to)`.
    static boolean takeLogits(MemorySegment records, long offsetBytes, int from, int to, float[] logits) {
        int differences = 0;
        for (int i = from; i < to; i++) {
            long at = offsetBytes + (long) i * RECORD_BYTES;
            differences |= records.get(ValueLayout.JAVA_INT_UNALIGNED, at) ^ i;
            logits[i] = records.get(FLOAT, at + Float.BYTES);
        }
        return differences == 0;
    }
}
