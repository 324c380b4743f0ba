package io.github.javasampler.kernel;

import static io.github.javasampler.kernel.Kernels.GROUP;
import static io.github.javasampler.kernel.Vectors.LANES;
import static io.github.javasampler.kernel.Vectors.SPECIES;
import static io.github.javasampler.kernel.Vectors.STRIP;
import static io.github.javasampler.kernel.Vectors.VECTOR_BYTES;
import static io.github.javasampler.kernel.Vectors.load;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// The first pass over a row and what follows from its maxima.
///
/// Maxima go by compare and blend: `FloatVector.max` keeps Java's rules for NaN and -0 and takes twice as long. Four
/// loads stand in a loop, not eight: where a program has rows on and off the heap each is compiled twice.
final class VectorMaxima {
    private VectorMaxima() {}

    static float scan(MemorySegment row, long offsetBytes, int n, float[] block, float[] maxima) {
        int strips = n / STRIP;
        FloatVector lowest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        FloatVector max = lowest;
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int s = 0; s < strips; s++) {
            long at = offsetBytes + ((long) s * STRIP << 2);
            FloatVector stripMax = lowest;
            for (int v = 0; v < GROUP; v += 4) {
                FloatVector a = load(row, at + v * VECTOR_BYTES);
                FloatVector b = load(row, at + v * VECTOR_BYTES + VECTOR_BYTES);
                FloatVector c = load(row, at + v * VECTOR_BYTES + 2 * VECTOR_BYTES);
                FloatVector d = load(row, at + v * VECTOR_BYTES + 3 * VECTOR_BYTES);
                stripMax = greater(stripMax, greater(greater(a, b), greater(c, d)));
                sum = sum.add(a.add(b).add(c.add(d)));
            }
            stripMax.intoArray(maxima, s * LANES);
            max = greater(max, stripMax);
        }
        // NaN and +inf make the sum NaN or +inf. Huge logits and -inf beside +inf can too, so it is only a suspicion.
        if (!(sum.reduceLanes(VectorOperators.ADD) < Float.POSITIVE_INFINITY)) {
            return ScalarKernels.maxOf(row, offsetBytes, 0, n, block);
        }
        float tailMax = ScalarKernels.maxOf(row, offsetBytes, strips * STRIP, n, block);
        return Math.max(max.reduceLanes(VectorOperators.MAX), tailMax);
    }

    static int fold(float[] maxima, int count, float[] folded) {
        int groups = count / STRIP;
        for (int g = 0; g < groups; g++) {
            FloatVector max = FloatVector.fromArray(SPECIES, maxima, g * STRIP);
            for (int v = 1; v < GROUP; v++) {
                max = greater(max, FloatVector.fromArray(SPECIES, maxima, g * STRIP + v * LANES));
            }
            max.intoArray(folded, g * LANES);
        }
        return groups * LANES;
    }

    static int countAtLeast(float[] values, int count, float threshold) {
        int end = count - count % LANES;
        int found = 0;
        for (int i = 0; i < end; i += LANES) {
            found += FloatVector.fromArray(SPECIES, values, i).compare(VectorOperators.GE, threshold).trueCount();
        }
        return found + ScalarKernels.countAtLeast(values, end, count, threshold);
    }

    private static FloatVector greater(FloatVector a, FloatVector b) {
        return a.blend(b, b.compare(VectorOperators.GT, a));
    }
}
