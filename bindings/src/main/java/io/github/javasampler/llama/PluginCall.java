package io.github.javasampler.llama;

import io.github.javasampler.Kernel;
import java.nio.charset.StandardCharsets;

/// The way in of `libjavasampler.so`, which calls it by JNI. Texts are bytes of UTF-8, since JNI's own strings are not
/// quite that; and nothing is thrown to C.
final class PluginCall {

    private PluginCall() {
    }

    /// As [SamplerPlugin#init].
    ///
    /// @param sampler gets the address, at 0
    /// @return why there is no sampler; null if there is one
    static byte[] init(byte[] spec, long llamaSamplerInit, long[] sampler) {
        try {
            // Which may start a thread. It inherits the signals of this one, where all of the host's are blocked.
            Kernel.description();
            sampler[0] = SamplerPlugin.init(new String(spec, StandardCharsets.UTF_8), llamaSamplerInit);
            return null;
        } catch (Throwable e) {
            String reason = e instanceof IllegalArgumentException && e.getMessage() != null ? e.getMessage()
                    : e.toString();
            return reason.getBytes(StandardCharsets.UTF_8);
        }
    }
}
