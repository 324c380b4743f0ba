package io.github.javasampler.explorer;

import io.github.javasampler.Candidates;
import io.github.javasampler.random.Mt19937;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/// `POST /api/draws`: many draws from one state of the candidates, and how well their counts fit.
final class Draws {
    private static final int MAX_COUNT = 10_000;
    private static final int STEP = 100;

    private final Engine engine;

    Draws(Engine engine) {
        this.engine = engine;
    }

    /// @param seed in [0, 4294967294]
    /// @param count in [1, 10000]
    record Request(int[] prompt, int[] text, String chain, Long seed, Integer count) {
        Request {
            Chain.checkSeed(seed);
            Refusal.unless(count != null && count >= 1 && count <= MAX_COUNT,
                    "count must be in [1, " + MAX_COUNT + "], got ", count);
        }

        Place place() {
            return new Place(prompt, text);
        }
    }

    /// @param counts how often a token was drawn, by its id
    record Counts(int drawn, Map<Integer, Integer> counts) {}

    /// @param pValue how probable a worse fit is if the counts are what they should be
    /// @param bins of tokens, the improbable ones in one
    record Done(int drawn, Map<Integer, Integer> counts, double chiSquare, int degrees, double pValue, int bins) {}

    Consumer<EventStream> prepare(Request request) {
        Place place = request.place();
        Chain chain = Chain.parse(request.chain);
        // Whatever is wrong with the chain shows before the answer begins.
        engine.at(place, row -> engine.session(place, chain.with(new Observer())).draw(row, 0));
        return events -> engine.at(place, row -> draw(row, place, chain, request, events));
    }

    private Done draw(MemorySegment row, Place place, Chain chain, Request request, EventStream events) {
        Map<Integer, Integer> counts = new TreeMap<>();
        Observer observer = new Observer(candidates -> count(candidates, request, counts, events));
        engine.session(place, chain.with(observer)).draw(row, 0);
        Fit fit = Fit.of(observer, counts);
        Done done = new Done(request.count, counts, fit.chiSquare(), fit.degrees(), fit.pValue(), fit.bins());
        events.send("done", done);
        return done;
    }

    /// Returns the token of the last draw.
    private static int count(Candidates candidates, Request request, Map<Integer, Integer> counts,
            EventStream events) {
        Mt19937 random = new Mt19937(request.seed.intValue());
        int token = Candidates.NONE;
        for (int drawn = 1; drawn <= request.count && !events.isGone(); drawn++) {
            token = candidates.draw(random.nextDouble());
            counts.merge(token, 1, Integer::sum);
            if (isShown(drawn) && drawn < request.count) {
                events.send("counts", new Counts(drawn, counts));
            }
        }
        return token == Candidates.NONE ? candidates.argmax() : token;
    }

    private static boolean isShown(int drawn) {
        return drawn == 10 || drawn == 20 || drawn == 50 || drawn % STEP == 0;
    }
}
