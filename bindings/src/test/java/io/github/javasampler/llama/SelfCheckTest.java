package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the self-check of unknown versions expects.
class SelfCheckTest {

    static List<SelfCheck.Question> questions() {
        return SelfCheck.QUESTIONS;
    }

    @ParameterizedTest
    @MethodSource("questions")
    void theAnswersAreThoseOfThePackagedLibrary(SelfCheck.Question question) {
        assertThat(SelfCheck.answer(LlamaRuntime.load(), question)).isEqualTo(question.answer());
    }

    @Test
    void thePackagedLibraryCallsEveryFunctionOfTheTable() {
        MemorySegment logits = MemorySegment.ofArray(new float[] {1, 3, 2, 0});
        assertThat(TableCheck.answer(LlamaRuntime.load(), logits)).isEqualTo(TableCheck.EXPECTED);
    }
}
