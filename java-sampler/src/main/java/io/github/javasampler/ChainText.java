package io.github.javasampler;

import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.grammar.GrammarException;
import io.github.javasampler.grammar.GrammarTrigger;
import io.github.javasampler.sampler.AdaptiveP;
import io.github.javasampler.sampler.Distribution;
import io.github.javasampler.sampler.Dry;
import io.github.javasampler.sampler.DynamicTemperature;
import io.github.javasampler.sampler.GrammarConstraint;
import io.github.javasampler.sampler.Greedy;
import io.github.javasampler.sampler.Infill;
import io.github.javasampler.sampler.LogitBias;
import io.github.javasampler.sampler.MinP;
import io.github.javasampler.sampler.Mirostat;
import io.github.javasampler.sampler.MirostatV2;
import io.github.javasampler.sampler.Penalties;
import io.github.javasampler.sampler.Temperature;
import io.github.javasampler.sampler.TopK;
import io.github.javasampler.sampler.TopNSigma;
import io.github.javasampler.sampler.TopP;
import io.github.javasampler.sampler.Typical;
import io.github.javasampler.sampler.Xtc;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/// Reads the text form of a chain; the stages' own `toString` writes it.
final class ChainText {
    private static final String KNOWN = "temperature, temp_ext, top_k, top_p, min_p, typical, top_n_sigma, xtc, "
            + "penalties, dry, infill, logit_bias, grammar, grammar_on_miss, seed, dist, greedy, mirostat, "
            + "mirostat_v2, adaptive_p";

    private ChainText() {}

    static SamplerChain parse(String text) {
        return read(text).build();
    }

