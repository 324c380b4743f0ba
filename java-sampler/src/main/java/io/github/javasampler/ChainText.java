package io.github.javasampler;

import io.github.javasampler.sampler.Distribution;
import io.github.javasampler.sampler.Greedy;
import io.github.javasampler.sampler.MinP;
import io.github.javasampler.sampler.Temperature;
import io.github.javasampler.sampler.TopK;
import io.github.javasampler.sampler.TopP;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/// Reads the text form of a chain; the stages' own `toString` writes it.
final class ChainText {
    private ChainText() {}

    static SamplerChain parse(String text) {
        SamplerChain.Builder builder = SamplerChain.builder();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String name = (equals < 0 ? part : part.substring(0, equals)).strip().toLowerCase(Locale.ROOT)
                    .replace('-', '_');
            String value = equals < 0 ? "" : part.substring(equals + 1).strip();
            builder.add(name, () -> stage(name, value));
        }
        return builder.build();
    }

    private static Sampler stage(String name, String value) {
        return switch (name) {
            case "temperature", "temp" -> new Temperature(number(name, value, Float::parseFloat));
            case "top_k" -> new TopK(number(name, value, Integer::parseInt));
            case "top_p" -> new TopP(number(name, beforeColon(value), Float::parseFloat), minKeep(name, value));
            case "min_p" -> new MinP(number(name, beforeColon(value), Float::parseFloat), minKeep(name, value));
            case "seed" -> new Distribution(number(name, value, Long::parseLong));
            case "dist" -> bare(name, value, new Distribution(
                    ThreadLocalRandom.current().nextLong(Distribution.MAX_SEED + 1)));
            case "greedy" -> bare(name, value, new Greedy());
            default -> ofService(name, value);
        };
    }

    private static Sampler ofService(String name, String value) {
        for (SamplerFactory factory : ServiceLoader.load(SamplerFactory.class)) {
            if (factory.name().equals(name)) {
                return factory.create(value);
            }
        }
        throw new InvalidSettingException("a stage must have a known name, got \"" + name + "\"",
                "known are temperature, top_k, top_p, min_p, seed, dist, greedy and those of SamplerFactory services");
    }

    private static <T> T number(String name, String value, Function<String, T> parser) {
        try {
            return parser.apply(value);
        } catch (NumberFormatException e) {
            throw new InvalidSettingException(name + " must be a number, got \"" + value + "\"",
                    "write it as " + name + "=NUMBER");
        }
    }

    private static Sampler bare(String name, String value, Sampler stage) {
        if (!value.isEmpty()) {
            throw new InvalidSettingException(name + " must stand alone, got \"=" + value + "\"", "leave that out");
        }
        return stage;
    }

    private static String beforeColon(String value) {
        int colon = value.indexOf(':');
        return colon < 0 ? value : value.substring(0, colon);
    }

    private static int minKeep(String name, String value) {
        int colon = value.indexOf(':');
        return colon < 0 ? 0 : number(name + ":min_keep", value.substring(colon + 1), Integer::parseInt);
    }
}
