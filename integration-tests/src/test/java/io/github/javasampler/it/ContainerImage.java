package io.github.javasampler.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The image of the command line, built by the two commands of `docker/README.md`, once per run.
final class ContainerImage {
    private static final String NAME = "java-sampler/cli:test";
    private static final Path DOCKER = Path.of("../docker");
    private static final Path CONTEXT = DOCKER.resolve("target/image");

    private static boolean built;

    private ContainerImage() {}

    /// The name of the image, which exists from then on.
    static synchronized String name() {
        if (!built) {
            if (!Files.isDirectory(CONTEXT)) {
                throw new IllegalStateException(CONTEXT + " must hold the files of the image, and is not there; "
                        + "run 'mvn package' first");
            }
            base("bookworm");
            run("docker", "build", "--tag", NAME, "--file", DOCKER.resolve("Dockerfile").toString(),
                    CONTEXT.toString());
            built = true;
        }
        return NAME;
    }

    /// The name of a base image, which exists from then on.
    ///
    /// @param suite the Debian suite: `bookworm`, or `sid` with Debian's own llama.cpp
    static String base(String suite) {
        System.err.println("Building the container image (a minute where its base is not there yet) ...");
        run(DOCKER.resolve("base-image").toString(), suite);
        return "java-sampler/base:" + suite;
    }

    private static void run(String... command) {
        Cli.Result result = Cli.execute(List.of(command));
        if (result.exit() != 0) {
            throw new IllegalStateException("'" + String.join(" ", command) + "' must exit with 0, got "
                    + result.exit() + "; it wrote: " + result.err());
        }
    }
}
