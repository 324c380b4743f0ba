package io.github.javasampler.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/// The only lookups of our own; jextract's classes find theirs by the same loader lookup once the libraries are loaded.
@SuppressWarnings("restricted")
final class NativeSymbols {

    private NativeSymbols() {
    }

    /// Whether one of the libraries that this class's loader has loaded exports a symbol.
    static boolean isLoaded(String symbol) {
        return SymbolLookup.loaderLookup().find(symbol).isPresent();
    }

    /// A function of the loaded libraries, with a descriptor that jextract's output does not have.
    static MethodHandle libraryFunction(String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(SymbolLookup.loaderLookup().findOrThrow(name), descriptor);
    }

    /// A C function that does nothing, whatever it is called with: C's `int abs(int)`. Callers put arguments where it
    /// does not look and ignore what it returns, which is harmless in every calling convention that Java runs on.
    static MemorySegment nothing() {
        return Linker.nativeLinker().defaultLookup().findOrThrow("abs");
    }

    /// Where a function of one of the libraries lies that this class's loader has loaded.
    ///
    /// @throws java.util.NoSuchElementException if none exports it
    static MemorySegment address(String symbol) {
        return SymbolLookup.loaderLookup().findOrThrow(symbol);
    }

    /// A function that is called by its address, the first argument.
    static MethodHandle functionAt(FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(descriptor);
    }

    /// A C function that calls a method, and is never freed. The method must not throw: that would end the JVM.
    static MemorySegment upcall(MethodHandle method, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().upcallStub(method, descriptor, Arena.global());
    }

    /// A function of the host's C library that computes: it takes and gives numbers, and returns at once, so the call
    /// need not let a garbage collection in.
    static MethodHandle function(String name, FunctionDescriptor descriptor) {
        MemorySegment symbol = Linker.nativeLinker().defaultLookup().findOrThrow(name);
        return Linker.nativeLinker().downcallHandle(symbol, descriptor, Linker.Option.critical(false));
    }
}
