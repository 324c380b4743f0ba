package io.github.javasampler.explorer;

import io.javalin.http.Context;
import io.javalin.http.sse.SseClient;

/// An answer that comes in server-sent events. For one thread.
final class EventStream {
    private final SseClient client;

    private EventStream(SseClient client) {
        this.client = client;
    }

    /// Begins the answer.
    static EventStream open(Context context) {
        context.contentType("text/event-stream; charset=utf-8");
        return new EventStream(new SseClient(context));
    }

    /// Sends an event with an object as JSON, at once.
    ///
    /// @return whether the client is still there; it may have gone without a trace yet
    boolean send(String name, Object data) {
        if (!client.terminated()) {
            client.sendEvent(name, Json.text(data));
        }
        return !client.terminated();
    }

    /// Whether the client is known to have gone: nothing that is sent arrives any more.
    boolean isGone() {
        return client.terminated();
    }
}
