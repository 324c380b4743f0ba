import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Programs that the build runs.
final class Tool {
    private static final int MAX_MINUTES = 15;

    private Tool() {
    }

    /// What the person who builds can mend: printed as one line, without a stack trace.
    static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failure(String message) {
            super(message);
        }
    }

    static boolean isOnPath(String command) {
        for (String directory : System.getenv("PATH").split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(directory, command))) {
                return true;
            }
        }
        return false;
    }

    /// Runs a command, quiet unless it fails. Its output goes to a file: nothing can block on a full pipe.
    static void run(Path directory, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("java-sampler-native", ".log");
        try {
            Process process = start(directory, output, command);
            if (!process.waitFor(MAX_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new Failure("'" + String.join(" ", command) + "' did not end within " + MAX_MINUTES + " minutes");
            }
            if (process.exitValue() != 0) {
                throw new Failure("'" + String.join(" ", command) + "' ended with " + process.exitValue() + ":\n"
                        + Files.readString(output, StandardCharsets.UTF_8).strip());
            }
        } finally {
            Files.delete(output);
        }
    }

    private static Process start(Path directory, Path output, String... command) {
        try {
            return new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                    .redirectOutput(output.toFile()).start();
        } catch (IOException e) {
            throw new Failure("'" + command[0] + "' is needed and is not on the PATH: install "
                    + (command[0].startsWith("npm") ? "Node.js 20 or newer, which has npm" : command[0]));
        }
    }
}
