package io.github.javasampler.explorer;

import io.github.javasampler.Logprob;
import io.github.javasampler.Logprobs;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.llama.StopReason;
import io.github.javasampler.sampler.Distribution;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// `POST /api/generate`: goes on with a text, token by token.
///
/// One session draws all tokens, so those of a prompt without a text are the ones of `sampler generate` with this chain
/// and seed. Other requests have their turn between two tokens.
final class Generate {
    private static final int MAX_TOKENS = 512;
    private static final int MAX_ALTERNATIVES = 10;

    private final Engine engine;

    Generate(Engine engine) {
        this.engine = engine;
    }

    /// @param seed in [0, 4294967294]
    /// @param max how many tokens at most, in [1, 512]
    /// @param alternatives how many of the best are named beside each, in [0, 10]
    record Request(int[] prompt, int[] text, String chain, Long seed, Integer max, Integer alternatives) {
        Request {
            Chain.checkSeed(seed);
            Refusal.unless(max != null && max >= 1 && max <= MAX_TOKENS,
                    "max must be in [1, " + MAX_TOKENS + "], got ", max);
            Refusal.unless(alternatives != null && alternatives >= 0 && alternatives <= MAX_ALTERNATIVES,
                    "alternatives must be in [0, " + MAX_ALTERNATIVES + "], got ", alternatives);
        }

        Place place() {
            return new Place(prompt, text);
        }
    }

    /// @param p in the model's own distribution
    record Alternative(int id, String text, double p) {}

    /// @param raw its probability in the model's own distribution
    /// @param after its probability after the chain
    record Drawn(Token token, double raw, double after, List<Alternative> alternatives) {}

    record Done(String stop) {}

    Consumer<EventStream> prepare(Request request) {
        Place place = request.place();
        SamplerSession session =
                engine.session(place, Chain.parse(request.chain).with(new Distribution(request.seed)));
        return events -> {
            StopReason stop = run(place, session, request, events);
            events.send("done", new Done(stop.name().toLowerCase(Locale.ROOT)));
        };
    }

    private StopReason run(Place start, SamplerSession session, Request request, EventStream events) {
        Place place = start;
        for (int count = 1; !engine.rows().isClosed(); count++) {
            Drawn drawn = engine.at(place, row -> draw(row, session, request.alternatives));
            int token = drawn.token.id();
            if (engine.model().tokenizer().isEndOfGeneration(token)) {
                return StopReason.END_OF_GENERATION;
            }
            if (!events.send("token", drawn)) {
                return StopReason.CANCELLED;
            }
            if (count == request.max) {
                return StopReason.MAX_TOKENS;
            }
            if (place.length() == engine.rows().contextLength()) {
                return StopReason.CONTEXT_FULL;
            }
            place = place.then(token);
        }
        return StopReason.CANCELLED;
    }

    private Drawn draw(MemorySegment row, SamplerSession session, int alternatives) {
        int token = session.sample(row);
        double after = session.survivorLogprobs(0, token).asked().getFirst().probability();
        Logprobs raw = session.logprobs(row, alternatives, token);
        return new Drawn(engine.token(token), raw.asked().getFirst().probability(), after,
                raw.top().stream().map(this::alternative).toList());
    }

    private Alternative alternative(Logprob it) {
        return new Alternative(it.id(), engine.token(it.id()).text(), it.probability());
    }
}
