package io.github.javasampler.kernel;

import java.util.Arrays;

/// What [Kernels#weighMoments] finds in a row: sums over `2^y`, where `y` is how many bits a candidate lies below the
/// best. Entropy and varentropy are made of them.
public final class Moments {
    private final float[] powers = new float[Kernels.BLOCK];
    private final float[] lanes = new float[Kernels.SUM_LANES];
    private long total;
    private long first;
    private double second;

    /// The sum of the weights.
    public long total() {
        return total;
    }

    /// The sum of the [Weights#moment]s, `2^y * y`.
    public long first() {
        return first;
    }

    /// The sum of `2^y * y^2`, with 1 as the unit: of floats within a block and of doubles beyond, in one order.
    public double second() {
        return second;
    }

    /// Takes one candidate's part for another's.
    public void replace(float y, float by) {
        total += Weights.of(by) - Weights.of(y);
        first += Weights.moment(by) - Weights.moment(y);
        second += (Weights.square(by) - Weights.square(y)) / (double) Weights.UNITS_PER_ONE;
    }

    void clear() {
        total = 0;
        first = 0;
        second = 0;
        Arrays.fill(lanes, 0);
    }

    /// Room for the powers of a block.
    float[] powers() {
        return powers;
    }

    /// The running sums of `2^y * y^2` within a block, by id.
    float[] lanes() {
        return lanes;
    }

    void add(long weights, long moments) {
        total += weights;
        first += moments;
    }

    /// Takes in what is in the lanes.
    void endBlock() {
        double sum = 0;
        for (float lane : lanes) {
            sum += lane;
        }
        second += sum;
        Arrays.fill(lanes, 0);
    }
}
