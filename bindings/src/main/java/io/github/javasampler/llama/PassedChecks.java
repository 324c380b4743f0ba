package io.github.javasampler.llama;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Remembers in the user's cache which libraries have passed [SelfCheck], so that it runs once for each. A library is
/// known by its path, size and time of change. That one has failed is not remembered: the reason may have been the
/// machine's.
final class PassedChecks {
    private final Path directory;

    /// @param cache the user's cache; it need not exist, and need not be writable
    PassedChecks(Path cache) {
        directory = cache.resolve("self-checks");
    }

    /// The version whose layouts a library was found to have.
    Optional<KnownVersion> find(List<Path> files) {
        try {
            List<String> lines = Files.readAllLines(file(files));
            return lines.size() == 2 && lines.getFirst().equals(key(files)) ? KnownVersion.of(lines.getLast())
                    : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// Remembers it. Where that is impossible, the check will run again.
    void add(List<Path> files, KnownVersion layouts) {
        try {
            Files.createDirectories(directory);
            Path fresh = Files.createTempFile(directory, ".new-", "");
            try {
                Files.writeString(fresh, key(files) + '\n' + layouts.number() + '\n');
                Files.move(fresh, file(files), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException _) {
            // The cache is a convenience.
        }
    }

    private Path file(List<Path> files) throws IOException {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(key(files).getBytes(StandardCharsets.UTF_8));
            return directory.resolve(HexFormat.of().formatHex(hash, 0, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String key(List<Path> files) throws IOException {
        StringBuilder key = new StringBuilder("check ").append(SelfCheck.REVISION);
        for (Path file : files) {
            key.append(" | ").append(file.toString().replace('\n', ' ')).append(' ').append(Files.size(file))
                    .append(' ').append(Files.getLastModifiedTime(file).toInstant());
        }
        return key.toString();
    }
}
