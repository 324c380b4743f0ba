package io.github.javasampler.llama;

import java.nio.file.Path;
import java.util.function.UnaryOperator;

/// Where this project keeps what it fetches or unpacks for a user.
public final class UserCache {
    private UserCache() {}

    /// `$XDG_CACHE_HOME/java-sampler`, or `~/.cache/java-sampler`. It need not exist yet.
    public static Path directory() {
        return directory(System::getenv, System.getProperty("user.home"));
    }

    /// @param accountHome the account's home, for systems that set no `HOME`
    static Path directory(UnaryOperator<String> environment, String accountHome) {
        String cache = environment.apply("XDG_CACHE_HOME");
        if (cache != null && !cache.isBlank()) {
            return Path.of(cache, "java-sampler");
        }
        // The JVM asks the account database, and users who set HOME mean it.
        String home = environment.apply("HOME");
        return Path.of(home == null || home.isBlank() ? accountHome : home, ".cache", "java-sampler");
    }
}
