package io.github.javasampler.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Reads the files that options name.
final class TextFile {
    private TextFile() {}

    /// @param what it holds, as a message calls it: "prompt"
    static String read(Path file, String what) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new CommandException("the " + what + " file " + file + " must exist, and does not");
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new CommandException("the " + what + " file " + file + " must be UTF-8, and is not");
        }
    }
}
