package io.github.javasampler.benchmarks;

import io.github.javasampler.cli.SmallModel;
import io.github.javasampler.llama.Batch;
import io.github.javasampler.llama.LlamaContext;
import io.github.javasampler.llama.LlamaModel;
import io.github.javasampler.llama.LlamaRuntime;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Sixteen rows of one decode of the small model, where llama.cpp left them: what both sides sample from.
final class ModelRows implements AutoCloseable {
    static final int COUNT = 16;

    private static final String TEXT = "The lighthouse keeper climbed the stairs every evening, lit the lamp, and "
            + "wrote down the weather, the ships that passed and what he had dreamt of the night before.";

    private final LlamaModel model;
    private final LlamaContext context;
    private final MemorySegment[] rows = new MemorySegment[COUNT];

    ModelRows() throws IOException {
        model = LlamaModel.load(LlamaRuntime.load(), SmallModel.fetch());
        context = model.newContext();
        int[] tokens = model.tokenizer().tokenize(TEXT, true, true);
        Batch batch = new Batch();
        for (int i = 0; i < tokens.length; i++) {
            batch.add(tokens[i], i, 0, i >= tokens.length - COUNT);
        }
        context.decode(batch);
        for (int i = 0; i < COUNT; i++) {
            rows[i] = context.logits(output(i));
        }
    }

    int vocabularySize() {
        return model.vocabularySize();
    }

    LlamaRuntime runtime() {
        return model.runtime();
    }

    LlamaContext context() {
        return context;
    }

    /// The context's number of row `index`.
    int output(int index) {
        return context.position() - COUNT + index;
    }

    MemorySegment row(int index) {
        return rows[index];
    }

    @Override
    public void close() {
        context.close();
        model.close();
    }
}
