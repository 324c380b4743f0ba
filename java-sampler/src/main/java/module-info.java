/// A llama.cpp-style sampler chain that reads the logits where they lie.
///
/// The Vector API is optional: with `--add-modules jdk.incubator.vector` the vector kernels are chosen,
/// without it the scalar ones, and both give the same tokens.
module io.github.javasampler {
    requires static jdk.incubator.vector;

    exports io.github.javasampler;
    exports io.github.javasampler.grammar;
    exports io.github.javasampler.measure;
    exports io.github.javasampler.random;
    exports io.github.javasampler.sampler;

    uses io.github.javasampler.FloatMath;
    uses io.github.javasampler.SamplerFactory;
}
