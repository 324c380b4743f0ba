package io.github.javasampler;

import io.github.javasampler.kernel.Keys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Log probabilities of the best tokens and of given ones: see [SamplerSession#logprobs] and
/// [SamplerSession#survivorLogprobs]. They are right to 1e-6, those of improbable tokens too.
///
/// @param top the most probable tokens in descending order, of equal ones the lower id first; none that can't be drawn
/// @param asked the given tokens in the given order
public record Logprobs(List<Logprob> top, List<Logprob> asked) {
    /// Copies the lists.
    public Logprobs {
        top = List.copyOf(top);
        asked = List.copyOf(asked);
    }

    /// `logit - max - ln(sum of exp(logit - max))`: one pass finds the best, one adds up, and the candidates stay as
    /// they are.
    static Logprobs of(Candidates candidates, int top, int... ids) {
        if (top < 0) {
            throw new IllegalArgumentException("top must be at least 0, got " + top);
        }
        long[] best = best(candidates, Math.clamp(top, 1, candidates.size()));
        float max = best.length == 0 ? Float.NEGATIVE_INFINITY : Keys.logit(best[0]);
        double logTotal = best.length == 0 ? 0 : candidates.logTotal();
        List<Logprob> first = new ArrayList<>();
        for (int i = 0; i < Math.min(top, best.length); i++) {
            first.add(new Logprob(Keys.id(best[i]), distance(Keys.logit(best[i]), max) - logTotal));
        }
        List<Logprob> asked = new ArrayList<>();
        for (int id : ids) {
            asked.add(new Logprob(id, distance(candidates.logitOf(id), max) - logTotal));
        }
        return new Logprobs(first, asked);
    }

    /// The keys of the best `count` above negative infinity, in their order.
    private static long[] best(Candidates candidates, int count) {
        return candidates.isBareRow() ? bestOfRow(candidates.row, count) : bestOneByOne(candidates, count);
    }

    private static long[] bestOfRow(Row row, int count) {
        long[] keys = new long[4 * count];
        int found = row.collectTop(count, keys);
        if (found > keys.length) {
            keys = new long[found];
            found = row.collectTop(count, keys);
        }
        Arrays.sort(keys, 0, found);
        int kept = Math.min(found, count);
        while (kept > 0 && Keys.logit(keys[kept - 1]) == Float.NEGATIVE_INFINITY) {
            kept--;
        }
        return Arrays.copyOf(keys, kept);
    }

    private static long[] bestOneByOne(Candidates candidates, int count) {
        // Twice the room: when it is full the worse half goes, and the last that stays bounds what may still come.
        long[] keys = new long[2 * count];
        long bound = Keys.of(Float.NEGATIVE_INFINITY, 0);
        int found = 0;
        int end = candidates.end();
        for (int i = 0; (i = candidates.nextAbove(i, Keys.logit(bound))) < end; i++) {
            long key = Keys.of(candidates.logitAt(i), candidates.idAt(i));
            if (key < bound) {
                keys[found++] = key;
                if (found == keys.length) {
                    Arrays.sort(keys);
                    found = count;
                    bound = keys[count - 1];
                }
            }
        }
        Arrays.sort(keys, 0, found);
        return Arrays.copyOf(keys, Math.min(found, count));
    }

    /// Candidates at the maximum are at distance 0, an infinite one too.
    static double distance(float logit, float max) {
        return logit == Float.NEGATIVE_INFINITY ? logit : logit == max ? 0 : (double) logit - max;
    }
}
