package io.github.javasampler.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The loops over a row: `n` floats in native byte order at `offsetBytes` of a segment, read where they lie.
///
/// Every implementation gives the same result to the bit. None allocates, none writes to the row, and the caller has
/// checked that the row holds `n` floats, and lends a `block` of [#BLOCK] floats, which may be overwritten.
public interface Kernels {
    /// Rows need not be aligned: a view into a file or a packet may start anywhere.
    ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /// A candidate that somebody else keeps: an `int` id, a `float` logit and a `float` probability, without padding.
    int RECORD_BYTES = 12;

    /// Candidates per entry of the block sums that [#weigh] stores.
    int BLOCK = 1024;

    /// Vectors per group of maxima, and groups per folded maximum; see [#scan] and [#fold].
    int GROUP = 8;

    /// Sums of floats and doubles run in this many lanes, by id, however wide the vectors are: their order is one.
    int SUM_LANES = 16;

    /// How many units an estimated weight may be off by, besides [#estimateError]: half of one is a true weight's
    /// rounding.
    double ESTIMATE_UNITS = 1.5;

    /// What these are, for the log and for `doctor`: `vector kernels: 512 bits`.
    String describe();

    /// Candidates handled at once. A *strip* is `GROUP * lanes()` candidates: lane `j` of its maxima stands for the
    /// candidates `j, j + lanes(), j + 2 * lanes() ...` of the strip.
    int lanes();

    /// The first pass: stores the maxima of all whole strips, `lanes()` each, and returns the maximum of the row,
    /// negative infinity if nothing is above it, or NaN if any logit is NaN or positive infinity.
    float scan(MemorySegment row, long offsetBytes, int n, float[] block, float[] maxima);

    /// Stores the maxima of every [#GROUP] maxima, and returns how many it stored; what is left over is left out.
    int fold(float[] maxima, int count, float[] folded);

    /// How many of the first `count` values are at least `threshold`; NaN is not.
    int countAtLeast(float[] values, int count, float threshold);

    /// Finds the candidates of at least `threshold`, a raw logit, in order of id. Their keys carry the logit divided
    /// by `divisor`. As many as fit are stored; the result counts all, so the caller can come back with more room.
    int collect(MemorySegment row, long offsetBytes, int n, float[] maxima, float threshold, float divisor,
            float[] block, long[] keys);

    /// Stores the sum of the weights `2^((logit - best) * factor)` of each [#BLOCK] and returns the total.
    long weigh(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] block, long[] blocks);

    /// About what [#weigh] stores and returns, in the same unit, but sooner. Any sum of blocks is within
    /// [#estimateError] of the true one, relative to itself, and [#ESTIMATE_UNITS] for each candidate.
    double estimate(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] block,
            double[] blocks);

    /// How far an estimate may be off; 0 if it never is.
    double estimateError();

    /// Like [#weigh], and finds the moments.
    void weighMoments(MemorySegment row, long offsetBytes, int n, float best, float factor, float[] block,
            long[] blocks, Moments moments);

    /// Stores the powers `2^((logit - best) * factor)` of the candidates `[from, to)`, before they are rounded to
    /// weights.
    void powers(MemorySegment row, long offsetBytes, int from, int to, float best, float factor, float[] powers);

    /// The sum of the weights of the powers `[from, to)`.
    long weighPowers(float[] powers, int from, int to);

    /// Stores how many logits are above negative infinity, the sum of their distances from `centre` and the sum of the
    /// squares of those, in doubles.
    ///
    /// @param lanes room for twice [#SUM_LANES] sums; overwritten
    /// @param sums the three results
    void spread(MemorySegment row, long offsetBytes, int n, float centre, float[] block, double[] lanes,
            double[] sums);

    /// Takes the logits out of `n` records of [#RECORD_BYTES], and returns whether the id of each is its place.
    boolean takeLogits(MemorySegment records, long offsetBytes, int n, float[] logits);

    /// Copies a row, with negative infinity for the candidates that are not allowed.
    ///
    /// @param allowed a bit for each candidate, the first as the lowest of the first word; at least `n` in all
    /// @param masked room for `n` floats; may be the row itself, at offset 0
    void mask(MemorySegment row, long offsetBytes, int n, long[] allowed, float[] block, MemorySegment masked);

    /// How many maxima [#scan] stores for a row of `n`.
    default int maximaCount(int n) {
        return n / (GROUP * lanes()) * lanes();
    }

    /// How many sums [#weigh] stores for a row of `n`.
    static int blockCount(int n) {
        return (n + BLOCK - 1) / BLOCK;
    }

    /// The logit of candidate `id`.
    static float logit(MemorySegment row, long offsetBytes, int id) {
        return row.get(FLOAT, offsetBytes + ((long) id << 2));
    }
}
