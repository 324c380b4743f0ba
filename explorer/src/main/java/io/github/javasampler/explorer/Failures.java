package io.github.javasampler.explorer;

import io.github.javasampler.InvalidLogitsException;
import io.github.javasampler.InvalidSettingException;
import io.github.javasampler.SamplingException;
import io.github.javasampler.llama.ContextOverflowException;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.NotFoundResponse;

/// What a client is told of an exception.
final class Failures {
    private static final int INTERNAL_ERROR = 500;

    private Failures() {}

    private record Reply(String error, String field) {}

    /// Answers a request that has failed.
    static void answer(Exception e, Context context) {
        Refusal refusal = of(e);
        context.status(refusal.status()).json(new Reply(refusal.getMessage(), refusal.field()));
    }

    /// Says what is wrong with a request; what is wrong with us goes to stderr, too, in one line.
    static Refusal of(Exception e) {
        return switch (e) {
            case Refusal it -> it;
            case InvalidSettingException it -> Refusal.of(Refusal.CHAIN, it.getMessage());
            case InvalidLogitsException it -> Refusal.of(null, it.getMessage());
            case SamplingException it -> Refusal.of(Refusal.CHAIN, it.getMessage());
            case ContextOverflowException it -> Refusal.of(Refusal.PROMPT, it.getMessage());
            case NotFoundResponse it -> new Refusal(it.getStatus(), null, "there is nothing at this address");
            case HttpResponseException it -> new Refusal(it.getStatus(), null, it.getMessage());
            default -> {
                System.err.println("explorer: " + e.toString().replaceAll("\\s*\\R\\s*", "; "));
                yield new Refusal(INTERNAL_ERROR, null, "this must not happen, and did: " + e + "; please report it");
            }
        };
    }
}
