package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Rows that llama.cpp's backend has filtered and permuted, on the real model.
class BackendSamplingIT {

    @Test
    void whatTheBackendLeavesGivesTheTokensOfLlamaSamplerSample() {
        List<String> failures = new ArrayList<>();
        String summary = BackendRun.compare(RealModel.get(), failures);
        System.out.println(summary);
        assertThat(String.join("\n", failures)).isEmpty();
        assertThat(summary).contains("0 of 14 texts");
    }
}
