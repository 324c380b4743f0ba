package io.github.javasampler.kernel;

import static io.github.javasampler.kernel.Kernels.logit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// The kernels without the Vector API: the reference that the others are compared with, and what runs without flags.
public final class ScalarKernels implements Kernels {
    @Override
    public String describe() {
        return "scalar kernels";
    }

    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public float scan(MemorySegment row, long offsetBytes, int n, float[] maxima) {
        int strips = n / GROUP;
        float max = Float.NEGATIVE_INFINITY;
        for (int s = 0; s < strips; s++) {
            float stripMax = greatestOfGroup(row, offsetBytes + ((long) s * GROUP << 2));
            maxima[s] = stripMax;
            max = Math.max(max, stripMax);
        }
        max = Math.max(max, greatest(row, offsetBytes, strips * GROUP, n));
        return max < Float.POSITIVE_INFINITY ? max : Float.NaN;
    }

    /// Written out: of an inner loop C2 makes 8 bounds checks, and by `Math.max`, which has no branch to mispredict.
    private static float greatestOfGroup(MemorySegment row, long at) {
        float a = Math.max(row.get(FLOAT, at), row.get(FLOAT, at + 4));
        float b = Math.max(row.get(FLOAT, at + 8), row.get(FLOAT, at + 12));
        float c = Math.max(row.get(FLOAT, at + 16), row.get(FLOAT, at + 20));
        float d = Math.max(row.get(FLOAT, at + 24), row.get(FLOAT, at + 28));
        return Math.max(Math.max(a, b), Math.max(c, d));
    }

