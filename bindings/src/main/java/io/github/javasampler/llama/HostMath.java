package io.github.javasampler.llama;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.javasampler.FloatMath;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/// The functions of the host's C library: llama.cpp imports the same ones, so results agree to the bit. Java's own
/// differ from glibc's by a last bit in a few of a thousand arguments.
///
/// The service that `io.github.javasampler.Numerics#LLAMA_CPP` looks for; nothing to call yourself.
public final class HostMath implements FloatMath {
    private static final FunctionDescriptor FLOAT = FunctionDescriptor.of(JAVA_FLOAT, JAVA_FLOAT);
    private static final FunctionDescriptor FLOATS = FunctionDescriptor.of(JAVA_FLOAT, JAVA_FLOAT, JAVA_FLOAT);
    private static final FunctionDescriptor DOUBLES = FunctionDescriptor.of(JAVA_DOUBLE, JAVA_DOUBLE, JAVA_DOUBLE);

    // float expf(float x);
    private static final MethodHandle EXPF = NativeSymbols.function("expf", FLOAT);
    // float logf(float x);
    private static final MethodHandle LOGF = NativeSymbols.function("logf", FLOAT);
    // float log2f(float x);
    private static final MethodHandle LOG2F = NativeSymbols.function("log2f", FLOAT);
    // float powf(float x, float y);
    private static final MethodHandle POWF = NativeSymbols.function("powf", FLOATS);
    // double pow(double x, double y);
    private static final MethodHandle POW = NativeSymbols.function("pow", DOUBLES);

    /// For `ServiceLoader`.
    public HostMath() {}

    @Override
    public float exp(float x) {
        try {
            return (float) EXPF.invokeExact(x);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public float log(float x) {
        try {
            return (float) LOGF.invokeExact(x);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public float log2(float x) {
        try {
            return (float) LOG2F.invokeExact(x);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public float pow(float base, float exponent) {
        try {
            return (float) POWF.invokeExact(base, exponent);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public double pow(double base, double exponent) {
        try {
            return (double) POW.invokeExact(base, exponent);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
