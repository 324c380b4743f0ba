package io.github.javasampler.explorer;

import io.github.javasampler.Candidates;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Trace;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// `POST /api/look`: a row before and after a chain, and what each of its stages does.
final class Look {
    private static final double LN_2 = StrictMath.log(2);
    private static final int MAX_TOP = 200;

    private final Engine engine;

    Look(Engine engine) {
        this.engine = engine;
    }

    /// @param top how many of the best tokens are named, before and after the chain, in [1, 200]
    /// @param token the token whose fate is asked for, or null
    record Request(int[] prompt, int[] text, String chain, Integer top, Integer token) {
        Request {
            checkTop(top);
        }

        Place place() {
            return new Place(prompt, text);
        }
    }

    /// Checks how many of the best tokens a request wants named.
    static void checkTop(Integer top) {
        Refusal.unless(top != null && top >= 1 && top <= MAX_TOP, "top must be in [1, " + MAX_TOP + "], got ", top);
    }

    /// A token before and after the chain.
    ///
    /// @param raw its probability in the model's own distribution
    /// @param after its probability after the chain
    record Line(int id, String text, boolean special, double logit, double raw, double after) {}

    /// All tokens that have no line.
    record Tail(int count, double raw, double after) {}

    record Raw(double entropyBits, double maxEntropyBits, double effectiveVocabulary, int count) {}

    record After(double entropyBits, double effectiveVocabulary, int kept) {}

    /// @param cutRaw the probability, in the model's own distribution, of the least probable token that is left
    record Stage(String name, int kept, double mass, double entropyBits, double cutLogit, double cutRaw) {
        Stage(Trace.Stage it) {
            this(it.name(), it.kept(), it.mass(), it.entropyBits(), it.cutLogit(), it.leastProbability());
        }
    }

    /// @param cutBy the stage that cut the token, or null
    /// @param stage its index, or -1
    record Fate(int id, String text, String cutBy, int stage, String reason) {}

    /// @param rank by raw probability, from 1
    record Asked(int id, double raw, double after, int rank) {}

    /// @param fate null if no token was asked for, as is `token`
    /// @param micros how long the engine took to explain
    record Reply(List<Line> tokens, Tail tail, Raw raw, After after, List<Stage> stages, Fate fate, Asked token,
            boolean greedy, long micros) {}

    Reply answer(Request request) {
        Place place = request.place();
        Chain chain = Chain.parse(request.chain);
        if (request.token != null) {
            Place.checkToken(request.token, engine.vocabularySize());
        }
        return engine.at(place, row -> of(row, chain, it -> engine.session(place, it), request.top, request.token,
                engine::token));
    }

    /// Looks at any row.
    ///
    /// @param row floats in native order
    /// @param sessions makes a session of the chain, whose stages have taken note of what came before
    /// @param top how many of the best tokens are named
    /// @param token the one whose fate is asked for, or null
    /// @param tokens names the tokens
    static Reply of(MemorySegment row, Chain chain, Function<SamplerChain, SamplerSession> sessions, int top,
            Integer token, IntFunction<Token> tokens) {
        Observer observer = new Observer();
        SamplerSession session = sessions.apply(chain.with(observer));
        long start = System.nanoTime();
        Trace trace = session.explain(row, token == null ? Candidates.NONE : token);
        long micros = (System.nanoTime() - start) / 1000;
        session.draw(row, 0);
        RawRow raw = new RawRow(row);
        double[] after = observer.probabilities(raw.size());
        List<Line> lines = lines(raw, after, top, tokens);
        return new Reply(lines, tail(raw, after, lines), raw(raw), after(trace, raw, observer.count()),
                trace.stages().stream().map(Stage::new).toList(),
                trace.fate().map(fate -> fate(fate, trace, tokens)).orElse(null),
                token == null ? null : new Asked(token, raw.probability(token), after[token], raw.rank(token)),
                chain.isGreedy(), micros);
    }

    private static List<Line> lines(RawRow raw, double[] after, int top, IntFunction<Token> tokens) {
        int[] drawable = Arrays.stream(RawRow.best(after, top)).filter(id -> after[id] > 0).toArray();
        int[] ids = IntStream.concat(Arrays.stream(raw.best(top)), Arrays.stream(drawable)).distinct().toArray();
        List<Line> lines = new ArrayList<>(ids.length);
        for (int id : ids) {
            Token token = tokens.apply(id);
            lines.add(new Line(id, token.text(), token.special(), raw.logit(id), raw.probability(id), after[id]));
        }
        lines.sort((a, b) -> a.logit != b.logit ? Double.compare(b.logit, a.logit) : Integer.compare(a.id, b.id));
        return lines;
    }

    private static Tail tail(RawRow raw, double[] after, List<Line> lines) {
        boolean[] named = new boolean[raw.size()];
        lines.forEach(line -> named[line.id] = true);
        double rawRest = 0;
        double afterRest = 0;
        for (int id = 0; id < named.length; id++) {
            if (!named[id]) {
                rawRest += raw.probability(id);
                afterRest += after[id];
            }
        }
        return new Tail(raw.size() - lines.size(), rawRest, afterRest);
    }

    private static Raw raw(RawRow row) {
        double entropyBits = row.entropyBits();
        return new Raw(entropyBits, StrictMath.log(row.size()) / LN_2, StrictMath.pow(2, entropyBits), row.size());
    }

    private static After after(Trace trace, RawRow raw, int kept) {
        double entropyBits = trace.stages().isEmpty() ? raw.entropyBits()
                : Math.max(trace.stages().getLast().entropyBits(), 0);
        return new After(entropyBits, StrictMath.pow(2, entropyBits), kept);
    }

    private static Fate fate(Trace.Fate fate, Trace trace, IntFunction<Token> tokens) {
        List<String> names = trace.stages().stream().map(Trace.Stage::name).toList();
        String cutBy = fate.cutBy().orElse(null);
        return new Fate(fate.token(), tokens.apply(fate.token()).text(), cutBy,
                cutBy == null ? -1 : names.indexOf(cutBy), fate.reason());
    }
}
