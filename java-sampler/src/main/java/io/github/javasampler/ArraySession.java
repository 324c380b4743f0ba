package io.github.javasampler;

import io.github.javasampler.kernel.KernelProvider;
import io.github.javasampler.kernel.Kernels;
import io.github.javasampler.sampler.GrammarConstraint;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/// The state of stages that work on an array of candidates which somebody else keeps, as one place in a chain of
/// theirs: what the stages leave is written back over it. There may be a picker at the end, or none.
///
/// The array lies in memory, a record of [#RECORD_BYTES] for each candidate: an `int` id, a `float` logit and a `float`
/// probability, in native order and without padding. If it holds the whole vocabulary in the order of the ids, the
/// stages see a row and its kernels do the work; else they see survivors.
///
/// For one thread at a time, like [SamplerSession]; after any exception the array is as it came, and the session as
/// usable as before. Once warm, [#apply] allocates nothing.
public final class ArraySession implements AutoCloseable {
    /// The size of a candidate in memory.
    public static final int RECORD_BYTES = Kernels.RECORD_BYTES;

    private static final long LOGIT_OFFSET = 4;
    private static final long PROBABILITY_OFFSET = 8;
    private static final ValueLayout.OfInt ID = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfFloat FLOAT = Kernels.FLOAT;
    /// More tokens than any vocabulary has: where nobody knows it, ids beyond are nonsense.
    private static final int MOST_TOKENS = 1 << 24;

    private final Stages stages;
    private final Numerics numerics;
    /// Whether somebody knows how many tokens there are.
    private final boolean known;
    /// How many there are, or can be at most.
    private final int vocabularySize;
    /// Made for the first array, since nobody may know before how many tokens there are.
    private Candidates candidates;
    private int[] ids = new int[0];
    private float[] logits = new float[0];
    private MemorySegment row;
    /// The greatest token that was ever seen.
    private int greatest;
    private int size;
    private int selected = Candidates.NONE;

    private ArraySession(Stages stages, boolean known, int vocabularySize, Numerics numerics) {
        this.stages = stages;
        this.known = known;
        this.vocabularySize = vocabularySize;
        this.numerics = numerics;
    }

    /// The state of a new sequence.
    ///
    /// @param stages at least one; only the last may be a [Picker]
    /// @param vocabulary null if nobody knows: then it is taken to reach up to the greatest token that was seen
    /// @throws IllegalArgumentException if there is no stage, a picker is not the last, a grammar that acts on a miss
    ///     is not the first or has no picker to miss, or a stage needs what the vocabulary has not
    /// @throws IllegalStateException if the numerics need a [FloatMath] service and there is none
    public static ArraySession of(List<? extends Sampler> stages, Vocabulary vocabulary, Numerics numerics) {
        Sampler[] own = stages.toArray(Sampler[]::new);
        if (own.length == 0) {
            throw new IllegalArgumentException("there must be at least one stage, got none");
        }
        for (int i = 0; i < own.length; i++) {
            if (own[i] instanceof Picker && i < own.length - 1) {
                throw new IllegalArgumentException("a picker must be the last stage, and \"" + own[i].name()
                        + "\" is stage " + (i + 1) + " of " + own.length);
            }
        }
        for (int i = 0; i < own.length; i++) {
            boolean isPlaced = i == 0 && own[own.length - 1] instanceof Picker;
            if (own[i] instanceof GrammarConstraint grammar && grammar.isOnMiss() && !isPlaced) {
                throw new IllegalArgumentException("a grammar that acts on a miss must be the first of stages that end"
                        + " in a picker, and is stage " + (i + 1) + " of " + own.length);
            }
        }
        numerics.math();
        boolean known = vocabulary != null;
        Vocabulary bound = known ? vocabulary : Vocabulary.ofSize(MOST_TOKENS);
        return new ArraySession(Stages.of(List.of(own), bound), known, bound.size(), numerics);
    }

    /// Whether the last stage is a picker.
    public boolean picks() {
        return stages.picks();
    }

    /// Runs the stages and writes what they leave over the array: survivors first, in their order. Logits are written
    /// where they changed. Probabilities are written where a picker chose among survivors of a cut; else they mean
    /// nothing.
    ///
    /// @param memory holds the array
    /// @param offsetBytes where it starts; it need not be aligned
    /// @param count how many candidates there are, at least 1
    /// @param descending whether they are said to stand in descending order of their logits
    /// @throws IllegalArgumentException if there is no candidate, more than there are tokens, or a token of none
    /// @throws InvalidLogitsException if a logit is NaN; or, with [Numerics#PORTABLE], positive infinity, or all are
    ///     negative infinity
    /// @throws SamplingException if the picker selects none
    public void apply(MemorySegment memory, long offsetBytes, int count, boolean descending) {
        stages.enter();
        try {
            begin(memory, offsetBytes, count, descending);
            stages.apply(candidates);
            if (stages.missed(candidates)) {
                begin(memory, offsetBytes, count, descending);
                stages.applyMasked(candidates);
            }
            writeBack(memory, offsetBytes);
        } finally {
            stages.exit();
        }
    }

    /// How many candidates the last [#apply] left, at least 1.
    public int size() {
        return size;
    }

    /// Where in the array the candidate stands that the last [#apply] selected; -1 if it selected none.
    public int selected() {
        return selected;
    }

    /// Whether the last [#apply] left the array in descending order of the logits.
    public boolean isDescending() {
        return candidates.isDescending();
    }

