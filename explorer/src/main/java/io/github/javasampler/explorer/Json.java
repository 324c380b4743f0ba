package io.github.javasampler.explorer;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/// Requests from JSON and answers to it. Numbers that JSON has not, infinities and NaN, are written as null.
final class Json implements io.javalin.json.JsonMapper {
    /// The most bytes that a body may have.
    static final int MAX_BODY_BYTES = 256 << 10;

    private static final int CONTENT_TOO_LARGE = 413;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addModule(new SimpleModule()
                    .addSerializer(double.class, new NumberOrNull<>(Double.class))
                    .addSerializer(Double.class, new NumberOrNull<>(Double.class))
                    .addSerializer(float.class, new NumberOrNull<>(Float.class))
                    .addSerializer(Float.class, new NumberOrNull<>(Float.class))
                    .addSerializer(double[].class, new NumbersOrNull()))
            .build();

    @Override
    public String toJsonString(Object value, Type type) {
        return text(value);
    }

    static String text(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /// The body of a request.
    ///
    /// @throws Refusal if it is too long, no JSON, or not what the type asks for
    static <T> T read(Context context, Class<T> type) {
        byte[] body;
        try {
            body = context.bodyInputStream().readNBytes(MAX_BODY_BYTES + 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        checkLength(body.length);
        try {
            T request = MAPPER.readValue(body, type);
            if (request == null) {
                throw Refusal.of(null, "the body must be a JSON object, got null");
            }
            return request;
        } catch (JacksonException e) {
            throw refusal(e);
        }
    }

    /// @throws Refusal if a body of this length, in bytes, is too long
    static void checkLength(long bytes) {
        if (bytes > MAX_BODY_BYTES) {
            throw new Refusal(CONTENT_TOO_LARGE, null, "a body must have at most " + MAX_BODY_BYTES
                    + " bytes, got more; shorten the text");
        }
    }

    /// Records check themselves: then their own words are the reason.
    private static Refusal refusal(JacksonException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof Refusal refusal) {
                return refusal;
            }
        }
        String where = e instanceof DatabindException binding && !binding.getPath().isEmpty()
                ? binding.getPath().getFirst().getPropertyName() : null;
        String what = e.getOriginalMessage().lines().findFirst().orElse("");
        return Refusal.of(field(where), "the body must be JSON of the form that the endpoint takes"
                + (where == null ? "" : ", and \"" + where + "\" is not") + ": " + what);
    }

    private static String field(String property) {
        return switch (property) {
            case Refusal.PROMPT, Refusal.CHAIN, Refusal.TOKENS -> property;
            case null, default -> null;
        };
    }

    private static final class NumberOrNull<T extends Number> extends StdSerializer<T> {
        NumberOrNull(Class<T> type) {
            super(type);
        }

        @Override
        public void serialize(T value, JsonGenerator generator, SerializationContext context) {
            if (!Double.isFinite(value.doubleValue())) {
                generator.writeNull();
            } else if (value instanceof Float number) {
                generator.writeNumber(number.floatValue());
            } else {
                generator.writeNumber(value.doubleValue());
            }
        }
    }

    private static final class NumbersOrNull extends StdSerializer<double[]> {
        NumbersOrNull() {
            super(double[].class);
        }

        @Override
        public void serialize(double[] values, JsonGenerator generator, SerializationContext context) {
            generator.writeStartArray();
            for (double value : values) {
                if (Double.isFinite(value)) {
                    generator.writeNumber(value);
                } else {
                    generator.writeNull();
                }
            }
            generator.writeEndArray();
        }
    }
}
