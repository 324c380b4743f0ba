package io.github.javasampler;

/// The stage that ends a chain: its [#apply] chooses a token by [Candidates#select].
public interface Picker extends Sampler {
    @Override
    default Picker fork() {
        return this;
    }
}
