package io.github.javasampler.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.javasampler.InvalidSettingException;
import org.junit.jupiter.api.Test;

class ChainTest {
    @Test
    void anEmptyTextHasNoStages() {
        assertThat(Chain.parse(" ").stages()).isEmpty();
    }

    @Test
    void aPickerIsRefused() {
        assertThatThrownBy(() -> Chain.parse("top_k=4,seed=3")).isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("no picker").hasMessageContaining("seed=3");
    }

    @Test
    void aWrongSettingIsNamedWithItsPlaceAmongTheStages() {
        assertThatThrownBy(() -> Chain.parse("top_k=4,top_p=1.2")).isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("stage 2 of 2");
    }

    @Test
    void aChainWithTemperatureZeroIsGreedy() {
        assertThat(Chain.parse("top_k=4,temperature=0").isGreedy()).isTrue();
        assertThat(Chain.parse("top_k=4,temperature=0.1").isGreedy()).isFalse();
    }
}
