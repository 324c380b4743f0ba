package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Directories of libraries that are the packaged ones, but for what `llama_shim.c` changes.
final class ShimLibrary {
    private ShimLibrary() {}

    /// Makes one.
    ///
    /// @param folder does not exist yet
    /// @param macros what `llama_shim.c` is compiled with, such as `VERSION="0.9.0"`
    /// @return the folder
    static Path make(Path folder, String... macros) throws IOException, InterruptedException {
        Files.createDirectory(folder);
        // Below, where the loader finds it for the shim, and nobody takes it for another libllama of the folder.
        Path below = Files.createDirectory(folder.resolve("packaged"));
        Path packaged = null;
        try (Stream<Path> files = Files.list(LlamaRuntime.load().directory())) {
            for (Path file : files.toList()) {
                boolean isLlama = Platform.current().files("llama").matcher(file.getFileName().toString()).matches();
                Path copy = (isLlama ? below : folder).resolve(file.getFileName());
                Files.copy(file, copy);
                packaged = isLlama ? copy : packaged;
            }
        }
        Path llamaCpp = Requirement.llamaCpp();
        List<String> command = new ArrayList<>(List.of(Requirement.cc(), "-shared", "-fPIC", "-Wall", "-Werror", "-I",
                llamaCpp.resolve("include").toString(), "-I", llamaCpp.resolve("ggml/include").toString()));
        for (String macro : macros) {
            command.add("-D" + macro);
        }
        command.addAll(List.of("src/test/c/llama_shim.c", "-o",
                folder.resolve(Platform.current().usualName("llama")).toString(),
                "-Wl,--no-as-needed,--allow-shlib-undefined,-rpath,$ORIGIN/packaged", packaged.toString()));
        Commands.Result compiled = Commands.run(command, Map.of());
        assertThat(compiled.exit()).as(compiled.output()).isZero();
        return folder;
    }
}
