package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a test needs from its machine. Without it the test is skipped and says why, and fails where CI is set: there a
/// test that silently does not run would be a hole.
public final class Requirement {
    private static final Path LLAMA_CPP = Path.of("..", "native", ".cache", "llama.cpp");

    private Requirement() {
    }

    /// The source tree of llama.cpp, with headers and vocabularies.
    public static Path llamaCpp() {
        if (!Files.isDirectory(LLAMA_CPP)) {
            missing(LLAMA_CPP + " does not exist: the module 'native' could not fetch llama.cpp's source");
        }
        return LLAMA_CPP.toAbsolutePath().normalize();
    }

    /// A C compiler.
    public static String cc() {
        if (!onPath("cc")) {
            missing("no C compiler 'cc' is on the PATH");
        }
        return "cc";
    }

    public static boolean onPath(String command) {
        for (String directory : System.getenv("PATH").split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(directory, command))) {
                return true;
            }
        }
        return false;
    }

    /// Skips the test, or fails it where CI is set.
    public static void missing(String reason) {
        if ("true".equals(System.getenv("CI"))) {
            fail(reason);
        }
        System.out.println("SKIPPED: " + reason);
        abort(reason);
    }
}
