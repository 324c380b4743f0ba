package io.github.javasampler.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.CodeAttribute;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where C2 inlines a fat loop into a large method it may give up on some vector operations and box their vectors, for
/// good: tens of kilobytes a token. What is longer than `FreqInlineSize` is never inlined.
class InliningTest {
    private static final int FREQ_INLINE_SIZE = 325;

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
}
