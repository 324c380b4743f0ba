package io.github.javasampler.llama;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The runtime that a `java-sampler-native` jar carries, unpacked to the user's cache under a name that holds its hash.
///
/// What is loaded is exactly what the jar's index names: files are verified when they are unpacked and again at every
/// start, in a directory that only its owner can enter. Directories appear by one atomic move, so processes that start
/// at the same time, or die half-way, do not disturb each other.
final class BundledRuntime {
    private static final String ROOT = "META-INF/java-sampler/native/";
    private static final String HEADER = "llama.cpp ";
    private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final URL index;
    private final String version;
    private final String name;
    private final Map<String, String> hashes = new LinkedHashMap<>();

    private BundledRuntime(URL index, byte[] content) {
        this.index = index;
        String[] lines = new String(content, StandardCharsets.UTF_8).split("\n");
        if (!lines[0].startsWith(HEADER)) {
            throw new IllegalArgumentException("its first line must be '" + HEADER + "VERSION', is '" + lines[0] + "'");
        }
        version = lines[0].substring(HEADER.length()).strip();
        for (int i = 1; i < lines.length; i++) {
            String[] parts = lines[i].strip().split("  ", 2);
            // Names come out of a jar and become paths: nothing that could lead out of the directory.
            if (parts.length != 2 || parts[0].length() != 64 || !FILE_NAME.matcher(parts[1]).matches()) {
                throw new IllegalArgumentException("line " + (i + 1) + " must be 'SHA256  FILE', is '"
                        + lines[i] + "'");
            }
            hashes.put(parts[1], parts[0]);
        }
        name = "llama-" + version.replaceAll("[^A-Za-z0-9.]", "_") + '-'
                + HexFormat.of().formatHex(sha256().digest(content), 0, 4);
    }

    /// The name of the index in the class path.
    static String resource(String classifier) {
        return ROOT + classifier + "/index";
    }

    /// The runtime for a platform, or null if no jar has one.
    static BundledRuntime find(String classifier, ClassLoader loader) throws IOException {
        URL index = loader.getResource(resource(classifier));
        if (index == null) {
            return null;
        }
        try (InputStream in = index.openStream()) {
            return new BundledRuntime(index, in.readAllBytes());
        }
    }

    /// Where it comes from.
    URL index() {
        return index;
    }

    /// Unpacks it below a cache directory unless it is there and unchanged.
    ///
    /// @return the directory of the libraries
    Path unpack(Path cache) throws IOException {
        Path parent = Files.createDirectories(cache.toAbsolutePath());
        Path target = parent.resolve(name);
        if (problem(target) == null) {
            return target;
        }
        Path fresh = Files.createTempDirectory(parent, '.' + name + '-');
        try {
            for (String file : hashes.keySet()) {
                copy(file, fresh.resolve(file));
            }
            publish(fresh, target, parent);
        } finally {
            delete(fresh);
        }
        String problem = problem(target);
        if (problem != null) {
            throw new IOException(target + ": " + problem);
        }
        return target;
    }

    /// What is wrong with an unpacked directory, or null if nothing is.
    String problem(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return "does not exist";
        }
        FileStore store = Files.getFileStore(directory);
        if (store.supportsFileAttributeView("posix")
                && !Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS).equals(OWNER_ONLY)) {
            return "is open to other users";
        }
        for (Map.Entry<String, String> entry : hashes.entrySet()) {
            Path file = directory.resolve(entry.getKey());
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return entry.getKey() + " is missing";
            }
            try (InputStream in = Files.newInputStream(file)) {
                if (!hash(in).equals(entry.getValue())) {
                    return entry.getKey() + " is not the file that was packed";
                }
            }
        }
        return null;
    }

    private void copy(String file, Path to) throws IOException {
        URL source = URI.create(index.toString().substring(0, index.toString().lastIndexOf('/') + 1) + file).toURL();
        try (InputStream in = source.openStream()) {
            Files.copy(in, to);
        }
    }

    private void publish(Path fresh, Path target, Path parent) throws IOException {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && problem(target) != null) {
            Path aside = Files.createTempDirectory(parent, ".old-");
            try {
                Files.move(target, aside.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException _) {
                // Another process was faster: what counts is what is there in the end.
            }
            delete(aside);
        }
        try {
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw e;
        } catch (IOException e) {
            if (problem(target) != null) {
                throw e;
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            tree.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static String hash(InputStream in) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[1 << 16];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            digest.update(buffer, 0, read);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
