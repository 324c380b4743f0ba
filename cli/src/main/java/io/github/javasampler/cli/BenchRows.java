package io.github.javasampler.cli;

import io.github.javasampler.llama.CheckedRow;
import io.github.javasampler.llama.LlamaException;
import io.github.javasampler.llama.LlamaModel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// The rows that both chains of `bench` sample from, in turn: at most 16, looked over for NaN before any clock runs.
record BenchRows(int vocabularySize, List<CheckedRow> rows) {
    /// How wide the rows of the small model are made, too: the vocabulary of the widest models.
    static final int WIDE = 262_144;
    /// How much less likely than the model's own tokens those are that widening adds.
    static final float LOWER = 5;

    private static final long SEED = 42;

    /// @param vocabularySize what the user gave, or 0 to take it from the file
    static BenchRows ofFile(Path path, int vocabularySize, Arena arena) throws IOException {
        LogitsFile file = LogitsFile.open(path, vocabularySize, arena);
        List<CheckedRow> rows = new ArrayList<>();
        for (int i = 0; i < Math.min(file.rowCount(), ModelRows.COUNT); i++) {
            MemorySegment row = file.file().asSlice(file.rowOffsetBytes(i),
                    (long) file.vocabularySize() * Float.BYTES);
            try {
                rows.add(CheckedRow.copyOf(row, arena));
            } catch (LlamaException e) {
                throw new CommandException("row " + i + " of " + path + ": " + e.getMessage());
            }
        }
        return new BenchRows(file.vocabularySize(), rows);
    }

    static BenchRows ofModel(LlamaModel model, Arena arena) {
        try (ModelRows modelRows = new ModelRows(model)) {
            List<CheckedRow> rows = new ArrayList<>();
            for (int i = 0; i < ModelRows.COUNT; i++) {
                rows.add(CheckedRow.copyOf(modelRows.row(i), arena));
            }
            return new BenchRows(model.vocabularySize(), rows);
        }
    }

    /// Rows of more logits, or of fewer: ids past the vocabulary hold the same row's logits again, in a fixed random
    /// order and [#LOWER] less each. So the head stays the model's, and the tail is as long as that of a large
    /// vocabulary.
    BenchRows ofWidth(int width, Arena arena) {
        int[] sources = sources(width);
        List<CheckedRow> wide = new ArrayList<>();
        MemorySegment target = arena.allocate(ValueLayout.JAVA_FLOAT, width);
        for (CheckedRow row : rows) {
            MemorySegment source = row.segment();
            MemorySegment.copy(source, 0, target, 0, Math.min(source.byteSize(), target.byteSize()));
            for (int id = vocabularySize; id < width; id++) {
                float logit = source.getAtIndex(ValueLayout.JAVA_FLOAT, sources[id]);
                target.setAtIndex(ValueLayout.JAVA_FLOAT, id, logit - LOWER);
            }
            wide.add(CheckedRow.copyOf(target, arena));
        }
        return new BenchRows(width, wide);
    }

    /// For each id whose logit it takes: the vocabulary again and again, each time shuffled.
    private int[] sources(int width) {
        int[] sources = new int[width];
        SplittableRandom random = new SplittableRandom(SEED);
        for (int start = 0; start < width; start += vocabularySize) {
            int[] order = new int[vocabularySize];
            for (int i = 0; i < vocabularySize; i++) {
                int other = random.nextInt(i + 1);
                order[i] = order[other];
                order[other] = i;
            }
            System.arraycopy(order, 0, sources, start, Math.min(vocabularySize, width - start));
        }
        return sources;
    }

    CheckedRow row(int turn) {
        return rows.get(turn);
    }

    int count() {
        return rows.size();
    }
}
