package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UserCacheTest {
    @Test
    void theCacheIsWhereTheEnvironmentSays() {
        Map<String, String> both = Map.of("XDG_CACHE_HOME", "/cache", "HOME", "/home/a");
        assertThat(UserCache.directory(both::get, "/home/b")).isEqualTo(Path.of("/cache/java-sampler"));
        Map<String, String> home = Map.of("XDG_CACHE_HOME", " ", "HOME", "/home/a");
        assertThat(UserCache.directory(home::get, "/home/b")).isEqualTo(Path.of("/home/a/.cache/java-sampler"));
        assertThat(UserCache.directory(name -> null, "/home/b")).isEqualTo(Path.of("/home/b/.cache/java-sampler"));
    }
}