    /// NaN if any is.
    private static float greatest(MemorySegment row, long offsetBytes, int from, int to) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
            max = Math.max(max, logit(row, offsetBytes, i));
        }
        return max;
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
    public int collect(MemorySegment row, long offsetBytes, int n, float[] maxima, float threshold,
            float divisor, long[] keys) {
        int strips = n / GROUP;
        int found = 0;
        for (int s = 0; s < strips; s++) {
            if (maxima[s] >= threshold) {
                found = collectRange(row, offsetBytes, s * GROUP, (s + 1) * GROUP, threshold, divisor, keys, found);
            }
        }
        return collectRange(row, offsetBytes, strips * GROUP, n, threshold, divisor, keys, found);
    }

    @Override
    public long weigh(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] powers,
            long[] blocks) {
        long total = 0;
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            int end = Math.min((b + 1) * BLOCK, n);
            blocks[b] = weighRange(row, offsetBytes, b * BLOCK, end, best, factor);
            total += blocks[b];
        }
        return total;
    }

    /// Here a true sum costs as much as a rough one.
    @Override
    public double estimate(MemorySegment row, long offsetBytes, int n, float best, float factor, double[] blocks) {
        double total = 0;
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            blocks[b] = weighRange(row, offsetBytes, b * BLOCK, Math.min((b + 1) * BLOCK, n), best, factor);
            total += blocks[b];
        }
        return total;
    }

    @Override
    public double estimateError() {
        return 0;
    }

    @Override
    public void weighMoments(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] powers,
            long[] blocks, Moments moments) {
        moments.clear();
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            int count = Math.min(n - b * BLOCK, BLOCK);
            long firstBytes = offsetBytes + ((long) b * BLOCK << 2);
            long before = moments.total();
            powers(row, firstBytes, 0, count, best, factor, powers);
            addMoments(row, firstBytes, 0, count, best, factor, powers, moments);
            moments.endBlock();
            blocks[b] = moments.total() - before;
        }
    }

    /// The part of the candidates `[from, to)` of a block that starts at `firstBytes`.
    static void addMoments(MemorySegment row, long firstBytes, int from, int to, float best, float factor,
            float[] powers, Moments moments) {
        long total = 0;
        long first = 0;
        float[] lanes = moments.lanes();
        for (int i = from; i < to; i++) {
            float y = Weights.clamp(Weights.exponent(logit(row, firstBytes, i), best, factor));
            float moment = powers[i] * y;
            total += Weights.ofPower(powers[i]);
            first += Weights.ofPower(moment);
            lanes[i % SUM_LANES] += moment * y;
        }
        moments.add(total, first);
    }

    @Override
    public void powers(MemorySegment row, long offsetBytes, int from, int to, float best, float factor,
            float[] powers) {
        for (int i = from; i < to; i++) {
            powers[i - from] = Weights.power(Weights.exponent(logit(row, offsetBytes, i), best, factor));
        }
    }

    @Override
    public long weighPowers(float[] powers, int from, int to) {
        long total = 0;
        for (int i = from; i < to; i++) {
            total += Weights.ofPower(powers[i]);
        }
        return total;
    }

    @Override
    public void spread(MemorySegment row, long offsetBytes, int n, float centre, double[] lanes, double[] sums) {
        Arrays.fill(lanes, 0);
        int end = n - n % SUM_LANES;
        int count = 0;
        for (int i = 0; i < end; i++) {
            float x = logit(row, offsetBytes, i);
            if (x > Float.NEGATIVE_INFINITY) {
                double distance = (double) x - centre;
                int lane = i % SUM_LANES;
                lanes[lane] += distance;
                lanes[SUM_LANES + lane] = Math.fma(distance, distance, lanes[SUM_LANES + lane]);
                count++;
            }
        }
        finishSpread(row, offsetBytes, end, n, centre, lanes, count, sums);
    }

    /// Adds up the lanes in their order, then the candidates `[from, to)`.
    static void finishSpread(MemorySegment row, long offsetBytes, int from, int to, float centre, double[] lanes,
            int count, double[] sums) {
        double sum = 0;
        double squares = 0;
        for (int lane = 0; lane < SUM_LANES; lane++) {
            sum += lanes[lane];
            squares += lanes[SUM_LANES + lane];
        }
        int counted = count;
        for (int i = from; i < to; i++) {
            float x = logit(row, offsetBytes, i);
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

    /// By a copy, and a look at what is banned: bit by bit a processor mispredicts half of them.
    @Override
    public void mask(MemorySegment row, long offsetBytes, int n, long[] allowed, float[] block,
            MemorySegment masked) {
        MemorySegment.copy(row, offsetBytes, masked, 0, (long) n << 2);
        for (int from = 0; from < n; from += Long.SIZE) {
            long banned = ~allowed[from >> 6];
            banned = n - from < Long.SIZE ? banned & (1L << n - from) - 1 : banned;
            for (; banned != 0; banned &= banned - 1) {
                long id = from + Long.numberOfTrailingZeros(banned);
                masked.set(FLOAT, id << 2, Float.NEGATIVE_INFINITY);
            }
        }
    }

    /// The maximum of `[from, to)`, or NaN if any logit there is NaN or positive infinity.
    static float maxOf(MemorySegment row, long offsetBytes, int from, int to) {
        float max = greatest(row, offsetBytes, from, to);
        return max < Float.POSITIVE_INFINITY ? max : Float.NaN;
    }

    /// [#collect] for the candidates `[from, to)`; `found` counts those before, and the result those and these.
    static int collectRange(MemorySegment row, long offsetBytes, int from, int to, float threshold, float divisor,
            long[] keys, int found) {
        for (int i = from; i < to; i++) {
            float x = logit(row, offsetBytes, i);
            if (x >= threshold) {
                if (found < keys.length) {
                    keys[found] = Keys.of(x / divisor, i);
                }
                found++;
            }
        }
        return found;
    }

    /// The weight of the candidates `[from, to)`.
    static long weighRange(MemorySegment row, long offsetBytes, int from, int to, float best, float factor) {
        long total = 0;
        for (int i = from; i < to; i++) {
            total += Weights.of(Weights.exponent(logit(row, offsetBytes, i), best, factor));
        }
        return total;
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
