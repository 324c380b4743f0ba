package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.javasampler.Numerics;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SaveAcrossNumericsTest {
    private static final Vocabulary VOCABULARY = Vocabulary.ofSize(300);

    @ParameterizedTest
    @ValueSource(strings = {
        "penalties=16:1.3,top_k=40,temperature=0.8,seed=42", "xtc=0.5:0.05:0:10,seed=10", "mirostat_v2=5:0.1:15",
        "min_p=0.05,adaptive_p=0.5:0.8:20"
    })
    void aSessionMayBeRestoredUnderTheOtherNumerics(String text) {
        SamplerChain chain = SamplerChain.parse(text);
        for (Numerics numerics : Numerics.values()) {
            SamplerSession session = chain.newSession(VOCABULARY, numerics);
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < 30; i++) {
                session.sample(row(random));
            }
            byte[] saved = session.save();
            for (Numerics other : Numerics.values()) {
                SamplerSession restored = chain.newSession(VOCABULARY, other);
                restored.restore(saved);
                assertThat(restored.save()).isEqualTo(saved);
                assertThat(restored.numerics()).isEqualTo(other);
                SamplerSession same = session.fork();
                same.restore(saved);
                SplittableRandom next = new SplittableRandom(2);
                for (int i = 0; i < 20; i++) {
                    MemorySegment row = row(next);
                    assertThat(restored.sample(row)).isEqualTo(same.sample(row));
                }
            }
        }
    }

    private static MemorySegment row(SplittableRandom random) {
        float[] row = new float[VOCABULARY.size()];
        for (int id = 0; id < row.length; id++) {
            row[id] = (float) random.nextGaussian(0, 3);
        }
        return MemorySegment.ofArray(row);
    }
}
