package io.github.javasampler.explorer;

import io.github.javasampler.Vocabulary;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/// `POST /api/lessons/five`: a handful of logits and a chain on them. It is [Look] over a vocabulary of as many tokens,
/// which are named "A", "B" and so on.
final class FiveLogits {
    private FiveLogits() {}

    /// @param logits 2 to 16 numbers
    /// @param chain as [Chain#parse] takes it
    /// @param token the one whose fate is asked for, or null
    record Request(double[] logits, String chain, Integer token) {
        Request {
            SoftmaxLesson.checkLogits(logits);
            if (token != null) {
                Place.checkToken(token, logits.length);
            }
        }
    }

    /// As [Look.Reply], without the tail, which is empty.
    ///
    /// @param fates of all tokens, in the order of their ids
    record Reply(List<Look.Line> tokens, Look.Raw raw, Look.After after, List<Look.Stage> stages, List<Look.Fate> fates,
            Look.Fate fate, Look.Asked token, boolean greedy, long micros) {}

    static Reply answer(Request request) {
        int count = request.logits.length;
        float[] logits = new float[count];
        for (int i = 0; i < count; i++) {
            logits[i] = (float) request.logits[i];
        }
        MemorySegment row = MemorySegment.ofArray(logits).asReadOnly();
        Chain chain = Chain.parse(request.chain);
        Look.Reply look = look(row, chain, request.token);
        List<Look.Fate> fates = IntStream.range(0, count).mapToObj(id -> look(row, chain, id).fate()).toList();
        return new Reply(look.tokens(), look.raw(), look.after(), look.stages(), fates, look.fate(), look.token(),
                look.greedy(), look.micros());
    }

    private static Look.Reply look(MemorySegment row, Chain chain, Integer token) {
        int count = (int) (row.byteSize() / Float.BYTES);
        return Look.of(row, chain, it -> Chain.session(it, Vocabulary.ofSize(count)), count, token,
                FiveLogits::named);
    }

    private static Token named(int id) {
        return new Token(id, String.valueOf((char) ('A' + id)), false);
    }
}
