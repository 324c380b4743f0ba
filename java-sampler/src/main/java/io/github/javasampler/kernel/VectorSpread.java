package io.github.javasampler.kernel;

import static io.github.javasampler.kernel.Kernels.SUM_LANES;
import static io.github.javasampler.kernel.Vectors.LANES;
import static io.github.javasampler.kernel.Vectors.load;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Sums of logits and of their squares, in doubles.
final class VectorSpread {
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

    private VectorSpread() {}

    /// Each column of lanes has a loop of its own, so that sums run in [#SUM_LANES] lanes at every width.
    static void spread(MemorySegment row, long offsetBytes, int n, float centre, float[] block, double[] lanes,
            double[] sums) {
        int end = n - n % SUM_LANES;
        int count = end;
        for (int column = 0; column < SUM_LANES; column += LANES) {
            count -= spreadColumn(row, offsetBytes, column, end, centre, lanes);
        }
        ScalarKernels.finishSpread(row, offsetBytes, end, n, centre, block, lanes, count, sums);
    }

    /// Returns how many logits are negative infinity.
    private static int spreadColumn(MemorySegment row, long offsetBytes, int column, int end, float centre,
            double[] lanes) {
        DoubleVector sumLow = DoubleVector.zero(DOUBLES);
        DoubleVector sumHigh = sumLow;
        DoubleVector squaresLow = sumLow;
        DoubleVector squaresHigh = sumLow;
        int infinite = 0;
        for (int i = column; i < end; i += SUM_LANES) {
            FloatVector x = load(row, offsetBytes + ((long) i << 2));
            VectorMask<Float> banned = x.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY);
            if (banned.anyTrue()) {
                infinite += banned.trueCount();
                x = x.blend(centre, banned);
            }
            DoubleVector low = ((DoubleVector) x.convert(VectorOperators.F2D, 0)).sub(centre);
            DoubleVector high = ((DoubleVector) x.convert(VectorOperators.F2D, 1)).sub(centre);
            sumLow = sumLow.add(low);
            sumHigh = sumHigh.add(high);
            squaresLow = low.fma(low, squaresLow);
            squaresHigh = high.fma(high, squaresHigh);
        }
        sumLow.intoArray(lanes, column);
        sumHigh.intoArray(lanes, column + LANES / 2);
        squaresLow.intoArray(lanes, SUM_LANES + column);
        squaresHigh.intoArray(lanes, SUM_LANES + column + LANES / 2);
        return infinite;
    }
}
