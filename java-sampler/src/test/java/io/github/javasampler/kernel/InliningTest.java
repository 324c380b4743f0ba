package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where C2 inlines a fat loop into a large method it may give up on some vector operations and box their vectors, for
/// good: tens of kilobytes a token. What is longer than `FreqInlineSize` is never inlined.
class InliningTest {
    private static final int FREQ_INLINE_SIZE = 325;
    private static final Pattern ONTO_ITSELF = Pattern.compile("^ *(\\w+) = \\1[.]");

    @ParameterizedTest
    @CsvSource({
        "VectorWeights, powers", "VectorWeights, estimateBlock", "VectorWeights, addBlock", "VectorKeys, weigh",
        "VectorCollect, collectDense", "VectorCollect, collectSparse"
    })
    void fatLoopsAreTooLongToBeInlined(String className, String method) throws IOException {
        try (InputStream bytes = KernelProvider.class.getResourceAsStream(className + ".class")) {
            ClassModel model = ClassFile.of().parse(bytes.readAllBytes());
            assertThat(model.methods()).filteredOn(m -> m.methodName().equalsString(method)).singleElement()
                    .satisfies(m -> assertThat(((CodeAttribute) m.code().orElseThrow()).codeLength())
                            .isGreaterThan(FREQ_INLINE_SIZE));
        }
    }

    /// As [Vectors] explains: `sum = sum.add(x)` may be a call that boxes, `sum = x.add(sum)` is none.
    @Test
    void whatALoopCarriesOnIsNeverTheReceiver() throws IOException {
        Path folder = Path.of("src/main/java", KernelProvider.class.getPackageName().replace('.', '/'));
        List<String> findings = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "Vector*.java")) {
            for (Path file : files) {
                for (String line : Files.readAllLines(file)) {
                    if (ONTO_ITSELF.matcher(line).find()) {
                        findings.add(file.getFileName() + ": " + line.strip());
                    }
                }
            }
        }
        assertThat(findings).isEmpty();
    }
}
