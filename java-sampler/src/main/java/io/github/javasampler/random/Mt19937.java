package io.github.javasampler.random;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/// The 32-bit Mersenne Twister and the uniform draw that libstdc++ makes of it, so that a seed gives llama.cpp's
/// tokens.
///
/// Source: Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random number
/// generator", ACM TOMACS 8 (1998); the C++ standard's `std::mt19937` (its 10,000th output of seed 5489 is 4123659995).
public final class Mt19937 {
    private static final int N = 624;
    private static final int M = 397;
    private static final double LARGEST_BELOW_ONE = Math.nextDown(1.0);
    private static final float LARGEST_FLOAT_BELOW_ONE = Math.nextDown(1f);

    private final int[] state = new int[N];
    private int next;

    /// @param seed the 32 bits of the seed
    public Mt19937(int seed) {
        seed(seed);
    }

    private Mt19937(Mt19937 source) {
        System.arraycopy(source.state, 0, state, 0, N);
        next = source.next;
    }

    /// Starts the sequence of `seed` from its beginning.
    public void seed(int seed) {
        state[0] = seed;
        for (int i = 1; i < N; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
        next = N;
    }

    /// A generator that continues exactly where this one stands.
    public Mt19937 copy() {
        return new Mt19937(this);
    }

    /// Writes where the generator stands: the position in [0, 624], then 624 words.
    public void save(DataOutput out) throws IOException {
        out.writeInt(next);
        for (int word : state) {
            out.writeInt(word);
        }
    }

    /// Continues where the generator stood that was saved.
    ///
    /// @throws IOException if `in` ends too early or holds no such position
    public void restore(DataInput in) throws IOException {
        int position = in.readInt();
        if (position < 0 || position > N) {
            throw new IOException("the position of a random generator must be in [0, " + N + "], got " + position);
        }
        for (int i = 0; i < N; i++) {
            state[i] = in.readInt();
        }
        next = position;
    }

    /// The next 32 bits.
    public int nextInt() {
        if (next == N) {
            twist();
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >>> 18);
    }

    /// A uniform double in [0, 1), as `std::uniform_real_distribution<double>` of libstdc++ draws it: two outputs, the
    /// first is the low word, added in double precision.
    public double nextDouble() {
        double low = Integer.toUnsignedLong(nextInt());
        double high = Integer.toUnsignedLong(nextInt());
        double u = (low + high * 0x1p32) * 0x1p-64;
        return u < 1.0 ? u : LARGEST_BELOW_ONE;
    }

    /// A uniform float in [0, 1), as `std::uniform_real_distribution<float>` of libstdc++ draws it: one output,
    /// rounded.
    public float nextFloat() {
        float u = (float) Integer.toUnsignedLong(nextInt()) * 0x1p-32f;
        return u < 1f ? u : LARGEST_FLOAT_BELOW_ONE;
    }

    private void twist() {
        for (int i = 0; i < N; i++) {
            int y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
            state[i] = state[(i + M) % N] ^ (y >>> 1) ^ (-(y & 1) & 0x9908b0df);
        }
        next = 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Mt19937 that && next == that.next && Arrays.equals(state, that.state);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(state) + next;
    }
}
