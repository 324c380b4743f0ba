package io.github.javasampler.llama;

import io.github.javasampler.llama.abi.llama_h;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The llama.cpp libraries of this process. There is one, because a second copy would share symbols with the first.
///
/// Any thread may use it. It is never unloaded.
public final class LlamaRuntime {
    /// The system property that names a directory of libraries: `io.github.javasampler.llama.lib`.
    public static final String DIRECTORY_PROPERTY = "io.github.javasampler.llama.lib";

    /// The environment variable that does the same: `JAVA_SAMPLER_LLAMA_LIB`. The property goes first.
    public static final String DIRECTORY_VARIABLE = "JAVA_SAMPLER_LLAMA_LIB";

    /// The llama.cpp versions that these bindings know, the oldest and packaged one first. A library of another version
    /// is used if it passes a self-check.
    public static final List<String> KNOWN_VERSIONS = List.copyOf(KnownVersion.numbers());

    /// In the order in which they need each other.
    private static final List<String> LIBRARIES = List.of("ggml-base", "ggml", "llama");
    /// A healthy self-check takes half a second.
    private static final Duration SELF_CHECK_LIMIT = Duration.ofSeconds(20);
    private static final String REMEDY = "put a java-sampler-native jar for this platform on the class path, or name a"
            + " directory that holds llama.cpp " + String.join(" or ", KNOWN_VERSIONS) + " by -D"
            + DIRECTORY_PROPERTY + "=DIR or " + DIRECTORY_VARIABLE + "=DIR";

    private static LlamaRuntime loaded;
    /// A directory of which something was loaded before something failed: libraries cannot be unloaded.
    private static Path spoiled;

    private final Path directory;
    private final List<Attempt> searched;
    private final KnownVersion layouts;
    private final boolean knownVersion;
    private final ContextFunctions contextFunctions;

    private LlamaRuntime(Path directory, List<Attempt> searched, KnownVersion layouts) {
        this.directory = directory;
        this.searched = List.copyOf(searched);
        this.layouts = layouts;
        knownVersion = KnownVersion.of(version()).equals(Optional.of(layouts));
        contextFunctions = new ContextFunctions(layouts);
    }

    /// A place where libraries were looked for.
    ///
    /// @param where a path, property or resource
    /// @param outcome what was found, or why it did not do
    public record Attempt(String where, String outcome) {
    }

    /// The runtime of this process, loaded if it is not yet.
    ///
    /// The libraries come from the directory that the property [#DIRECTORY_PROPERTY] or the variable
    /// [#DIRECTORY_VARIABLE] names. Without either they come from the `java-sampler-native` jar on the class path,
    /// which is unpacked to `${XDG_CACHE_HOME:-~/.cache}/java-sampler`.
    ///
    /// @throws LibraryLoadException if there is none to be loaded
    /// @throws UnsupportedVersionException if it is of an unknown version and fails the self-check
    public static synchronized LlamaRuntime load() {
        if (loaded != null) {
            return loaded;
        }
        List<Attempt> attempts = new ArrayList<>();
        Path named = namedDirectory(attempts);
        return named != null ? open(named, attempts) : open(unpacked(attempts), attempts);
    }

    /// The runtime of this process, loaded from a directory.
    ///
    /// The directory must hold `ggml-base`, `ggml` and `llama`, each under one name (`libllama.so`, `libllama.so.0`,
    /// `libllama.v0.5.0.so`, `libllama.dylib`, `llama.dll`), and the backends (`libggml-cpu-*.so`), which may
    /// also lie in `ggml/backends*` below it, as Debian's do.
    ///
    /// @throws LibraryLoadException if it cannot be loaded, or libraries of another directory are loaded
    /// @throws UnsupportedVersionException if it is of an unknown version and fails the self-check
    public static synchronized LlamaRuntime load(Path directory) {
        if (loaded == null) {
            return open(directory, new ArrayList<>());
        }
        if (!loaded.directory.equals(real(directory))) {
            throw new LibraryLoadException("one process can load one llama.cpp, and has loaded that of "
                    + loaded.directory, List.of(new Attempt(directory.toString(), "refused")),
                    "use LlamaRuntime.load(), or start another process for another library");
        }
        return loaded;
    }

    /// What llama.cpp says its version is: one of [#KNOWN_VERSIONS], the same with `-dev` behind it, or another that
    /// has passed the self-check.
    public String version() {
        // const char * llama_version(void);
        return NativeMemory.string(llama_h.llama_version());
    }

