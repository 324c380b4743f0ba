package io.github.javasampler.cli;

import io.github.javasampler.llama.Batch;
import io.github.javasampler.llama.LlamaContext;
import io.github.javasampler.llama.LlamaModel;
import java.lang.foreign.MemorySegment;

/// Sixteen rows of one decode of a fixed text, where llama.cpp left them: what benchmarks sample from.
public final class ModelRows implements AutoCloseable {
    /// How many rows there are.
    public static final int COUNT = 16;

    private static final String TEXT = "The lighthouse keeper climbed the stairs every evening, lit the lamp, and "
            + "wrote down the weather, the ships that passed and what he had dreamt of the night before.";

    private final LlamaContext context;
    private final int firstOutput;

    /// Decodes the text.
    ///
    /// @param model must stay open as long as these rows
    public ModelRows(LlamaModel model) {
        context = model.newContext();
        int[] tokens = model.tokenizer().tokenize(TEXT, true, true);
        firstOutput = tokens.length - COUNT;
        Batch batch = new Batch();
        for (int i = 0; i < tokens.length; i++) {
            batch.add(tokens[i], i, 0, i >= firstOutput);
        }
        context.decode(batch);
    }

    /// The context that decoded.
    public LlamaContext context() {
        return context;
    }

    /// The context's number of row `index`.
    public int output(int index) {
        return firstOutput + index;
    }

    /// Row `index`.
    public MemorySegment row(int index) {
        return context.logits(output(index));
    }

    /// Frees the context.
    @Override
    public void close() {
        context.close();
    }
}
