package io.github.javasampler.explorer;

import io.javalin.http.Handler;
import java.util.function.Consumer;
import java.util.function.Function;

/// How an endpoint becomes a route: its request is read, its answer written.
final class Endpoint {
    private Endpoint() {}

    /// One JSON object for another.
    ///
    /// @param request a record that checks itself
    static <Q> Handler answering(Class<Q> request, Function<Q, ?> endpoint) {
        return context -> context.json(endpoint.apply(Json.read(context, request)));
    }

    /// One JSON object, and events for it.
    ///
    /// @param endpoint checks the request, so that its errors are the answer's status, and returns what sends the
    ///     events; errors of that become an event `error`
    static <Q> Handler streaming(Class<Q> request, Function<Q, Consumer<EventStream>> endpoint) {
        return context -> {
            Consumer<EventStream> work = endpoint.apply(Json.read(context, request));
            EventStream events = EventStream.open(context);
            try {
                work.accept(events);
            } catch (RuntimeException e) {
                events.send("error", new Problem(Failures.of(e).getMessage()));
            }
        };
    }

    private record Problem(String error) {}
}
