package io.github.javasampler.llama;

/// The library that was found is a llama.cpp of a version that these bindings do not know, and it failed the self-check
/// that such a library must pass. Struct layouts change between versions without a change of symbols, so it is not
/// used.
public final class UnsupportedVersionException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final String library;
    private final String version;
    private final String expected;
    private final String found;

    UnsupportedVersionException(String library, String version, String expected, String found) {
        super(library + " must be llama.cpp " + String.join(" or ", KnownVersion.numbers())
                + ", or pass the self-check of other versions; it is " + version + ", and the check expected "
                + expected + ", found " + found + "; install one of those versions, or leave out the explicit"
                + " directory to use the packaged runtime");
        this.library = library;
        this.version = version;
        this.expected = expected;
        this.found = found;
    }

    /// The library's file.
    public String library() {
        return library;
    }

    /// What the library says its version is.
    public String version() {
        return version;
    }

    /// What the self-check expected of it.
    public String expected() {
        return expected;
    }

    /// What came instead.
    public String found() {
        return found;
    }
}
