package io.github.javasampler.llama;

import io.github.javasampler.llama.abi.llama_context_params;
import io.github.javasampler.llama.abi.llama_h;
import io.github.javasampler.llama.abi.llama_model_params;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The versions of llama.cpp that these bindings know, and all that is different between them. The generated package
/// `abi` is made of the header of the first; of what the bindings use, the later ones changed what stands here.
enum KnownVersion {
    /// The one that is packaged.
    V0_5_0("0.5.0", llama_context_params.layout()),

    /// Debian's. It put a `size_t moe_cache_size` into the middle of the context's parameters.
    V0_7_0("0.7.0", inserted(llama_context_params.layout(), "type_v",
            llama_h.C_LONG_LONG.withName("moe_cache_size")));

    private final String number;
    private final GroupLayout contextParameters;

    KnownVersion(String number, GroupLayout contextParameters) {
        this.number = number;
        this.contextParameters = contextParameters;
    }

    /// What `llama_version()` says, such as `0.5.0`.
    String number() {
        return number;
    }

    /// The layout of `llama_context_params`, which is passed and returned by value.
    GroupLayout contextParameters() {
        return contextParameters;
    }

    /// The version that a library says it is. Builds outside llama.cpp's release script, the packaged one among them,
    /// add `-dev` to the same number.
    static Optional<KnownVersion> of(String found) {
        return Arrays.stream(values())
                .filter(known -> found.equals(known.number) || found.equals(known.number + "-dev")).findFirst();
    }

    /// The numbers of all, the oldest first.
    static List<String> numbers() {
        return Arrays.stream(values()).map(KnownVersion::number).toList();
    }

    /// Whether the loaded library returns parameters of the sizes that this version has.
    boolean hasSizesOfTheLibrary() {
        return ReturnedStruct.size("llama_context_default_params") == contextParameters.byteSize()
                && ReturnedStruct.size("llama_model_default_params") == llama_model_params.sizeof();
    }

    private static GroupLayout inserted(GroupLayout struct, String after, MemoryLayout added) {
        List<MemoryLayout> members = new ArrayList<>();
        for (MemoryLayout member : struct.memberLayouts()) {
            members.add(member);
            if (member.name().equals(Optional.of(after))) {
                members.add(added);
            }
        }
        return MemoryLayout.structLayout(members.toArray(MemoryLayout[]::new)).withName(struct.name().orElseThrow());
    }
}
