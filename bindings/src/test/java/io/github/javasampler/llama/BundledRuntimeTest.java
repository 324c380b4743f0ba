package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundledRuntimeTest {

    @TempDir
    Path directory;

    @Test
    void whatTheIndexNamesIsUnpackedForItsOwnerOnly() throws Exception {
        BundledRuntime runtime = runtime(index("liba.so", "a", "libb.so.1", "b"));
        Path unpacked = runtime.unpack(cache());
        assertThat(unpacked.getFileName().toString()).matches("llama-1\\.2\\.3-[0-9a-f]{8}");
        assertThat(unpacked.resolve("liba.so")).hasContent("a");
        assertThat(unpacked.resolve("libb.so.1")).hasContent("b");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(unpacked))).isEqualTo("rwx------");
        assertThat(runtime.unpack(cache())).isEqualTo(unpacked);
        assertThat(entries()).as("nothing else is left in the cache").containsExactly(unpacked);
    }

    @Test
    void anotherIndexGoesToAnotherDirectory() throws Exception {
        Path first = runtime(index("liba.so", "a")).unpack(cache());
        Path second = runtime(index("liba.so", "b")).unpack(cache());
        assertThat(second).isNotEqualTo(first);
        assertThat(first.resolve("liba.so")).hasContent("a");
    }

    @Test
    void whatWasTamperedWithIsReplaced() throws Exception {
        BundledRuntime runtime = runtime(index("liba.so", "a", "libb.so", "b"));
        Path unpacked = runtime.unpack(cache());
        Files.writeString(unpacked.resolve("liba.so"), "evil");
        assertThat(runtime.problem(unpacked)).isEqualTo("liba.so is not the file that was packed");
        assertThat(runtime.unpack(cache()).resolve("liba.so")).hasContent("a");

        Files.delete(unpacked.resolve("libb.so"));
        assertThat(runtime.problem(unpacked)).isEqualTo("libb.so is missing");
        assertThat(runtime.unpack(cache()).resolve("libb.so")).hasContent("b");

        Files.setPosixFilePermissions(unpacked, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(runtime.problem(unpacked)).isEqualTo("is open to other users");
        assertThat(runtime.problem(runtime.unpack(cache()))).isNull();

        Files.delete(unpacked.resolve("liba.so"));
        Files.createSymbolicLink(unpacked.resolve("liba.so"), Files.writeString(directory.resolve("elsewhere"), "a"));
        assertThat(runtime.problem(unpacked)).isEqualTo("liba.so is missing");
        assertThat(entries()).containsExactly(runtime.unpack(cache()));
    }

    @Test
    void aJarWhoseFilesAreNotThoseOfItsIndexIsRefused() throws Exception {
        BundledRuntime runtime = runtime(index("liba.so", "a"));
        Files.writeString(folder().resolve("liba.so"), "other");
        assertThatThrownBy(() -> runtime.unpack(cache())).isInstanceOf(IOException.class)
                .hasMessageEndingWith("liba.so is not the file that was packed");
    }

    @Test
    void namesThatLeadElsewhereAreRefused() throws Exception {
        String hash = "0".repeat(64);
        for (String name : List.of("../x", "/x", "a/b", "..", ".x", "")) {
            Files.createDirectories(folder());
            Files.writeString(folder().resolve("index"), "llama.cpp 1\n" + hash + "  " + name + "\n");
            assertThatThrownBy(this::find).as(name).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("line 2 must be 'SHA256  FILE', is ");
        }
        Files.writeString(folder().resolve("index"), "something\n");
        assertThatThrownBy(this::find).hasMessage("its first line must be 'llama.cpp VERSION', is 'something'");
    }

    @Test
    void aPlatformWithoutAJarHasNone() throws Exception {
        assertThat(find()).isNull();
    }

    @Test
    void manyAtOnceUnpackTheSame() throws Exception {
        BundledRuntime runtime = runtime(index("liba.so", "a".repeat(100_000), "libb.so", "b"));
        List<Callable<Path>> work = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            work.add(() -> runtime.unpack(cache()));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (var unpacked : threads.invokeAll(work)) {
                assertThat(runtime.problem(unpacked.get())).isNull();
            }
        }
        assertThat(entries()).hasSize(1);
    }

    private Path cache() {
        return directory.resolve("cache");
    }

    private Path folder() {
        return directory.resolve("jar/META-INF/java-sampler/native/test");
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> entries = Files.list(cache())) {
            return entries.toList();
        }
    }

    private String index(String... namesAndContents) throws Exception {
        StringBuilder index = new StringBuilder("llama.cpp 1.2.3\n");
        Files.createDirectories(folder());
        for (int i = 0; i < namesAndContents.length; i += 2) {
            byte[] content = namesAndContents[i + 1].getBytes(StandardCharsets.UTF_8);
            Files.write(folder().resolve(namesAndContents[i]), content);
            index.append(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content))).append("  ")
                    .append(namesAndContents[i]).append('\n');
        }
        return index.toString();
    }

    private BundledRuntime runtime(String index) throws IOException {
        Files.writeString(folder().resolve("index"), index);
        return find();
    }

    private BundledRuntime find() throws IOException {
        URL[] path = {directory.resolve("jar").toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(path, null)) {
            return BundledRuntime.find("test", loader);
        }
    }
}