    /// Whether it is one of [#KNOWN_VERSIONS]. If not, it has passed the self-check, which covers the sampling
    /// functions and the parameters, but not what needs a model.
    public boolean isKnownVersion() {
        return knownVersion;
    }

    /// The one of [#KNOWN_VERSIONS] whose struct layouts are used.
    public String layoutVersion() {
        return layouts.number();
    }

    /// The functions that depend on the version.
    ContextFunctions contextFunctions() {
        return contextFunctions;
    }

    /// The directory that the libraries were loaded from.
    public Path directory() {
        return directory;
    }

    /// Where libraries were looked for, in order; the last is the one that was taken.
    public List<Attempt> searched() {
        return searched;
    }

    /// llama.cpp's description of the machine: the instructions and backends that it uses.
    public String systemInfo() {
        // const char * llama_print_system_info(void);
        return NativeMemory.string(llama_h.llama_print_system_info());
    }

    @Override
    public String toString() {
        return "llama.cpp " + version() + " in " + directory;
    }

    private static Path namedDirectory(List<Attempt> attempts) {
        String property = System.getProperty(DIRECTORY_PROPERTY);
        if (property != null && !property.isBlank()) {
            return Path.of(property);
        }
        attempts.add(new Attempt("-D" + DIRECTORY_PROPERTY, "not set"));
        String variable = System.getenv(DIRECTORY_VARIABLE);
        if (variable != null && !variable.isBlank()) {
            return Path.of(variable);
        }
        attempts.add(new Attempt(DIRECTORY_VARIABLE, "not set"));
        return null;
    }

    private static Path unpacked(List<Attempt> attempts) {
        String classifier = Platform.current().classifier(System.getProperty("os.arch"));
        Set<ClassLoader> loaders = new LinkedHashSet<>();
        loaders.add(LlamaRuntime.class.getClassLoader());
        loaders.add(Thread.currentThread().getContextClassLoader());
        loaders.remove(null);
        try {
            for (ClassLoader loader : loaders) {
                BundledRuntime bundled = BundledRuntime.find(classifier, loader);
                if (bundled != null) {
                    attempts.add(new Attempt(bundled.index().toString(), "found"));
                    return bundled.unpack(UserCache.directory());
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            attempts.add(new Attempt(BundledRuntime.resource(classifier), "cannot be unpacked to "
                    + UserCache.directory() + ": " + e));
            throw new LibraryLoadException("the packaged llama.cpp cannot be used", attempts,
                    "make that directory writable, or set XDG_CACHE_HOME to one that is");
        }
        attempts.add(new Attempt(BundledRuntime.resource(classifier), "not on the class path"));
        throw new LibraryLoadException("no llama.cpp library was found for " + classifier, attempts, REMEDY);
    }

    private static LlamaRuntime open(Path directory, List<Attempt> attempts) {
        Path folder = real(directory);
        List<Path> files = loadFiles(folder, attempts);
        KnownVersion layouts = layouts(folder, files, attempts);
        start(folder, attempts);
        attempts.add(new Attempt(folder.toString(), "loaded"));
        loaded = new LlamaRuntime(folder, attempts, layouts);
        spoiled = null;
        return loaded;
    }

    /// Loads a library of an unknown version, without a backend, for [SelfCheck] in a process of its own.
    ///
    /// @param layouts finds out which ones it has, when its files are loaded
    static synchronized LlamaRuntime loadForSelfCheck(Path directory, Supplier<KnownVersion> layouts) {
        List<Attempt> attempts = new ArrayList<>();
        loadFiles(real(directory), attempts);
        return new LlamaRuntime(directory, attempts, layouts.get());
    }

    private static List<Path> loadFiles(Path folder, List<Attempt> attempts) {
        if (spoiled != null) {
            throw new LibraryLoadException("no llama.cpp can be loaded any more: a part of the one in " + spoiled
                    + " was, before the rest of it failed", attempts, "start a new process");
        }
        List<Path> files = new ArrayList<>();
        for (String library : LIBRARIES) {
            files.add(file(folder, library, attempts));
        }
        spoiled = folder;
        for (Path file : files) {
            load(file, attempts);
        }
        return files;
    }

    /// The one file of a directory that is a library. Several names of one file are one.
    private static Path file(Path folder, String library, List<Attempt> attempts) {
        Platform platform = Platform.current();
        Pattern pattern = platform.files(library);
        Set<Path> found = new LinkedHashSet<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.sorted().toList()) {
                if (pattern.matcher(entry.getFileName().toString()).matches()) {
                    found.add(entry.toRealPath());
                }
            }
        } catch (IOException e) {
            attempts.add(new Attempt(folder.toString(), "cannot be read: " + e));
            throw new LibraryLoadException("the directory of llama.cpp's libraries must exist", attempts, REMEDY);
        }
        if (found.size() != 1) {
            attempts.add(new Attempt(folder.resolve(platform.usualName(library)).toString(), found.isEmpty()
                    ? "does not exist, under no variant of that name" : "is there more than once: " + found));
            throw new LibraryLoadException("the directory of llama.cpp's libraries must hold one " + library, attempts,
                    REMEDY);
        }
        return found.iterator().next();
    }

