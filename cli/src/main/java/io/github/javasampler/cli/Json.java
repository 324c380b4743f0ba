package io.github.javasampler.cli;

import java.io.PrintWriter;
import tools.jackson.databind.json.JsonMapper;

/// Prints one JSON value a line.
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Json() {}

    static void println(PrintWriter out, Object value) {
        out.println(MAPPER.writeValueAsString(value));
    }
}
