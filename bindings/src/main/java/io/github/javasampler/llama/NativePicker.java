package io.github.javasampler.llama;

import io.github.javasampler.Candidates;
import io.github.javasampler.Picker;

/// A native sampler that selects a token, as the end of a Java chain.
final class NativePicker implements Picker, AutoCloseable {
    private final NativeStage stage;

    NativePicker(NativeStage stage) {
        this.stage = stage;
    }

    @Override
    public String name() {
        return stage.name();
    }

    @Override
    public void apply(Candidates candidates) {
        candidates.select(stage.work(candidates, true));
    }

    @Override
    public void accept(int token) {
        stage.accept(token);
    }

    @Override
    public void reset() {
        stage.reset();
    }

    @Override
    public NativePicker fork() {
        return new NativePicker(stage.fork());
    }

    @Override
    public void close() {
        stage.close();
    }

    @Override
    public String toString() {
        return stage.toString();
    }
}
