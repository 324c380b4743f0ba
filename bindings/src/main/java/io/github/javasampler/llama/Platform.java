package io.github.javasampler.llama;

import java.util.Locale;
import java.util.regex.Pattern;

/// How this operating system names shared libraries, and which runtime jar fits it.
enum Platform {
    LINUX("linux", "lib", "(\\.v?[0-9.]+)?\\.so(\\.[0-9.]+)?"),
    MACOS("macos", "lib", "(\\.v?[0-9.]+)?\\.dylib"),
    WINDOWS("windows", "(lib)?", "([.-]v?[0-9.]+)?\\.dll");

    private final String label;
    private final String prefix;
    private final String suffix;

    Platform(String label, String prefix, String suffix) {
        this.label = label;
        this.prefix = prefix;
        this.suffix = suffix;
    }

    static Platform current() {
        return of(System.getProperty("os.name"));
    }

    static Platform of(String osName) {
        String name = osName.toLowerCase(Locale.ROOT);
        if (name.startsWith("windows")) {
            return WINDOWS;
        }
        return name.startsWith("mac") || name.startsWith("darwin") ? MACOS : LINUX;
    }

    /// The classifier of the runtime jar, such as `linux-x86_64`.
    String classifier(String osArch) {
        String arch = switch (osArch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64", "x64" -> "x86_64";
            case "aarch64", "arm64" -> "aarch64";
            default -> osArch.toLowerCase(Locale.ROOT);
        };
        return label + '-' + arch;
    }

    /// The file names under which a library may come: `libllama.so`, `libllama.so.0`, `libllama.v0.5.0.so`,
    /// `llama.dll`.
    Pattern files(String library) {
        return Pattern.compile(prefix + Pattern.quote(library) + suffix);
    }

    /// The name that is asked for in messages.
    String usualName(String library) {
        return switch (this) {
            case LINUX -> "lib" + library + ".so";
            case MACOS -> "lib" + library + ".dylib";
            case WINDOWS -> library + ".dll";
        };
    }
}
