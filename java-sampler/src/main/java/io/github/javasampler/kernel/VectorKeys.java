package io.github.javasampler.kernel;

import static io.github.javasampler.kernel.Weights.C1;
import static io.github.javasampler.kernel.Weights.C2;
import static io.github.javasampler.kernel.Weights.C3;
import static io.github.javasampler.kernel.Weights.C4;
import static io.github.javasampler.kernel.Weights.C5;
import static io.github.javasampler.kernel.Weights.C6;
import static io.github.javasampler.kernel.Weights.LOWEST_BITS;
import static io.github.javasampler.kernel.Weights.MANTISSA_BITS;
import static io.github.javasampler.kernel.Weights.ROUND_TO_INT;
import static io.github.javasampler.kernel.Weights.UNITS_PER_ONE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The loops over survivors by the Vector API, a vector of keys at once. Only for vectors that C2 can compress: see
/// [VectorCollect#COMPRESSING_LANES]. Only [KernelProvider] may touch this class.
final class VectorKeys implements KeyKernels {
    private static final VectorShape HALF = VectorShape.forBitSize(LongVector.SPECIES_PREFERRED.vectorBitSize() / 2);
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
    /// As many lanes, each half as wide.
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, HALF);
    private static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, HALF);
    private static final int LANES = LONGS.length();
    private static final int SIGN = Integer.SIZE - 1;
    private static final int MAGNITUDE = 0x7fffffff;
    /// Adding this to a double below 2^51 leaves the nearest whole number in its low bits.
    private static final double ROUND_TO_LONG = 0x1.8p52;
    private static final long LONG_BIAS = Double.doubleToRawLongBits(ROUND_TO_LONG);

    @Override
    public long weigh(long[] keys, int size, float best, float factor, long[] weights) {
        int vectorEnd = size - size % LANES;
        LongVector sum = LongVector.zero(LONGS);
        for (int i = 0; i < vectorEnd; i += LANES) {
            LongVector key = LongVector.fromArray(LONGS, keys, i);
            IntVector word = ((IntVector) key.lanewise(VectorOperators.ASHR, Integer.SIZE)
                    .convertShape(VectorOperators.L2I, INTS, 0)).not();
            FloatVector x = word.lanewise(VectorOperators.ASHR, SIGN).and(MAGNITUDE)
                    .lanewise(VectorOperators.XOR, word).reinterpretAsFloats();
            FloatVector y = FloatVector.broadcast(FLOATS, best).sub(x).mul(-factor).reinterpretAsInts()
                    .lanewise(VectorOperators.MIN, LOWEST_BITS).reinterpretAsFloats();
            FloatVector shifted = y.add(ROUND_TO_INT);
            FloatVector f = y.sub(shifted.sub(ROUND_TO_INT));
            FloatVector p = FloatVector.broadcast(FLOATS, C6)
                    .fma(f, FloatVector.broadcast(FLOATS, C5))
                    .fma(f, FloatVector.broadcast(FLOATS, C4))
                    .fma(f, FloatVector.broadcast(FLOATS, C3))
                    .fma(f, FloatVector.broadcast(FLOATS, C2))
                    .fma(f, FloatVector.broadcast(FLOATS, C1))
                    .fma(f, FloatVector.broadcast(FLOATS, 1f));
            IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
            FloatVector power = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
            LongVector weight = ((DoubleVector) power.convertShape(VectorOperators.F2D, DOUBLES, 0))
                    .mul(UNITS_PER_ONE).add(ROUND_TO_LONG).reinterpretAsLongs().sub(LONG_BIAS);
            weight.intoArray(weights, i);
            sum = sum.add(weight);
        }
        return sum.reduceLanes(VectorOperators.ADD)
                + ScalarKeys.weighRange(keys, vectorEnd, size, best, factor, weights);
    }

    @Override
    public int select(long[] keys, long[] weights, int size, long from, long to, long[] outKeys, long[] outWeights) {
        int vectorEnd = size - size % LANES;
        int count = 0;
        for (int i = 0; i < vectorEnd; i += LANES) {
            LongVector key = LongVector.fromArray(LONGS, keys, i);
            LongVector weight = LongVector.fromArray(LONGS, weights, i);
            VectorMask<Long> in = key.compare(VectorOperators.GE, from).and(key.compare(VectorOperators.LE, to));
            int inCount = in.trueCount();
            if (inCount > 0) {
                // Never writes farther than it has read.
                key.compress(in).intoArray(outKeys, count);
                weight.compress(in).intoArray(outWeights, count);
                count += inCount;
            }
        }
        return ScalarKeys.selectRange(keys, weights, vectorEnd, size, from, to, outKeys, outWeights, count);
    }
}
