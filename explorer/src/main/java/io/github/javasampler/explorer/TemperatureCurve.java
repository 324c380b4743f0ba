package io.github.javasampler.explorer;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.sampler.Temperature;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// How the entropy of one row, and the number of tokens that top-p keeps of it, change with the temperature. For one
/// thread.
final class TemperatureCurve {
    private static final double LN_2 = StrictMath.log(2);

    private final MemorySegment row;
    private final Heat heat = new Heat();
    private final SamplerSession session;

    /// @param row the logits
    /// @param topP in [0, 1]
    TemperatureCurve(MemorySegment row, float topP) {
        this.row = row;
        session = SamplerChain.builder().stage(heat).topP(topP).greedy()
                .newSession(Math.toIntExact(row.byteSize() / Float.BYTES));
    }

    /// One temperature.
    ///
    /// @param entropyBits of all tokens
    /// @param effectiveVocabulary `2^entropyBits`
    /// @param nucleus how many tokens top-p keeps after the temperature
    record Point(double temperature, double entropyBits, double effectiveVocabulary, int nucleus) {}

    /// Points in equal steps of the temperature's logarithm.
    ///
    /// @param least greater than 0
    /// @param greatest greater than the least
    /// @param count at least 2
    List<Point> points(double least, double greatest, int count) {
        List<Point> points = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            points.add(at(least * StrictMath.pow(greatest / least, i / (count - 1.0))));
        }
        return points;
    }

    /// One point.
    ///
    /// @param temperature at least 0 and finite; at 0 there is one token left and no entropy
    Point at(double temperature) {
        heat.stage = new Temperature((float) temperature);
        session.draw(row, 0);
        double bits = Math.max(heat.nats, 0) / LN_2;
        return new Point(temperature, bits, StrictMath.pow(2, bits), session.kept());
    }

    /// A temperature that can be changed, and notes the entropy that it leaves. It is its own fork, so that one session
    /// serves for all points.
    private static final class Heat implements Sampler {
        private Temperature stage;
        private double nats;

        @Override
        public String name() {
            return "heat";
        }

        @Override
        public void apply(Candidates candidates) {
            stage.apply(candidates);
            nats = candidates.entropy();
        }
    }
}
