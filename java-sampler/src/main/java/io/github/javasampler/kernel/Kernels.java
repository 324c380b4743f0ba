package io.github.javasampler.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The loops over a row: `n` floats in native byte order at `offsetBytes` of a segment, read where they lie.
///
/// Every implementation gives the same result to the bit. None allocates, none writes to the row, and the caller has
/// checked that the row holds `n` floats.
public interface Kernels {
    /// Rows need not be aligned: a view into a file or a packet may start anywhere.
    ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /// Candidates per entry of the block sums that [#weigh] stores.
    int BLOCK = 1024;

    /// Vectors per group of maxima; see [#scan].
    int GROUP = 8;

    /// What these are, for the log and for `doctor`: `vector kernels: 512 bits`.
    String describe();

    /// Candidates handled at once. A *strip* is `GROUP * lanes()` candidates: lane `j` of its maxima stands for the
    /// candidates `j, j + lanes(), j + 2 * lanes() ...` of the strip.
    int lanes();

    /// The first pass: stores the maxima of all whole strips, `lanes()` each, and returns the maximum of the row,
    /// negative infinity if nothing is above it, or NaN if any logit is NaN or positive infinity.
    float scan(MemorySegment row, long offsetBytes, int n, float[] maxima);

    /// Finds the candidates of at least `threshold`, a raw logit, in order of id. Their keys carry the logit divided
    /// by `temperature`. As many as fit are stored; the result counts all, so the caller can come back with more room.
    int collect(MemorySegment row, long offsetBytes, int n, float[] maxima, float threshold, float temperature,
            long[] keys);

    /// Stores the sum of the weights `exp(logit / temperature - max)` of each block and returns the total.
    ///
    /// @param max the maximum, already divided by `temperature`
    long weigh(MemorySegment row, long offsetBytes, int n, float temperature, float max, long[] blocks);

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
