package io.github.javasampler.llama.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.javasampler.Numerics;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.HostMath;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// The tables and queues of llama.cpp's own test-sampling (v0.5.0) in both numerics: what it expects, the ids in
/// llama.cpp's order, and the token that its `dist(0)` selects.
@ParameterizedClass
@EnumSource(Numerics.class)
class PublishedExpectationsTest {
    private static final HostMath HOST = new HostMath();

    @Parameter
    Numerics numerics;

    @Nested
    class Tables {
        /// Columns: stage, probabilities in, tokens accepted before, probabilities out, ids, token. The test itself
        /// does not renormalise after xtc and typical, nor draw.
        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                temperature=1     | .1 .2 .3 .4     |           | .1 .2 .3 .4             | 0 1 2 3   | 2
                temperature=0     | .1 .2 .3 .4     |           | 0 0 0 1                 | 0 1 2 3   | 3
                temp_ext=1:0:1    | .1 .2 .3 .4     |           | .1 .2 .3 .4             | 0 1 2 3   | 2
                temp_ext=0:0:1    | .1 .2 .3 .4     |           | 0 0 0 1                 | 0 1 2 3   | 3
                top_k=1           | .1 .2 .3 .4     |           | 1                       | 3         | 3
                top_k=3           | .1 .2 .3 .4     |           | .44444 .33333 .22222    | 3 2 1     | 2
                top_k=4           | .1 .2 .3 .4     |           | .4 .3 .2 .1             | 3 2 1 0   | 2
                top_k=0           | .1 .2 .3 .4     |           | .1 .2 .3 .4             | 0 1 2 3   | 2
                top_p=0           | .1 .2 .3 .4     |           | 1                       | 3         | 3
                top_p=.7          | .1 .2 .3 .4     |           | .571429 .428571         | 3 2       | 2
                top_p=.8          | .1 .2 .3 .4     |           | .44444 .33333 .22222    | 3 2 1     | 2
                top_p=1           | .1 .2 .3 .4     |           | .1 .2 .3 .4             | 0 1 2 3   | 2
                min_p=0           | .1 .2 .3 .4     |           | .1 .2 .3 .4             | 0 1 2 3   | 2
                min_p=.24         | .1 .2 .3 .4     |           | .1 .2 .3 .4             | 0 1 2 3   | 2
                min_p=.26         | .1 .2 .3 .4     |           | .22222 .33333 .44444    | 1 2 3     | 3
                min_p=.49         | .1 .2 .3 .4     |           | .22222 .33333 .44444    | 1 2 3     | 3
                min_p=.51         | .1 .2 .3 .4     |           | .428571 .571429         | 2 3       | 3
                min_p=.74         | .1 .2 .3 .4     |           | .428571 .571429         | 2 3       | 3
                min_p=.76         | .1 .2 .3 .4     |           | 1                       | 3         | 3
                min_p=1           | .1 .2 .3 .4     |           | 1                       | 3         | 3
                min_p=1.05        | .1 .2 .3 .4     |           | 1                       | 3         | 3
                xtc=.99:.09:0:0   | .4 .3 .2 .1     |           | 1                       | 3         |
                xtc=.99:.19:0:0   | .4 .3 .2 .1     |           | .66667 .33333           | 2 3       |
                xtc=.99:.29:0:0   | .4 .3 .2 .1     |           | .5 .33333 .16667        | 1 2 3     |
                xtc=.99:.39:0:0   | .4 .3 .2 .1     |           | .4 .3 .2 .1             | 0 1 2 3   |
                typical=.5        | .97 .01 .01 .01 |           | 1                       | 0         |
                typical=.5        | .4 .2 .2 .2     |           | .33333 .33333 .33333    | 1 3 2     |
                penalties=1:50 | .2 .2 .2 .2 .2 | 0 | 0 .25 .25 .25 .25       | 0 1 2 3 4 | 3
                penalties=3:50 | .2 .2 .2 .2 .2 | 0 1 2 | 0 0 0 .5 .5             | 0 1 2 3 4 | 4
                penalties=5:50 | .2 .2 .2 .2 .2 | 0 1 2 0 0 | 0 0 0 .5 .5             | 0 1 2 3 4 | 4
                penalties=1:1:5:5 | .2 .2 .2 .2 .2 | 0 | .000011 .249997 .249997 .249997 .249997 | 0 1 2 3 4 | 3
                penalties=3:1:5:5 | .2 .2 .2 .2 .2 | 0 1 2 | .000023 .000023 .000023 .499966 .499966 | 0 1 2 3 4 | 4
                penalties=5:1:5:5 | .2 .2 .2 .2 .2 | 0 1 2 0 0 | 0 .000023 .000023 .499977 .499977 | 0 1 2 3 4 | 4
                top_n_sigma=1     | .1 .2 .3 .4     |           | 0 0 .428571 .571429     | 0 1 2 3   | 3
                top_n_sigma=0     | .1 .2 .3 .4     |           | .1 .2 .3 .4             | 0 1 2 3   | 2
                top_n_sigma=3     | .1 .2 .3 .4     |           | .1 .2 .3 .4             | 0 1 2 3   | 2
                """)
        void areThePublishedOnes(String stage, String in, String accepted, String out, String ids, Integer token) {
            double[] probabilities = numbers(in);
            float[] logits = new float[probabilities.length];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = HOST.log((float) probabilities[i]);
            }
            Recording recording = new Recording(SamplerChain.parse(stage + ",seed=0"), logits.length, numerics);
            for (double t : numbers(accepted)) {
                recording.session().accept((int) t);
            }
            int drawn = recording.session().sample(MemorySegment.ofArray(logits));
            State left = recording.beforePicker();
            Softmax softmax = new Softmax(left, false);
            double[] expected = numbers(out);
            double[] expectedIds = numbers(ids);
            assertThat(left.size()).isEqualTo(expected.length);
            for (int i = 0; i < expected.length; i++) {
                assertThat(softmax.probability(left.logit(i))).isEqualTo(expected[i], offset(1e-5));
                if (numerics == Numerics.LLAMA_CPP || !stage.startsWith("typical")) {
                    // Portable has equals in the order of their ids.
                    assertThat(left.id(i)).isEqualTo((int) expectedIds[i]);
                }
            }
            assertThat(drawn).isEqualTo(token == null ? drawn : token);
        }

        private static double[] numbers(String text) {
            return text == null ? new double[0]
                    : Arrays.stream(text.strip().split(" +")).mapToDouble(Double::parseDouble).toArray();
        }
    }

    @Nested
    class Queues {
        private static final int N = 10_000;

        /// k, p, m: top-k, top-p, min-p. Logits are `ln(id)`, so what is kept can be told by sums of whole numbers.
        @ParameterizedTest
        @CsvSource({
            "k, 10000, 1, 1", "k, 1, 1, 1", "p, 10000, 1, 1", "p, 10000, 0, 1", "m, 10000, 1, 1", "m, 10000, 1, 1e-12",
            "k, 100, 1, 1", "p, 10000, 0.0003, 1", "p, 10000, 0.8, 1", "m, 10000, 1, 0.99989", "m, 10000, 1, 0.1",
            "kp, 100, 0.8, 0.1", "km, 100, 0.8, 0.1", "pk, 100, 0.8, 0.1", "pm, 100, 0.8, 0.1", "mk, 100, 0.8, 0.1",
            "mp, 100, 0.8, 0.99989", "mp, 100, 0.8, 0.1",
            "kpm, 100, 0.8, 0.1", "kmp, 100, 0.8, 0.1", "pkm, 100, 0.8, 0.1", "pmk, 100, 0.8, 0.1",
            "mkp, 100, 0.8, 0.1", "mpk, 100, 0.8, 0.1"
        })
        void keepWhatTheSumsSay(String queue, int topK, float topP, float roundedMinP) {
            float minP = roundedMinP == 0.99989f ? 9997.9f / 9999f : roundedMinP;
            float[] logits = new float[N];
            for (int id = 0; id < N; id++) {
                logits[id] = HOST.log(id);
            }
            SamplerChain.Builder builder = SamplerChain.builder();
            int least = 0;
            for (char stage : queue.toCharArray()) {
                switch (stage) {
                    case 'k' -> builder.topK(topK);
                    case 'p' -> builder.topP(topP, 1);
                    default -> builder.minP(minP, 1);
                }
            }
            Recording recording = new Recording(builder.distribution(0), N, numerics);
            recording.session().sample(MemorySegment.ofArray(logits));
            for (int i = 0; i < queue.length(); i++) {
                State left = recording.before(i + 1);
                int size = left.size();
                int expected;
                switch (queue.charAt(i)) {
                    case 'k' -> {
                        expected = Math.min(size, topK);
                        least = Math.max(least, N - topK);
                    }
                    case 'p' -> {
                        int total = N * (N - 1) / 2 - least * (least - 1) / 2;
                        int target = (int) Math.ceil(topP * total);
                        least = N;
                        expected = 0;
                        int sum = 0;
                        do {
                            least--;
                            expected++;
                            sum += least;
                        } while (sum < target);
                        if (least == 1) {
                            // The token of probability 0: with p = 1 the stage is off.
                            least--;
                            expected++;
                        }
                    }
                    default -> {
                        expected = Math.clamp((int) Math.ceil((1 - minP) * N), 1, size);
                        least = Math.clamp((int) Math.floor(minP * N), Math.max(1, N - size), N - 1);
                    }
                }
                assertThat(size).isEqualTo(expected);
                if (left.saysSorted() || queue.charAt(i) == 'k') {
                    assertThat(left.id(0)).isEqualTo(N - 1);
                    assertThat(left.id(size - 1)).isEqualTo(least);
                }
            }
        }
    }
}