    static SamplerChain.Builder read(String text) {
        SamplerChain.Builder builder = SamplerChain.builder();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String name = (equals < 0 ? part : part.substring(0, equals)).strip().toLowerCase(Locale.ROOT)
                    .replace('-', '_');
            String value = equals < 0 ? "" : part.substring(equals + 1).strip();
            builder.add(name, () -> stage(name, value));
        }
        return builder;
    }

    private static Sampler stage(String name, String value) {
        Arguments a = new Arguments(name, value);
        return switch (name) {
            case "temperature", "temp" -> a.only(1, new Temperature(a.number(0)));
            case "temp_ext" -> a.only(3, new DynamicTemperature(a.number(0), a.number(1), a.number(2, 1f)));
            case "top_k" -> a.only(1, new TopK(a.integer(0)));
            case "top_p" -> a.only(2, new TopP(a.number(0), a.integer(1, 0)));
            case "min_p" -> a.only(2, new MinP(a.number(0), a.integer(1, 0)));
            case "typical" -> a.only(2, new Typical(a.number(0), a.integer(1, 0)));
            case "top_n_sigma" -> a.only(1, new TopNSigma(a.number(0)));
            case "xtc" -> a.only(4, new Xtc(a.number(0), a.number(1), a.integer(2, 0), a.seed(3)));
            case "penalties" -> a.only(4,
                    new Penalties(a.integer(0), a.number(1, 1f), a.number(2, 0f), a.number(3, 0f)));
            case "dry" -> new Dry(a.number(0), a.number(1, 1.75f), a.integer(2, 2), a.integer(3, 64), a.texts(4));
            case "infill" -> a.only(0, new Infill());
            case "logit_bias" -> logitBias(value);
            case "grammar" -> grammar(a);
            case "grammar_on_miss" -> grammar(a).onMiss();
            case "greedy" -> a.only(0, new Greedy());
            case "seed" -> a.only(1, new Distribution(a.parse(0, Long::parseLong)));
            case "dist" -> a.only(0, new Distribution(a.seed(0)));
            case "mirostat" -> a.only(4, new Mirostat(a.number(0), a.number(1), a.integer(2), a.seed(3)));
            case "mirostat_v2" -> a.only(3, new MirostatV2(a.number(0), a.number(1), a.seed(2)));
            case "adaptive_p" -> a.only(3, new AdaptiveP(a.number(0), a.number(1), a.seed(2)));
            default -> ofService(name, value);
        };
    }

    private static Sampler logitBias(String value) {
        Map<Integer, Float> biasByToken = new HashMap<>();
        for (String entry : value.isEmpty() ? new String[0] : value.split(";", -1)) {
            Arguments pair = new Arguments("logit_bias", entry);
            pair.only(2, biasByToken.merge(pair.integer(0), pair.number(1), Float::sum));
        }
        return new LogitBias(biasByToken);
    }

    private static GrammarConstraint grammar(Arguments a) {
        List<String> patterns = new ArrayList<>();
        List<Integer> tokens = new ArrayList<>();
        for (int i = 2; i < a.parts.length; i++) {
            // An encoded text has no brackets.
            String part = a.parts[i].strip();
            if (part.startsWith("[") && part.endsWith("]")) {
                tokens.add(a.parse(i, token -> Integer.parseInt(token.substring(1, token.length() - 1))));
            } else {
                patterns.add(a.text(i));
            }
        }
        try {
            Grammar grammar = Grammar.parse(a.text(0), a.parts.length > 1 ? a.text(1) : Grammar.DEFAULT_ROOT);
            GrammarConstraint constraint = new GrammarConstraint(grammar);
            return a.parts.length > 2 ? constraint.lazy(new GrammarTrigger(patterns, tokens)) : constraint;
        } catch (GrammarException e) {
            throw new InvalidSettingException("a grammar must be GBNF, percent-encoded: " + e.getMessage(),
                    "write a chain with GrammarConstraint.toString");
        }
    }

    private static Sampler ofService(String name, String value) {
        for (SamplerFactory factory : ServiceLoader.load(SamplerFactory.class)) {
            if (factory.name().equals(name)) {
                return factory.create(value);
            }
        }
        throw new InvalidSettingException("a stage must have a known name, got \"" + name + "\"",
                "known are " + KNOWN + " and those of SamplerFactory services");
    }

    /// What stands behind the `=` of a stage, in parts.
    private record Arguments(String name, String value, String[] parts) {
        Arguments(String name, String value) {
            this(name, value, value.isEmpty() ? new String[0] : value.split(":", -1));
        }

        float number(int index) {
            return parse(index, Float::parseFloat);
        }

        float number(int index, float otherwise) {
            return index < parts.length ? number(index) : otherwise;
        }

        int integer(int index) {
            return parse(index, Integer::parseInt);
        }

        int integer(int index, int otherwise) {
            return index < parts.length ? integer(index) : otherwise;
        }

        long seed(int index) {
            return index < parts.length ? parse(index, Long::parseLong)
                    : ThreadLocalRandom.current().nextLong(Distribution.MAX_SEED + 1);
        }

        /// The percent-encoded texts from a place on.
        List<String> texts(int first) {
            List<String> texts = new ArrayList<>();
            for (int i = first; i < parts.length; i++) {
                texts.add(text(i));
            }
            return texts;
        }

        /// A percent-encoded text; empty if it is left out.
        String text(int index) {
            String part = index < parts.length ? parts[index].strip() : "";
            try {
                // A plus is a plus here, and no space.
                return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                throw new InvalidSettingException(
                        name + " must have a percent-encoded text at place " + (index + 1) + ", got \"" + part + "\"",
                        "write a percent sign as %25");
            }
        }

        <T> T parse(int index, Function<String, T> parser) {
            String part = index < parts.length ? parts[index].strip() : "";
            try {
                return parser.apply(part);
            } catch (NumberFormatException e) {
                throw new InvalidSettingException(
                        name + " must be a number" + (parts.length > 1 || index > 0 ? " at place " + (index + 1) : "")
                                + ", got \"" + part + "\"",
                        "write it as " + name + "=NUMBER, more of them with colons");
            }
        }

        /// Returns what was made, if no more parts were given than were used.
        <T> T only(int most, T made) {
            if (parts.length > most) {
                throw new InvalidSettingException(
                        name + " must have at most " + most + " settings, got \"=" + value + "\"",
                        "leave the rest out");
            }
            return made;
        }
    }
}
