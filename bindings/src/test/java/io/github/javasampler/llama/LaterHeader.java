package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What later versions made of the header of the packaged llama.cpp.
final class LaterHeader {
    /// What 0.7.0 put into the context's parameters.
    static final List<String> ADDED_0_7_0 = List.of("size_t moe_cache_size;");

    private static final String START = "    struct llama_context_params {\n";
    private static final String BEFORE = "        // Abort callback\n";

    private LaterHeader() {}

    /// Writes llama.h with more fields in the context's parameters.
    static Path write(Path file, List<String> added) throws IOException {
        String header = header();
        return Files.writeString(file, header.replace(struct(header), changed(header, added)));
    }

    /// Writes only that struct, as `struct context_params`.
    static Path writeStruct(Path file, List<String> added) throws IOException {
        return Files.writeString(file, changed(header(), added).replace("llama_context_params", "context_params"));
    }

    private static String header() throws IOException {
        return Files.readString(Requirement.llamaCpp().resolve("include/llama.h"));
    }

    private static String struct(String header) {
        int start = header.indexOf(START);
        return header.substring(start, header.indexOf("    };\n", start) + "    };\n".length());
    }

    private static String changed(String header, List<String> added) {
        String struct = struct(header);
        assertThat(struct).contains(BEFORE);
        return struct.replace(BEFORE, String.join("\n", added) + '\n' + BEFORE);
    }
}
