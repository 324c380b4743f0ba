package io.github.javasampler.cli;

import java.net.URISyntaxException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;

/// The plug-in for hosts that are not Java: it lies beside the jars of this program, which it needs itself. Null, both,
/// where it was not built.
///
/// @param library the path of `libjavasampler.so`
/// @param include that of the folder of `java_sampler.h`
record PluginFiles(String library, String include) {
    private static final PluginFiles NONE = new PluginFiles(null, null);

    static PluginFiles find() {
        CodeSource source = PluginFiles.class.getProtectionDomain().getCodeSource();
        try {
            Path folder = Path.of(source.getLocation().toURI()).getParent();
            Path library = folder.resolve("libjavasampler.so");
            Path include = folder.resolveSibling("include");
            return Files.isRegularFile(library) && Files.isRegularFile(include.resolve("java_sampler.h"))
                    ? new PluginFiles(library.toString(), include.toString()) : NONE;
        } catch (URISyntaxException | FileSystemNotFoundException e) {
            // In a runtime image, where this class is in no file.
            return NONE;
        }
    }

    boolean exist() {
        return library != null;
    }
}
