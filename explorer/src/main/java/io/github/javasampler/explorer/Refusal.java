package io.github.javasampler.explorer;

/// A request that is not answered: the message says in one sentence what must hold, what came and what to do.
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    static final String PROMPT = "prompt";
    static final String CHAIN = "chain";
    static final String TOKENS = "tokens";

    private static final int BAD_REQUEST = 400;

    private final int status;
    private final String field;

    /// @param status an HTTP status, at least 400
    /// @param field what is wrong: [#PROMPT], [#CHAIN], [#TOKENS], or null for anything else
    Refusal(int status, String field, String message) {
        super(message);
        this.status = status;
        this.field = field;
    }

    /// A bad request: status 400.
    static Refusal of(String field, String message) {
        return new Refusal(BAD_REQUEST, field, message);
    }

    /// Throws a bad request unless `holds`.
    ///
    /// @param message like `seed must be in [0, 3], got `
    static void unless(boolean holds, String message, Object got) {
        if (!holds) {
            throw of(null, message + got);
        }
    }

    int status() {
        return status;
    }

    String field() {
        return field;
    }
}
