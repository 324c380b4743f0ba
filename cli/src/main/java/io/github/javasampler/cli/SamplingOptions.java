package io.github.javasampler.cli;

import io.github.javasampler.InvalidSettingException;
import io.github.javasampler.Numerics;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.sampler.Distribution;
import io.github.javasampler.sampler.Dry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// The options that describe a chain, named as in llama.cpp's tools and with its defaults and order.
final class SamplingOptions {
    private static final long RANDOM_SEED = -1;
    private static final int MIROSTAT_M = 100;
    private static final String NO_BREAKERS = "none";
    private static final Pattern BIAS = Pattern.compile("(\\d+)([+-].+)");

    @Option(names = {"-s", "--seed"}, paramLabel = "N", defaultValue = "-1",
            description = "Seed of the draw; -1 takes a random one. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(names = "--temp", paramLabel = "T", defaultValue = "0.8",
            description = "Temperature; 0 is greedy, 1 turns it off. Default: ${DEFAULT-VALUE}")
    private float temperature;

    @Option(names = "--dynatemp-range", paramLabel = "R", defaultValue = "0",
            description = "Let the temperature follow the entropy, by R up and down; 0 turns it off. "
                    + "Default: ${DEFAULT-VALUE}")
    private float dynamicRange;

    @Option(names = "--dynatemp-exp", paramLabel = "E", defaultValue = "1",
            description = "Exponent of the dynamic temperature. Default: ${DEFAULT-VALUE}")
    private float dynamicExponent;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "40",
            description = "Keep the K best; 0 turns it off. Default: ${DEFAULT-VALUE}")
    private int topK;

    @Option(names = "--top-p", paramLabel = "P", defaultValue = "0.95",
            description = "Keep the fewest best that hold the mass P; 1 turns it off. Default: ${DEFAULT-VALUE}")
    private float topP;

    @Option(names = "--min-p", paramLabel = "P", defaultValue = "0.05",
            description = "Keep what is at least P times as probable as the best; 0 turns it off. "
                    + "Default: ${DEFAULT-VALUE}")
    private float minP;

    @Option(names = "--typical", paramLabel = "P", defaultValue = "1",
            description = "Keep the locally typical that hold the mass P; 1 turns it off. Default: ${DEFAULT-VALUE}")
    private float typical;

    @Option(names = "--top-nsigma", paramLabel = "N", defaultValue = "-1",
            description = "Keep what is at most N standard deviations below the best; -1 turns it off. "
                    + "Default: ${DEFAULT-VALUE}")
    private float topNSigma;

    @Option(names = "--xtc-probability", paramLabel = "P", defaultValue = "0",
            description = "How often to exclude top choices; 0 turns it off. Default: ${DEFAULT-VALUE}")
    private float xtcProbability;

    @Option(names = "--xtc-threshold", paramLabel = "P", defaultValue = "0.1",
            description = "From which probability on a choice is a top one. Default: ${DEFAULT-VALUE}")
    private float xtcThreshold;

    @Option(names = "--repeat-last-n", paramLabel = "N", defaultValue = "64",
            description = "How many tokens the penalties look back; 0 turns them off. Default: ${DEFAULT-VALUE}")
    private int lastN;

    @Option(names = "--repeat-penalty", paramLabel = "X", defaultValue = "1",
            description = "Divide the logits of tokens that came before; 1 turns it off. Default: ${DEFAULT-VALUE}")
    private float repeatPenalty;

    @Option(names = "--frequency-penalty", paramLabel = "X", defaultValue = "0",
            description = "Take X off for each time a token came before; 0 turns it off. Default: ${DEFAULT-VALUE}")
    private float frequencyPenalty;

    @Option(names = "--presence-penalty", paramLabel = "X", defaultValue = "0",
            description = "Take X off if a token came before; 0 turns it off. Default: ${DEFAULT-VALUE}")
    private float presencePenalty;

    @Option(names = "--dry-multiplier", paramLabel = "X", defaultValue = "0",
            description = "How hard DRY works against repetition of whole sequences; 0 turns it off. "
                    + "Default: ${DEFAULT-VALUE}")
    private float dryMultiplier;

    @Option(names = "--dry-base", paramLabel = "X", defaultValue = "1.75",
            description = "DRY's penalty grows by this factor with each repeated token. Default: ${DEFAULT-VALUE}")
    private float dryBase;

    @Option(names = "--dry-allowed-length", paramLabel = "N", defaultValue = "2",
            description = "How many tokens may repeat without a DRY penalty. Default: ${DEFAULT-VALUE}")
    private int dryAllowedLength;

    @Option(names = "--dry-penalty-last-n", paramLabel = "N", defaultValue = "64",
            description = "How many tokens DRY looks back; 0 turns it off. Default: ${DEFAULT-VALUE}")
    private int dryLastN;

    @Option(names = "--dry-sequence-breaker", paramLabel = "TEXT",
            description = "What ends a sequence for DRY; may be repeated; none for no breakers. Default: a line break, "
                    + ": \" and *")
    private List<String> dryBreakers;

    @Option(names = "--mirostat", paramLabel = "N", defaultValue = "0",
            description = "1 or 2: draw by that mirostat, which takes the place of all cuts; 0 turns it off. "
                    + "Default: ${DEFAULT-VALUE}")
    private int mirostat;

    @Option(names = "--mirostat-lr", paramLabel = "ETA", defaultValue = "0.1",
            description = "How fast mirostat learns. Default: ${DEFAULT-VALUE}")
    private float mirostatEta;

    @Option(names = "--mirostat-ent", paramLabel = "TAU", defaultValue = "5",
            description = "The surprise that mirostat aims at, in bits. Default: ${DEFAULT-VALUE}")
    private float mirostatTau;

    @Option(names = "--adaptive-target", paramLabel = "P", defaultValue = "-1",
            description = "Draw by adaptive-p with that target; -1 turns it off. Default: ${DEFAULT-VALUE}")
    private float adaptiveTarget;

    @Option(names = "--adaptive-decay", paramLabel = "D", defaultValue = "0.9",
            description = "How much of adaptive-p's average stays. Default: ${DEFAULT-VALUE}")
    private float adaptiveDecay;

    @Option(names = {"-l", "--logit-bias"}, paramLabel = "ID(+|-)BIAS",
            description = "Add to the logit of a token, such as 15043+1 or 15043-inf; may be repeated")
    private List<String> biases = new ArrayList<>();

    @Option(names = "--min-keep", paramLabel = "N", defaultValue = "0",
            description = "Never let top-p, min-p, typical and xtc leave fewer than N. Default: ${DEFAULT-VALUE}")
    private int minKeep;

    @Option(names = "--samplers", paramLabel = "NAMES", split = ";",
            defaultValue = "penalties;dry;top_n_sigma;top_k;typ_p;top_p;min_p;xtc;temperature",
            description = "The stages in their order, separated by ';'; what is not named does not run. Also known: "
                    + "infill, adaptive_p. Default: ${DEFAULT-VALUE}")
    private List<String> samplers;

    @Mixin
    private GrammarOptions grammar;

    @Option(names = "--numerics", paramLabel = "NAME", defaultValue = "portable", converter = NumericsName.class,
            description = "portable: the same tokens everywhere; llama.cpp: to the bit what llama.cpp computes on this "
                    + "machine. Default: ${DEFAULT-VALUE}")
    private Numerics numerics;

    /// The chain of the options: the grammar, biases, then the stages in their order, then a draw; with mirostat of the
    /// stages only the temperature.
    ///
    /// @param banned tokens that must not come
    SamplerChain chain(int... banned) throws IOException {
        if (seed == RANDOM_SEED) {
            seed = ThreadLocalRandom.current().nextLong(Distribution.MAX_SEED + 1);
        }
        SamplerChain.Builder builder = SamplerChain.builder();
        grammar.constraint().ifPresent(builder::stage);
        Map<Integer, Float> biases = biasByToken();
        for (int token : banned) {
            biases.put(token, Float.NEGATIVE_INFINITY);
        }
        if (!biases.isEmpty()) {
            builder.logitBias(biases);
        }
        if (mirostat != 0) {
            return mirostatChain(builder.temperature(temperature));
        }
        boolean adaptive = adaptiveTarget >= 0;
        for (String sampler : samplers) {
            // top-p and topp are top_p, as in llama.cpp.
            String name = sampler.strip().toLowerCase(Locale.ROOT).replaceAll("[_-]", "");
            adaptive |= name.equals("adaptivep");
            addStage(builder, name, sampler);
        }
        return adaptive ? builder.adaptiveP(adaptiveTarget, adaptiveDecay, seed) : builder.distribution(seed);
    }

    private void addStage(SamplerChain.Builder builder, String name, String given) {
        switch (name) {
            case "penalties" -> builder.penalties(lastN, repeatPenalty, frequencyPenalty, presencePenalty);
            case "dry" -> builder.dry(dryMultiplier, dryBase, dryAllowedLength, dryLastN, dryBreakers());
            case "topnsigma" -> builder.topNSigma(topNSigma);
            case "topk" -> builder.topK(topK);
            case "typp", "typ", "typical" -> builder.typical(typical, minKeep);
            case "topp", "nucleus" -> builder.topP(topP, minKeep);
            case "minp" -> builder.minP(minP, minKeep);
            case "xtc" -> builder.xtc(xtcProbability, xtcThreshold, minKeep, seed);
            case "temperature", "temp" -> builder.dynamicTemperature(temperature, dynamicRange, dynamicExponent);
            case "infill" -> builder.infill();
            case "adaptivep" -> { }
            default -> throw new InvalidSettingException("--samplers must name stages, got \"" + given + "\"",
                    "known are penalties, dry, top_n_sigma, top_k, typ_p, top_p, min_p, xtc, temperature, infill and "
                            + "adaptive_p, separated by ';'");
        }
    }

    private SamplerChain mirostatChain(SamplerChain.Builder builder) {
        return switch (mirostat) {
            case 1 -> builder.mirostat(mirostatTau, mirostatEta, MIROSTAT_M, seed);
            case 2 -> builder.mirostatV2(mirostatTau, mirostatEta, seed);
            default -> throw new InvalidSettingException("mirostat must be 0, 1 or 2, got " + mirostat,
                    "0 turns it off");
        };
    }

    /// By the names that [Numerics#toString] gives.
    static final class NumericsName implements ITypeConverter<Numerics> {
        @Override
        public Numerics convert(String name) {
            for (Numerics numerics : Numerics.values()) {
                if (numerics.toString().equalsIgnoreCase(name)) {
                    return numerics;
                }
            }
            throw new TypeConversionException("numerics must be portable or llama.cpp, got " + name);
        }
    }

    private Map<Integer, Float> biasByToken() {
        Map<Integer, Float> biasByToken = new HashMap<>();
        for (String bias : biases) {
            Matcher matcher = BIAS.matcher(bias);
            try {
                if (matcher.matches()) {
                    String number = matcher.group(2).replaceFirst("(?i)inf$", "Infinity");
                    biasByToken.merge(Integer.valueOf(matcher.group(1)), Float.valueOf(number), Float::sum);
                    continue;
                }
            } catch (NumberFormatException e) {
                // Said below.
            }
            throw new InvalidSettingException("a logit bias must be a token's id and a signed number, got " + bias,
                    "write it as 15043+1 or 15043-inf");
        }
        return biasByToken;
    }

    Numerics numerics() {
        return numerics;
    }

    /// Sequence breakers of DRY that nobody named need a vocabulary, and where there is none they are left out.
    void withoutVocabulary() {
        if (dryBreakers == null) {
            dryBreakers = List.of(NO_BREAKERS);
        }
    }

    private List<String> dryBreakers() {
        if (dryBreakers == null) {
            return Dry.DEFAULT_BREAKERS;
        }
        return dryBreakers.contains(NO_BREAKERS) ? List.of() : dryBreakers;
    }

    /// Whether a grammar was given, in one way or another.
    boolean hasGrammar() {
        return grammar.isGiven();
    }

    /// The seed that [#chain] draws with.
    long seed() {
        return seed;
    }
}
