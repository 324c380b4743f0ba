package io.github.javasampler.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.javasampler.Candidate;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The tables of llama.cpp's own test-sampling (v0.5.0): probabilities in, probabilities out, best first, 1e-5. The
/// figures are facts of that test; what it fills in by a final `dist(0)` is here the survivors' softmax.
class PublishedExpectationsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            temperature=1         | .1 .2 .3 .4 | | .4 .3 .2 .1
            temperature=0         | .1 .2 .3 .4 | | 1
            temp_ext=1:0:1        | .1 .2 .3 .4 | | .4 .3 .2 .1
            temp_ext=0:0:1        | .1 .2 .3 .4 | | 1
            top_k=1               | .1 .2 .3 .4 | | 1
            top_k=3               | .1 .2 .3 .4 | | .444444 .333333 .222222
            top_k=4               | .1 .2 .3 .4 | | .4 .3 .2 .1
            top_k=0               | .1 .2 .3 .4 | | .4 .3 .2 .1
            top_p=0               | .1 .2 .3 .4 | | 1
            top_p=0.7             | .1 .2 .3 .4 | | .571429 .428571
            top_p=0.8             | .1 .2 .3 .4 | | .444444 .333333 .222222
            top_p=1               | .1 .2 .3 .4 | | .4 .3 .2 .1
            min_p=0               | .1 .2 .3 .4 | | .4 .3 .2 .1
            min_p=0.24            | .1 .2 .3 .4 | | .4 .3 .2 .1
            min_p=0.26            | .1 .2 .3 .4 | | .444444 .333333 .222222
            min_p=0.49            | .1 .2 .3 .4 | | .444444 .333333 .222222
            min_p=0.51            | .1 .2 .3 .4 | | .571429 .428571
            min_p=0.74            | .1 .2 .3 .4 | | .571429 .428571
            min_p=0.76            | .1 .2 .3 .4 | | 1
            min_p=1.00            | .1 .2 .3 .4 | | 1
            min_p=1.05            | .1 .2 .3 .4 | | 1
            xtc=.99:.09:0:0       | .4 .3 .2 .1 | | 1
            xtc=.99:.19:0:0       | .4 .3 .2 .1 | | .666667 .333333
            xtc=.99:.29:0:0       | .4 .3 .2 .1 | | .5 .333333 .166667
            xtc=.99:.39:0:0       | .4 .3 .2 .1 | | .4 .3 .2 .1
            typical=.5            | .97 .01 .01 .01 | | 1
            typical=.5            | .4 .2 .2 .2 | | .333333 .333333 .333333
            penalties=1:50        | .2 .2 .2 .2 .2 | 0 | .25 .25 .25 .25 0
            penalties=3:50        | .2 .2 .2 .2 .2 | 0 1 2 | .5 .5 0 0 0
            penalties=5:50        | .2 .2 .2 .2 .2 | 0 1 2 0 0 | .5 .5 0 0 0
            penalties=1:1:5:5     | .2 .2 .2 .2 .2 | 0 | .249997 .249997 .249997 .249997 .000011
            penalties=3:1:5:5     | .2 .2 .2 .2 .2 | 0 1 2 | .499966 .499966 .000023 .000023 .000023
            penalties=5:1:5:5     | .2 .2 .2 .2 .2 | 0 1 2 0 0 | .499977 .499977 .000023 .000023 0
            dry=1:1.1:2:4         | .25 .25 .25 .25 | 0 1 | .25 .25 .25 .25
            dry=1:1.1:2:5         | .25 .25 .25 .25 | 0 1 2 0 1 | .296923 .296923 .296923 .109232
            dry=2:1.1:2:5         | .2 .2 .2 .2 .2 | 0 1 2 0 1 | .241818 .241818 .241818 .241818 .032727
            dry=1:1.1:4:7         | .2 .2 .2 .2 .2 | 0 1 2 3 4 0 1 | .2 .2 .2 .2 .2
            top_n_sigma=1         | .1 .2 .3 .4 | | .571429 .428571
            top_n_sigma=0         | .1 .2 .3 .4 | | .4 .3 .2 .1
            top_n_sigma=3         | .1 .2 .3 .4 | | .4 .3 .2 .1
            """)
    void theProbabilitiesAreThePublishedOnes(String stage, String in, String accepted, String out) {
        double[] probabilities = numbers(in);
        float[] logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(probabilities[i]);
        }
        SamplerSession session = SamplerChain.parse(stage + ",greedy").newSession(logits.length);
        for (double token : numbers(accepted == null ? "" : accepted)) {
            session.accept((int) token);
        }
        session.sample(MemorySegment.ofArray(logits));
        assertThat(session.survivors(-1).stream().mapToDouble(Candidate::probability).toArray())
                .containsExactly(numbers(out), offset(1e-5));
    }

    private static double[] numbers(String text) {
        return text.isBlank() ? new double[0]
                : Arrays.stream(text.strip().split(" +")).mapToDouble(Double::parseDouble).toArray();
    }
}
