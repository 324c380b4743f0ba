package io.github.javasampler.cli;

import io.github.javasampler.llama.LlamaRuntime;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// The option that says which llama.cpp.
final class LibraryOption {
    @Option(names = "--llama-lib", paramLabel = "DIR",
            description = "The folder of llama.cpp's shared libraries. Default: the ones that come along")
    private Path libraries;

    LlamaRuntime runtime() {
        return libraries == null ? LlamaRuntime.load() : LlamaRuntime.load(libraries);
    }
}
