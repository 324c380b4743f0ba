package io.github.javasampler.cli;

import io.github.javasampler.llama.ContextOptions;
import io.github.javasampler.llama.LlamaModel;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that say which llama.cpp and which model.
final class LlamaOptions {
    @Option(names = {"-m", "--model"}, paramLabel = "FILE",
            description = "A GGUF file. Default: SmolLM2-135M-Instruct, fetched once")
    private Path model;

    @Mixin
    private LibraryOption library;

    @Option(names = {"-c", "--ctx-size"}, paramLabel = "N", defaultValue = "0",
            description = "Context length in tokens; 0 takes the model's, at most 4096. Default: ${DEFAULT-VALUE}")
    private int contextLength;

    @Option(names = {"-t", "--threads"}, paramLabel = "N",
            description = "Threads that decode. Default: one less than there are processors")
    private Integer threads;

    /// Where the model lies; the default one is fetched if it is not there yet.
    private Path modelFile() throws IOException {
        return model == null ? SmallModel.fetch() : model;
    }

    /// What the model's file is called.
    String modelName() {
        return String.valueOf((model == null ? SmallModel.path() : model).getFileName());
    }

    /// Loads the model; the caller closes it.
    LlamaModel loadModel() throws IOException {
        return LlamaModel.load(library.runtime(), modelFile());
    }

    ContextOptions context() {
        ContextOptions context = ContextOptions.DEFAULT.withContextLength(contextLength);
        return threads == null ? context : context.withThreads(threads);
    }
}
