package io.github.javasampler.explorer;

import io.github.javasampler.explorer.TemperatureCurve.Point;
import java.util.List;

/// `POST /api/lessons/temperature`: entropy and nucleus size over temperature, of the row at a place.
final class TemperatureLesson {
    private static final double LEAST = 0.05;
    private static final double GREATEST = 5;
    private static final int POINTS = 60;

    private final Engine engine;

    TemperatureLesson(Engine engine) {
        this.engine = engine;
    }

    /// @param prompt as [Place#prompt]
    /// @param text as [Place#text]
    /// @param topP in [0, 1]
    /// @param at a further temperature to look at, in [0, 100]; may be null
    /// @param curve whether the points are wanted, too; null counts as true
    record Request(int[] prompt, int[] text, double topP, Double at, Boolean curve) {
        Request {
            Refusal.unless(topP >= 0 && topP <= 1, "topP must be in [0, 1], got ", topP);
            Refusal.unless(at == null || at >= 0 && at <= 100, "at must be a temperature in [0, 100], got ", at);
        }
    }

    /// @param points in equal steps of the logarithm, from 0.05 to 5; null if they were not wanted
    /// @param at null if it was not asked for
    record Reply(List<Point> points, Point at) {}

    Reply answer(Request request) {
        float topP = (float) request.topP;
        return engine.at(new Place(request.prompt, request.text), row -> {
            TemperatureCurve curve = new TemperatureCurve(row, topP);
            return new Reply(
                    Boolean.FALSE.equals(request.curve) ? null : curve.points(LEAST, GREATEST, POINTS),
                    request.at == null ? null : curve.at(request.at));
        });
    }
}
