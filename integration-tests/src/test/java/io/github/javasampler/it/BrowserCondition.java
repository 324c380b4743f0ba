package io.github.javasampler.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What [RequiresBrowser] does.
final class BrowserCondition extends PartCondition {
    private static final List<String> BROWSERS = List.of("chromium", "chromium-browser", "google-chrome");
    private static final List<String> DRIVERS = List.of("chromedriver");

    @Override
    String part() {
        return "Chromium";
    }

    @Override
    Optional<String> obstacle() {
        return browser().isEmpty() ? Optional.of("none of " + BROWSERS + " is on the PATH")
                : driver().isEmpty() ? Optional.of("chromedriver is not on the PATH (Debian: chromium-driver)")
                : Optional.empty();
    }

    /// The browser's executable.
    static Optional<Path> browser() {
        return onThePath(BROWSERS);
    }

    /// What drives it.
    static Optional<Path> driver() {
        return onThePath(DRIVERS);
    }

    private static Optional<Path> onThePath(List<String> names) {
        List<Path> folders = Stream.of(System.getenv("PATH").split(":")).map(Path::of).toList();
        return names.stream().flatMap(name -> folders.stream().map(folder -> folder.resolve(name)))
                .filter(Files::isExecutable).findFirst();
    }
}
