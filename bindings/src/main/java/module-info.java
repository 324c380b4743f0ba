/// llama.cpp from Java: the runtime, models, contexts, their logits where llama.cpp left them, and a generation loop.
///
/// Its native calls need `--enable-native-access=io.github.javasampler.llama` (`ALL-UNNAMED` on the class path).
module io.github.javasampler.llama {
    requires transitive io.github.javasampler;

    exports io.github.javasampler.llama;

    provides io.github.javasampler.FloatMath with io.github.javasampler.llama.HostMath;
}
