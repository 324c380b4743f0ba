package io.github.javasampler.explorer;

import java.util.function.Consumer;

/// `POST /api/lessons/calibration`: [Calibration] of the model on a text.
final class CalibrationLesson {
    private static final int MIN_TOKENS = 64;
    private static final int MAX_TOKENS = 1024;
    private static final int PROGRESS_STEP = 16;

    private final Engine engine;

    CalibrationLesson(Engine engine) {
        this.engine = engine;
    }

    /// @param text of 64 to 1024 tokens
    record Request(String text) {
        Request {
            if (text == null) {
                throw Refusal.of(null, "\"text\" must be a text, got none");
            }
        }
    }

    private record Progress(int done, int of) {}

    /// Checks the text, and returns what sends the events: `progress`, and at last `done`. They end when the client has
    /// gone.
    Consumer<EventStream> prepare(Request request) {
        int[] tokens = engine.model().tokenizer().tokenize(request.text, true, false);
        int most = Math.min(MAX_TOKENS, engine.rows().contextLength());
        if (tokens.length < MIN_TOKENS || tokens.length > most) {
            throw Refusal.of(null, "the text must have " + MIN_TOKENS + " to " + most + " tokens, got " + tokens.length
                    + "; " + (tokens.length < MIN_TOKENS ? "a few sentences more will do" : "leave some of it out"));
        }
        return events -> run(tokens, events);
    }

    private void run(int[] tokens, EventStream events) {
        Calibration calibration = new Calibration(tokens, engine.vocabularySize());
        int predictions = calibration.predictions();
        engine.rows().forEach(tokens, (index, row) -> {
            calibration.add(row);
            boolean isDue = calibration.done() % PROGRESS_STEP == 0 && calibration.done() < predictions;
            return !isDue || events.send("progress", new Progress(calibration.done(), predictions));
        });
        if (calibration.done() == predictions && !events.isGone()) {
            events.send("progress", new Progress(predictions, predictions));
            events.send("done", calibration.result());
        }
    }
}