    @SuppressWarnings("restricted")
    private static void load(Path file, List<Attempt> attempts) {
        try {
            // Not SymbolLookup.libraryLookup, which does not tell the system's reason.
            System.load(file.toString());
            attempts.add(new Attempt(file.toString(), "loaded"));
        } catch (UnsatisfiedLinkError e) {
            attempts.add(new Attempt(file.toString(), String.valueOf(e.getMessage())));
            throw new LibraryLoadException("llama.cpp's libraries cannot be loaded", attempts,
                    "the system's reason stands above; the file may be damaged, for another platform or C library, or"
                    + " lie on a file system without permission to execute");
        }
    }

    /// The known version whose layouts the loaded library has.
    private static KnownVersion layouts(Path folder, List<Path> files, List<Attempt> attempts) {
        String library = files.getLast().toString();
        if (!NativeSymbols.isLoaded("llama_version")) {
            throw new UnsupportedVersionException(library, "older than any that tells its version",
                    "a function llama_version", "none");
        }
        // const char * llama_version(void);
        String version = String.valueOf(NativeMemory.string(llama_h.llama_version()));
        Optional<KnownVersion> known = KnownVersion.of(version).filter(KnownVersion::hasSizesOfTheLibrary);
        if (known.isPresent()) {
            return known.get();
        }
        PassedChecks passed = new PassedChecks(UserCache.directory());
        Optional<KnownVersion> remembered = passed.find(files).filter(KnownVersion::hasSizesOfTheLibrary);
        if (remembered.isPresent()) {
            attempts.add(new Attempt(library, "of the unknown version " + version + ", has passed the self-check"
                    + " before"));
            return remembered.get();
        }
        SelfCheckProcess.Verdict verdict = SelfCheckProcess.run(folder, SELF_CHECK_LIMIT);
        KnownVersion layouts = verdict.layouts().orElseThrow(() ->
                new UnsupportedVersionException(library, version, verdict.expected(), verdict.found()));
        passed.add(files, layouts);
        attempts.add(new Attempt(library, "of the unknown version " + version + ", passed the self-check"));
        return layouts;
    }

    private static void start(Path folder, List<Attempt> attempts) {
        LlamaLog.silence();
        // First, because Debian's llama_backend_init loads backends of its own choice where there is none.
        loadBackends(folder, attempts);
        // void llama_backend_init(void);
        llama_h.llama_backend_init();
    }

    private static void loadBackends(Path folder, List<Attempt> attempts) {
        List<String> reasons = new ArrayList<>();
        for (Path place : backendFolders(folder)) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment path = arena.allocateFrom(place.toString());
                LlamaLog.record(() -> {
                    // void ggml_backend_load_all_from_path(const char * dir_path);
                    llama_h.ggml_backend_load_all_from_path(path);
                    return MemorySegment.NULL;
                }, reasons);
            }
            // size_t ggml_backend_dev_count(void);
            if (llama_h.ggml_backend_dev_count() > 0) {
                return;
            }
            attempts.add(new Attempt(place.toString(), "holds no backend for this processor"
                    + LlamaLog.reason(reasons)));
        }
        throw new LibraryLoadException("llama.cpp needs a backend, such as "
                + Platform.current().usualName("ggml-cpu-x64") + ", beside its libraries", attempts, REMEDY);
    }

    /// Where backends may lie: beside the libraries, or where Debian puts them.
    private static List<Path> backendFolders(Path folder) {
        List<Path> folders = new ArrayList<>(List.of(folder));
        try (DirectoryStream<Path> below = Files.newDirectoryStream(folder.resolve("ggml"), "backends*")) {
            below.forEach(folders::add);
        } catch (IOException | DirectoryIteratorException _) {
            // There is no such place.
        }
        return folders;
    }

    private static Path real(Path directory) {
        try {
            return directory.toRealPath();
        } catch (IOException _) {
            return directory.toAbsolutePath().normalize();
        }
    }
}
