package io.github.javasampler.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.javasampler.explorer.TemperatureCurve.Point;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class TemperatureCurveTest {
    /// Tokens of 50, 30 and 20 %.
    private static final MemorySegment ROW = MemorySegment.ofArray(new float[] {
        (float) StrictMath.log(0.5), (float) StrictMath.log(0.3), (float) StrictMath.log(0.2)});

    @Test
    void atOneItIsTheRowItself() {
        Point point = new TemperatureCurve(ROW, 0.7f).at(1);
        assertThat(point.entropyBits()).isCloseTo(1.485475, offset(1e-5));
        assertThat(point.effectiveVocabulary()).isCloseTo(2.8, offset(1e-3));
        assertThat(point.nucleus()).isEqualTo(2);
    }

    @Test
    void atTwoItIsTheSquareRoots() {
        // sqrt of 0.5, 0.3 and 0.2 are 0.415, 0.322 and 0.263 of their sum.
        Point point = new TemperatureCurve(ROW, 0.75f).at(2);
        assertThat(point.entropyBits()).isCloseTo(1.559515, offset(1e-5));
        assertThat(point.nucleus()).isEqualTo(3);
    }

    @Test
    void atZeroOneTokenIsLeft() {
        assertThat(new TemperatureCurve(ROW, 0.9f).at(0)).isEqualTo(new Point(0, 0, 1, 1));
    }

    @Test
    void theEntropyGrowsWithTheTemperature() {
        List<Point> points = new TemperatureCurve(ROW, 1).points(0.05, 5, 60);
        assertThat(points).hasSize(60).isSortedAccordingTo(Comparator.comparingDouble(Point::entropyBits))
                .allMatch(point -> point.entropyBits() <= StrictMath.log(3) / StrictMath.log(2) + 1e-5);
        assertThat(points.getFirst().temperature()).isEqualTo(0.05);
        assertThat(points.getLast().temperature()).isCloseTo(5, offset(1e-9));
        assertThat(points.getLast().nucleus()).isEqualTo(3);
    }
}
