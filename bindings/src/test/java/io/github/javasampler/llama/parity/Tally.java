package io.github.javasampler.llama.parity;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What came out of trials.
public final class Tally {
    private static final int SHOWN = 20;

    private final Map<Reason, Long> mismatches = new EnumMap<>(Reason.class);
    private final List<String> failures = new ArrayList<>();
    private long rows;
    private long refused;
    private long chains;
    private long llamaMismatches;

    void row() {
        rows++;
    }

    /// A row that portable numerics refused, as they must.
    void refused() {
        refused++;
    }

    void mismatch(Reason reason) {
        mismatches.merge(reason, 1L, Long::sum);
    }

    /// A row on which numerics llama.cpp were not llama.cpp.
    void llamaMismatch(String failure) {
        llamaMismatches++;
        fail(failure);
    }

    /// Anything that should not be: of the first some are kept.
    void fail(String failure) {
        if (failures.size() < SHOWN) {
            failures.add(failure);
        }
    }

    /// Adds another tally, of one chain.
    public void add(Tally chain) {
        chains++;
        rows += chain.rows;
        refused += chain.refused;
        llamaMismatches += chain.llamaMismatches;
        chain.mismatches.forEach((reason, count) -> mismatches.merge(reason, count, Long::sum));
    }

    /// What should not be.
    public List<String> failures() {
        return failures;
    }

    /// How many rows both numerics were given.
    public long rows() {
        return rows;
    }

    /// The line to print.
    @Override
    public String toString() {
        return chains + " chains, " + (rows + refused) + " rows in numerics llama.cpp: " + llamaMismatches
                + " mismatches; " + rows + " rows in portable: "
                + mismatches.values().stream().mapToLong(Long::longValue).sum() + " mismatches " + mismatches + ", "
                + refused + " rows refused";
    }
}
