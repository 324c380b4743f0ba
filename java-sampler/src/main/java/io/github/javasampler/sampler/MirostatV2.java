package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Picker;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// Mirostat 2: keeps the surprise of the chosen tokens near `tau`. It drops the candidates whose surprise, `-log2 p`,
/// exceeds the running bound `mu`, draws, and moves `mu` by `eta` times the error.
///
/// **Properties**: picks. A draw from a single candidate takes no random number, and `mu` moves with every row.
/// **Source**: Basu et al., "Mirostat", arXiv 2007.14966; `mirostat_v2` of llama.cpp.
public final class MirostatV2 extends EqualByText implements Picker {
    private final SurpriseControl control;

    /// @param tau the surprise to aim at, in bits
    /// @param eta how fast `mu` learns
    /// @param seed in [0, 4294967294]
    public MirostatV2(float tau, float eta, long seed) {
        this(new SurpriseControl(tau, eta, seed));
    }

    private MirostatV2(SurpriseControl control) {
        this.control = control;
    }

    /// The surprise to aim at, in bits.
    public float tau() {
        return control.tau();
    }

    /// How fast `mu` learns.
    public float eta() {
        return control.eta();
    }

    /// The seed, in [0, 4294967294].
    public long seed() {
        return control.seed();
    }

    @Override
    public String name() {
        return "mirostat-v2";
    }

    @Override
    public void apply(Candidates candidates) {
        candidates.keepSurprise(control.mu());
        control.pick(candidates);
    }

    @Override
    public void reset() {
        control.reset();
    }

    @Override
    public MirostatV2 fork() {
        return new MirostatV2(control.copy());
    }

    @Override
    public void save(DataOutput out) throws IOException {
        control.save(out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        control.restore(in);
    }

    @Override
    public String toString() {
        return "mirostat_v2=" + tau() + ":" + eta() + ":" + seed();
    }
}
