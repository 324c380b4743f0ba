package io.github.javasampler.kernel;

import java.lang.foreign.MemorySegment;

/// The kernels by the Vector API, at the width the CPU prefers: a file for each family. Only [KernelProvider] may touch
/// this class: it does not link without the module `jdk.incubator.vector`.
final class VectorKernels implements Kernels {
    @Override
    public String describe() {
        return "vector kernels: " + Vectors.SPECIES.vectorBitSize() + " bits";
    }

    @Override
    public int lanes() {
        return Vectors.LANES;
    }

    @Override
    public float scan(MemorySegment row, long offsetBytes, int n, float[] block, float[] maxima) {
        return VectorMaxima.scan(row, offsetBytes, n, block, maxima);
    }

    @Override
    public int fold(float[] maxima, int count, float[] folded) {
        return VectorMaxima.fold(maxima, count, folded);
    }

    @Override
    public int countAtLeast(float[] values, int count, float threshold) {
        return VectorMaxima.countAtLeast(values, count, threshold);
    }

    @Override
    public int collect(MemorySegment row, long offsetBytes, int n, float[] maxima, float threshold, float divisor,
            float[] block, long[] keys) {
        return VectorCollect.collect(row, offsetBytes, n, maxima, threshold, divisor, block, keys);
    }

    @Override
    public long weigh(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] block,
            long[] blocks) {
        return VectorWeights.weigh(row, offsetBytes, n, best, factor, block, blocks);
    }

    @Override
    public double estimate(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] block,
            double[] blocks) {
        return VectorWeights.estimate(row, offsetBytes, n, best, factor, block, blocks);
    }

    @Override
    public double estimateError() {
        return VectorWeights.ESTIMATE_ERROR;
    }

    @Override
    public void weighMoments(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] block,
            long[] blocks, Moments moments) {
        VectorWeights.weighMoments(row, offsetBytes, n, best, factor, block, blocks, moments);
    }

    @Override
    public void powers(MemorySegment row, long offsetBytes, int from, int to, float best, float factor,
            float[] powers) {
        VectorWeights.powers(row, offsetBytes, from, to, best, -factor, powers);
    }

    @Override
    public long weighPowers(float[] powers, int from, int to) {
        return VectorWeights.weighPowers(powers, from, to);
    }

    @Override
    public void spread(MemorySegment row, long offsetBytes, int n, float centre, float[] block, double[] lanes,
            double[] sums) {
        VectorSpread.spread(row, offsetBytes, n, centre, block, lanes, sums);
    }

    @Override
    public boolean takeLogits(MemorySegment records, long offsetBytes, int n, float[] logits) {
        return VectorRecords.takeLogits(records, offsetBytes, n, logits);
    }

    @Override
    public void mask(MemorySegment row, long offsetBytes, int n, long[] allowed, float[] block,
            MemorySegment masked) {
        VectorBan.mask(row, offsetBytes, n, allowed, block, masked);
    }
}
