package io.github.javasampler.explorer;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.List;
import java.util.Locale;

/// Keeps out what does not come from our own page: pages of other sites that a browser has open, and those that give
/// their own name our address (DNS rebinding).
final class Guard {
    private static final int FORBIDDEN = 403;
    private static final int UNSUPPORTED_MEDIA_TYPE = 415;
    private static final int DEFAULT_PORT = 80;
    private static final String JSON = "application/json";

    private static final List<String> HOSTS = List.of("127.0.0.1", "localhost", "[::1]");
    private static final String SCHEME = "http://";

    private Guard() {}

    /// What every answer says.
    static void addHeaders(Context context) {
        context.header("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; "
                + "style-src 'self' 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'");
        context.header("X-Content-Type-Options", "nosniff");
        context.header("Referrer-Policy", "no-referrer");
        context.header("Cache-Control", "no-store");
    }

    /// @throws Refusal if the request is not for us
    static void check(Context context) {
        // Of the connection itself: what the request says of its port is the client's word.
        int port = context.req().getLocalPort();
        String host = lower(context.header("Host"));
        if (!isOurs(host, "", port)) {
            throw new Refusal(FORBIDDEN, null, "the Host must be the explorer's own, got \"" + host + "\"; use the"
                    + " address that it printed");
        }
        String origin = context.header("Origin");
        if (origin != null && !isOurs(lower(origin), SCHEME, port)) {
            throw new Refusal(FORBIDDEN, null, "the Origin must be the explorer's own page, got \"" + origin + "\"");
        }
        if ("cross-site".equals(lower(context.header("Sec-Fetch-Site")))) {
            throw new Refusal(FORBIDDEN, null, "requests must come from the explorer's own page, got one of another"
                    + " site; type the address into the browser");
        }
        if (context.method() == HandlerType.POST) {
            checkBody(context);
        }
    }

    /// Browsers leave the default port out.
    private static boolean isOurs(String host, String scheme, int port) {
        String suffix = port == DEFAULT_PORT ? "" : ":" + port;
        return HOSTS.stream().anyMatch(name -> host.equals(scheme + name + suffix));
    }

    private static void checkBody(Context context) {
        String type = lower(context.contentType());
        if (!type.equals(JSON) && !type.startsWith(JSON + ";")) {
            throw new Refusal(UNSUPPORTED_MEDIA_TYPE, null, "a body must be " + JSON + ", got \"" + type + "\"");
        }
        Json.checkLength(context.req().getContentLengthLong());
    }

    private static String lower(String value) {
        return value == null ? "" : value.toLowerCase(Locale.ROOT).strip();
    }
}
