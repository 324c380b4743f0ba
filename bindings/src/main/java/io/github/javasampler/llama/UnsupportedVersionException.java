package io.github.javasampler.llama;

/// The library that was found is a llama.cpp of a version that these bindings do not know. Struct layouts change
/// between versions without a change of symbols, so it is not called at all.
public final class UnsupportedVersionException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final String expected;
    private final String found;

    UnsupportedVersionException(String library, String expected, String found) {
        super(library + " must be llama.cpp " + expected + ", is " + found
                + "; install that version, or leave out the explicit directory to use the packaged runtime");
        this.expected = expected;
        this.found = found;
    }

    /// The version that these bindings are made for.
    public String expected() {
        return expected;
    }

    /// What the library says it is.
    public String found() {
        return found;
    }
}
