import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Fetches the pinned llama.cpp with npm and lays it out for the jar. The build runs this file as it stands:
/// `java src/build/java/NativeRuntime.java COMMAND ...` in the folder `native/`.
///
/// * `runtime PACKAGE CLASSIFIER OUT`: installs what `package-lock.json` pins, then copies the shared libraries of
///   `@node-llama-cpp/PACKAGE` to `OUT/META-INF/java-sampler/native/CLASSIFIER`, with an index of their hashes.
/// * `source`: fetches llama.cpp's headers and vocabulary-only models to `.cache/llama.cpp`. They are only needed to
///   test or regenerate the bindings, so a failure is one line of warning.
///
/// Both do nothing, and need no network, when what they would make is there already.
public final class NativeRuntime {

    /// The package that carries llama.cpp's source as a git bundle, pinned as a lock file would pin it.
    private static final String SOURCE_PACKAGE = "node-llama-cpp@3.22.1";
    private static final String SOURCE_INTEGRITY =
            "sha512-bltIipuWmc123H7tMIgDGKSsSrhmhlQYeVUC48XTjVW7XGJJiJJyCdlTMzQ/LiWoPkGDpcL4FviDpgw7qfTiDw==";

    /// `libllama-common` is the tools' code: nothing here calls it.
    private static final Pattern LIBRARY =
            Pattern.compile("(lib)?(ggml|llama(?!-common))[^/]*\\.(so|dylib|dll)[.0-9]*");
    private static final Pattern RELEASE = Pattern.compile("\"release\"\\s*:\\s*\"v?([^\"]+)\"");

    private NativeRuntime() {
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        try {
            if (arguments.length == 4 && arguments[0].equals("runtime")) {
                runtime(arguments[1], arguments[2], Path.of(arguments[3]));
            } else if (arguments.length == 1 && arguments[0].equals("source")) {
                source(Path.of(".cache", "llama.cpp"));
            } else {
                throw new Tool.Failure("expected 'runtime PACKAGE CLASSIFIER OUT' or 'source', got "
                        + List.of(arguments));
            }
        } catch (Tool.Failure failure) {
            System.err.println("java-sampler-native: " + failure.getMessage());
            System.exit(1);
        }
    }

    private static void runtime(String name, String classifier, Path out) throws IOException, InterruptedException {
        Path lock = Path.of("package-lock.json");
        String lockHash = hash("SHA-256", lock);
        Path stamp = Path.of("node_modules", ".java-sampler-lock");
        Path bins = Path.of("node_modules", "@node-llama-cpp", name, "bins");
        if (!Files.isDirectory(bins) || !Files.exists(stamp) || !Files.readString(stamp).equals(lockHash)) {
            Tool.run(Path.of("."), npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            // npm passes over a package that is optional without a word, whatever the reason.
            if (!Files.isDirectory(bins)) {
                String wanted = "@node-llama-cpp/" + name;
                throw new Tool.Failure(Files.readString(lock).contains(wanted)
                        ? "npm did not install " + wanted + ": it could not be downloaded, is not for this machine, or"
                                + " its hash is not that of package-lock.json; 'npm ci --loglevel verbose' tells"
                        : wanted + " is not in package-lock.json; see native/README.md for how to add a platform");
            }
            Files.writeString(stamp, lockHash);
        }
        Path folder = out.resolve("META-INF/java-sampler/native").resolve(classifier);
        Path done = out.resolveSibling("native-" + classifier + ".lock");
        if (Files.exists(done) && Files.readString(done).equals(lockHash) && Files.exists(folder.resolve("index"))) {
            return;
        }
        pack(bins.getParent(), onlyFolder(bins), folder);
        Files.writeString(done, lockHash);
    }

    private static void pack(Path packageFolder, Path libraries, Path folder) throws IOException {
        delete(folder);
        Files.createDirectories(folder);
        StringBuilder index = new StringBuilder("llama.cpp " + release(libraries) + '\n');
        for (Path library : list(libraries)) {
            String file = library.getFileName().toString();
            if (LIBRARY.matcher(file).matches()) {
                Files.copy(library, folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
                index.append(hash("SHA-256", library)).append("  ").append(file).append('\n');
            }
        }
        Files.writeString(folder.resolve("index"), index);
        Path licenses = Files.createDirectories(folder.resolve("licenses"));
        Files.copy(packageFolder.resolve("LICENSE"), licenses.resolve("node-llama-cpp.txt"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.copy(Path.of("licenses", "llama.cpp.txt"), licenses.resolve("llama.cpp.txt"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    private static void source(Path target) throws IOException, InterruptedException {
        Path stamp = target.resolveSibling("source.integrity");
        if (Files.exists(stamp) && Files.readString(stamp).equals(SOURCE_INTEGRITY)) {
            return;
        }
        Path cache = target.getParent();
        try {
            delete(target);
            Files.createDirectories(cache);
            Tool.run(Path.of("."), npm(), "pack", SOURCE_PACKAGE, "--ignore-scripts", "--silent",
                    "--pack-destination", cache.toString());
            Path archive = cache.resolve("node-llama-cpp-" + SOURCE_PACKAGE.substring(SOURCE_PACKAGE.indexOf('@') + 1)
                    + ".tgz");
            String integrity = "sha512-" + Base64.getEncoder().encodeToString(digest("SHA-512", archive));
            if (!integrity.equals(SOURCE_INTEGRITY)) {
                throw new Tool.Failure(SOURCE_PACKAGE + " must have integrity " + SOURCE_INTEGRITY + ", got "
                        + integrity);
            }
            Tool.run(cache, "tar", "-xzf", archive.getFileName().toString(), "package/llama/gitRelease.bundle");
            Path bundle = cache.resolve("package/llama/gitRelease.bundle").toAbsolutePath();
            Tool.run(cache, "git", "clone", "--quiet", "--no-checkout", bundle.toString(),
                    target.getFileName().toString());
            Tool.run(target, "git", "checkout", "--quiet", "HEAD", "--", "LICENSE", "include", "ggml/include",
                    "grammars", "models");
            delete(cache.resolve("package"));
            delete(target.resolve(".git"));
            Files.delete(archive);
            Files.writeString(stamp, SOURCE_INTEGRITY);
        } catch (Tool.Failure failure) {
            System.err.println("java-sampler-native: no llama.cpp source, tests that need it will be skipped: "
                    + failure.getMessage());
        }
    }

    private static String npm() {
        return System.getProperty("os.name").startsWith("Windows") ? "npm.cmd" : "npm";
    }

    private static String release(Path libraries) throws IOException {
        Path metadata = libraries.resolve("_nlcBuildMetadata.json");
        Matcher matcher = RELEASE.matcher(Files.readString(metadata));
        if (!matcher.find()) {
            throw new Tool.Failure(metadata + " names no llama.cpp release");
        }
        return matcher.group(1);
    }

    private static Path onlyFolder(Path bins) throws IOException {
        List<Path> folders = list(bins);
        if (folders.size() != 1) {
            throw new Tool.Failure(bins + " must hold one folder of libraries, holds " + folders);
        }
        return folders.get(0);
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return new ArrayList<>(entries.sorted().toList());
        }
    }

    private static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(path)) {
            tree.sorted((a, b) -> b.compareTo(a)).forEach(file -> {
                try {
                    file.toFile().setWritable(true);
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private static String hash(String algorithm, Path file) throws IOException {
        return HexFormat.of().formatHex(digest(algorithm, file));
    }

    private static byte[] digest(String algorithm, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
