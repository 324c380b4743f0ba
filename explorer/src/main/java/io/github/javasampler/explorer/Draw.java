package io.github.javasampler.explorer;

import io.github.javasampler.random.Mt19937;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// `POST /api/draw`: one draw, and where its uniform number falls.
final class Draw {
    private static final int MAX_PIECES = 60;
    private static final int MERGED = -1;

    private final Engine engine;

    Draw(Engine engine) {
        this.engine = engine;
    }

    /// @param seed in [0, 4294967294]
    record Request(int[] prompt, int[] text, String chain, Long seed) {
        Request {
            Chain.checkSeed(seed);
        }

        Place place() {
            return new Place(prompt, text);
        }
    }

    /// A piece of the cumulative bar, of one token, or of neighbours that are merged: then the id is -1.
    record Piece(int id, String text, double from, double to) {}

    /// @param uniform in [0, 1): the first number that the picker of the seed draws
    /// @param p the token's probability after the chain; it lies from `from` to `to` on the bar
    /// @param bar in the order in which the engine adds up
    record Reply(double uniform, Token token, double p, double from, double to, List<Piece> bar) {}

    Reply answer(Request request) {
        Place place = request.place();
        Chain chain = Chain.parse(request.chain);
        return engine.at(place, row -> draw(row, place, chain, request.seed));
    }

    private Reply draw(MemorySegment row, Place place, Chain chain, long seed) {
        // What Distribution draws for this seed.
        double uniform = new Mt19937((int) seed).nextDouble();
        Observer observer = new Observer(candidates -> candidates.draw(uniform));
        int token = engine.session(place, chain.with(observer)).draw(row, 0);
        double[] ends = new double[observer.count()];
        double sum = 0;
        int drawn = 0;
        for (int i = 0; i < ends.length; i++) {
            sum += observer.probability(i);
            ends[i] = sum;
            drawn = observer.id(i) == token ? i : drawn;
        }
        return new Reply(uniform, engine.token(token), observer.probability(drawn),
                drawn == 0 ? 0 : ends[drawn - 1], ends[drawn], bar(observer, ends, drawn));
    }

    private List<Piece> bar(Observer observer, double[] ends, int drawn) {
        boolean[] single = new boolean[ends.length];
        single[drawn] = true;
        int left = MAX_PIECES - 1;
        for (int index : RawRow.best(observer.probabilities(), MAX_PIECES)) {
            if (left > 0 && !single[index]) {
                single[index] = true;
                left--;
            }
        }
        List<Piece> bar = new ArrayList<>();
        for (int i = 0; i < ends.length; i++) {
            double from = i == 0 ? 0 : ends[i - 1];
            if (single[i]) {
                bar.add(new Piece(observer.id(i), engine.token(observer.id(i)).text(), from, ends[i]));
            } else if (!bar.isEmpty() && bar.getLast().id == MERGED) {
                bar.add(new Piece(MERGED, "", bar.removeLast().from, ends[i]));
            } else {
                bar.add(new Piece(MERGED, "", from, ends[i]));
            }
        }
        return bar;
    }
}
