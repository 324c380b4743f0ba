package io.github.javasampler.kernel;

import static io.github.javasampler.kernel.Kernels.logit;

import java.lang.foreign.MemorySegment;

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
        boolean valid = true;
        for (int s = 0; s < strips; s++) {
            float stripMax = Float.NEGATIVE_INFINITY;
            for (int i = s * GROUP; i < (s + 1) * GROUP; i++) {
                float x = logit(row, offsetBytes, i);
                valid &= x < Float.POSITIVE_INFINITY;
                stripMax = x > stripMax ? x : stripMax;
            }
            maxima[s] = stripMax;
            max = stripMax > max ? stripMax : max;
        }
        float tailMax = maxOf(row, offsetBytes, strips * GROUP, n);
        return valid && tailMax == tailMax ? Math.max(max, tailMax) : Float.NaN;
    }

    @Override
    public int collect(MemorySegment row, long offsetBytes, int n, float[] maxima, float threshold,
            float temperature, long[] keys) {
        int strips = n / GROUP;
        int found = 0;
        for (int s = 0; s < strips; s++) {
            if (maxima[s] >= threshold) {
                found = collectRange(row, offsetBytes, s * GROUP, (s + 1) * GROUP, threshold, temperature, keys, found);
            }
        }
        return collectRange(row, offsetBytes, strips * GROUP, n, threshold, temperature, keys, found);
    }

    @Override
    public long weigh(MemorySegment row, long offsetBytes, int n, float temperature, float max, long[] blocks) {
        long total = 0;
        for (int b = 0; b < Kernels.blockCount(n); b++) {
            int end = Math.min((b + 1) * BLOCK, n);
            blocks[b] = weighRange(row, offsetBytes, b * BLOCK, end, temperature, max);
            total += blocks[b];
        }
        return total;
    }

    /// The maximum of `[from, to)`, or NaN if any logit there is NaN or positive infinity.
    static float maxOf(MemorySegment row, long offsetBytes, int from, int to) {
        float max = Float.NEGATIVE_INFINITY;
        boolean valid = true;
        for (int i = from; i < to; i++) {
            float x = logit(row, offsetBytes, i);
            valid &= x < Float.POSITIVE_INFINITY;
            max = x > max ? x : max;
        }
        return valid ? max : Float.NaN;
    }

    /// [#collect] for the candidates `[from, to)`; `found` counts those before, and the result those and these.
    static int collectRange(MemorySegment row, long offsetBytes, int from, int to, float threshold, float temperature,
            long[] keys, int found) {
        for (int i = from; i < to; i++) {
            float x = logit(row, offsetBytes, i);
            if (x >= threshold) {
                if (found < keys.length) {
                    keys[found] = Keys.of(x / temperature, i);
                }
                found++;
            }
        }
        return found;
    }

    /// The weight of the candidates `[from, to)`.
    static long weighRange(MemorySegment row, long offsetBytes, int from, int to, float temperature, float max) {
        long total = 0;
        for (int i = from; i < to; i++) {
            total += Weights.of(logit(row, offsetBytes, i) / temperature - max);
        }
        return total;
    }
}