    /// Tells every stage of a token that was chosen, or that the prompt holds.
    ///
    /// @param token in [0, vocabulary size)
    public void accept(int token) {
        stages.enter();
        try {
            see(token);
            stages.accept(token);
        } finally {
            stages.exit();
        }
    }

    /// Returns every stage to its initial state.
    public void reset() {
        stages.enter();
        try {
            stages.reset();
        } finally {
            stages.exit();
        }
    }

    /// A session that continues from this one's state and lives apart from it.
    public ArraySession fork() {
        stages.enter();
        try {
            ArraySession fork = new ArraySession(stages.fork(), known, vocabularySize, numerics);
            fork.greatest = greatest;
            return fork;
        } finally {
            stages.exit();
        }
    }

    /// Closes the stages that are `AutoCloseable`: all of them, whatever one throws.
    ///
    /// @throws SamplingException if one throws; that is the cause, and more of them are suppressed
    @Override
    public void close() {
        SamplingException failure = null;
        for (Sampler stage : stages.all()) {
            try {
                if (stage instanceof AutoCloseable closeable) {
                    closeable.close();
                }
            } catch (Throwable e) {
                if (failure == null) {
                    failure = new SamplingException("a stage must be closed without an exception, and \""
                            + stage.getClass().getName() + "\" threw " + e);
                    failure.initCause(e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void begin(MemorySegment memory, long offsetBytes, int count, boolean descending) {
        if (count < 1 || count > vocabularySize) {
            throw new IllegalArgumentException("the number of candidates must be in [1, " + vocabularySize + "], got "
                    + count);
        }
        boolean whole = readLogits(memory, offsetBytes, count) && !descending;
        see(whole ? count - 1 : readIds(memory, offsetBytes, count));
        makeRoom();
        if (whole && count == candidates.vocabularySize()) {
            candidates.begin(row, 0);
            return;
        }
        if (whole) {
            // In order, but not all that there are.
            readIds(memory, offsetBytes, count);
        }
        candidates.begin(ids, logits, count, descending);
    }

    /// Returns whether the candidate at each place has that id.
    private boolean readLogits(MemorySegment memory, long offsetBytes, int count) {
        if (logits.length < count) {
            float[] newLogits = new float[count];
            row = MemorySegment.ofArray(newLogits);
            logits = newLogits;
        }
        return KernelProvider.kernels().takeLogits(memory, offsetBytes, count, logits);
    }

    /// Returns the greatest.
    private int readIds(MemorySegment memory, long offsetBytes, int count) {
        if (ids.length < count) {
            ids = new int[count];
        }
        int max = 0;
        for (int i = 0; i < count; i++) {
            int id = memory.get(ID, offsetBytes + (long) i * RECORD_BYTES);
            ids[i] = id;
            max = Math.max(max, id);
        }
        return max;
    }

    private void see(int token) {
        checkToken(token);
        greatest = Math.max(greatest, token);
    }

    /// Where nobody knows the vocabulary, a whole one tells its size; what is narrowed only how large it is at least.
    private void makeRoom() {
        int least = known ? vocabularySize : greatest + 1;
        if (candidates == null || candidates.vocabularySize() < least) {
            candidates = Candidates.of(least, numerics);
        }
    }

    private void checkToken(int token) {
        if (token < 0 || token >= vocabularySize) {
            throw new IllegalArgumentException("token must be in [0, " + (vocabularySize - 1) + "], got " + token);
        }
    }

    private void writeBack(MemorySegment memory, long offsetBytes) {
        int token = candidates.selected();
        if (token != Candidates.NONE && candidates.uncut) {
            // The order has served its purpose.
            candidates.markUnsorted();
        }
        if (candidates.standAsRow()) {
            writeRow(memory, offsetBytes);
            size = candidates.size();
            selected = token;
        } else {
            candidates.gather();
            writeSurvivors(memory, offsetBytes, token);
        }
    }

    private void writeRow(MemorySegment memory, long offsetBytes) {
        if (candidates.row.isChanged()) {
            candidates.row.copyLogits(logits);
            for (int id = 0; id < candidates.size(); id++) {
                memory.set(FLOAT, offsetBytes + (long) id * RECORD_BYTES + LOGIT_OFFSET, logits[id]);
            }
        }
    }

    private void writeSurvivors(MemorySegment memory, long offsetBytes, int token) {
        size = candidates.size();
        selected = Candidates.NONE;
        for (int i = 0; i < size; i++) {
            int id = candidates.id(i);
            double probability = token == Candidates.NONE ? 0 : candidates.probability(i);
            write(memory, offsetBytes + (long) i * RECORD_BYTES, id, candidates.logit(i), probability);
            selected = id == token && selected == Candidates.NONE ? i : selected;
        }
        if (token != Candidates.NONE && selected == Candidates.NONE) {
            // A picker may choose what was cut: that is all that is left then.
            write(memory, offsetBytes, token, 0, 1);
            size = 1;
            selected = 0;
        }
    }

    private static void write(MemorySegment memory, long offset, int id, float logit, double probability) {
        memory.set(ID, offset, id);
        memory.set(FLOAT, offset + LOGIT_OFFSET, logit);
        memory.set(FLOAT, offset + PROBABILITY_OFFSET, (float) probability);
    }

    @Override
    public String toString() {
        return Arrays.toString(stages.all());
    }
}
