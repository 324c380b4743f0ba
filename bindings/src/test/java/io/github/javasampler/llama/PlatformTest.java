package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {

    @ParameterizedTest
    @CsvSource({
        "Linux, amd64, linux-x86_64", "Linux, aarch64, linux-aarch64", "Linux, riscv64, linux-riscv64",
        "Mac OS X, aarch64, macos-aarch64", "Mac OS X, x86_64, macos-x86_64",
        "Windows 11, amd64, windows-x86_64", "Windows Server 2025, aarch64, windows-aarch64",
    })
    void theClassifierNamesSystemAndProcessor(String osName, String osArch, String classifier) {
        assertThat(Platform.of(osName).classifier(osArch)).isEqualTo(classifier);
    }

    @ParameterizedTest
    @CsvSource({
        "LINUX, llama, libllama.so", "LINUX, llama, libllama.so.0", "LINUX, llama, libllama.so.0.5.0",
        "LINUX, llama, libllama.v0.5.0.so", "LINUX, ggml-base, libggml-base.so.0",
        "MACOS, llama, libllama.dylib", "MACOS, llama, libllama.0.5.0.dylib", "MACOS, ggml, libggml.v0.5.0.dylib",
        "WINDOWS, llama, llama.dll", "WINDOWS, ggml-base, ggml-base.dll", "WINDOWS, llama, libllama.v0.5.0.dll",
    })
    void everyVariantOfALibraryNameIsKnown(Platform platform, String library, String file) {
        assertThat(platform.files(library).matcher(file).matches()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "LINUX, llama, libllama-common.so", "LINUX, ggml, libggml-base.so", "LINUX, ggml, libggml-cpu-x64.so",
        "LINUX, llama, libllama.dylib", "LINUX, llama, libllama.so.bak", "WINDOWS, ggml, ggml-cpu-haswell.dll",
        "MACOS, llama, llama.dylib",
    })
    void otherFilesAreNot(Platform platform, String library, String file) {
        assertThat(platform.files(library).matcher(file).matches()).isFalse();
    }

    @Test
    void theUsualNameIsAVariant() {
        for (Platform platform : Platform.values()) {
            assertThat(platform.files("llama").matcher(platform.usualName("llama")).matches()).isTrue();
        }
    }
}
