package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.llama.abi.llama_h;
import java.io.IOException;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The committed bindings against the header and the library that they are for.
class AbiTest {
    private static final String PACKAGE = "io.github.javasampler.llama.abi.";

    @TempDir
    Path directory;

    @Test
    void everyLayoutIsWhatTheCompilerMakesOfTheHeader() throws Exception {
        check(KnownVersion.V0_5_0, probe(Requirement.llamaCpp().resolve("include")));
    }

    @Test
    void theLayoutsOf070AreWhatTheCompilerMakesOfItsContextParameters() throws Exception {
        LaterHeader.write(directory.resolve("llama.h"), LaterHeader.ADDED_0_7_0);
        check(KnownVersion.V0_7_0, probe(directory, "-DLLAMA_0_7_0"));
    }

    @Test
    void noTwoVersionsAreTakenForOneAnother() {
        assertThat(KnownVersion.V0_7_0.contextParameters().byteSize())
                .isEqualTo(KnownVersion.V0_5_0.contextParameters().byteSize() + Long.BYTES);
    }

    private static void check(KnownVersion version, List<String> probe) throws Exception {
        List<String> checked = new ArrayList<>();
        Map<String, TreeSet<String>> fields = new LinkedHashMap<>();
        for (String line : probe) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "struct" -> {
                    assertThat(layout(version, words[1]).byteSize()).as(line).isEqualTo(Long.parseLong(words[2]));
                    fields.put(words[1], new TreeSet<>());
                }
                case "field" -> {
                    MemoryLayout.PathElement path = MemoryLayout.PathElement.groupElement(words[2]);
                    GroupLayout layout = layout(version, words[1]);
                    assertThat(layout.byteOffset(path)).as(line).isEqualTo(Long.parseLong(words[3]));
                    assertThat(layout.select(path).byteSize()).as(line).isEqualTo(Long.parseLong(words[4]));
                    fields.get(words[1]).add(words[2]);
                }
                case "constant" -> assertThat(llama_h.class.getMethod(words[1]).invoke(null)).as(line)
                        .isEqualTo((int) Long.parseLong(words[2]));
                default -> throw new AssertionError(line);
            }
            checked.add(line);
        }
        assertThat(checked).hasSizeGreaterThan(100);
        for (Map.Entry<String, TreeSet<String>> struct : fields.entrySet()) {
            assertThat(struct.getValue()).as("fields of " + struct.getKey() + " that abi_probe.c prints")
                    .isEqualTo(names(layout(version, struct.getKey())));
        }
        assertThat(fields.keySet()).as("structs that abi_probe.c prints")
                .containsExactlyInAnyOrderElementsOf(included());
    }

    @Test
    void everyFunctionIsInTheLibrary() throws Exception {
        LlamaRuntime.load();
        List<String> functions = new ArrayList<>();
        for (Method method : llama_h.class.getMethods()) {
            if (method.getName().endsWith("$address")) {
                functions.add(method.getName());
                assertThat(((MemorySegment) method.invoke(null)).address()).as(method.getName()).isNotZero();
            }
        }
        assertThat(functions).hasSizeGreaterThan(80);
    }

    @Test
    void noLayoutDependsOnTheWidthOfLong() throws IOException {
        // 32 bits on Windows: the class initialiser would fail there. bindings/jextract/regenerate sees to it.
        try (var files = Files.list(Path.of("src/main/java", PACKAGE.replace('.', '/')))) {
            for (Path file : files.toList()) {
                assertThat(Files.readString(file)).as(file.toString()).doesNotContainPattern("\\bC_LONG\\b");
            }
        }
    }

    private List<String> probe(Path include, String... options) throws IOException, InterruptedException {
        Path program = directory.resolve("abi_probe");
        List<String> command = new ArrayList<>(List.of(Requirement.cc(), "-Wall", "-Werror", "-I", include.toString(),
                "-I", Requirement.llamaCpp().resolve("ggml/include").toString(), "src/test/c/abi_probe.c", "-o",
                program.toString()));
        command.addAll(List.of(options));
        Commands.Result compiled = Commands.run(command, Map.of());
        assertThat(compiled.exit()).as(compiled.output()).isZero();
        return Commands.run(List.of(program.toString()), Map.of()).output().lines().toList();
    }

    private static GroupLayout layout(KnownVersion version, String struct) throws ReflectiveOperationException {
        return struct.equals("llama_context_params") ? version.contextParameters()
                : (GroupLayout) Class.forName(PACKAGE + struct).getMethod("layout").invoke(null);
    }

    private static TreeSet<String> names(GroupLayout layout) {
        TreeSet<String> names = new TreeSet<>();
        for (MemoryLayout member : layout.memberLayouts()) {
            member.name().ifPresent(names::add);
        }
        return names;
    }

    private static List<String> included() throws IOException {
        return Files.readAllLines(Path.of("jextract/includes.txt")).stream()
                .filter(line -> line.startsWith("--include-struct ")).map(line -> line.split(" ")[1]).toList();
    }
}
