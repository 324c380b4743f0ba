package io.github.javasampler.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class Mt19937Test {
    @Test
    void theTenThousandthOutputOfTheDefaultSeedIsTheStandardsOne() {
        Mt19937 random = new Mt19937(5489);
        for (int i = 1; i < 10_000; i++) {
            random.nextInt();
        }
        assertThat(Integer.toUnsignedLong(random.nextInt())).isEqualTo(4123659995L);
    }

    @Test
    void theFirstOutputsOfTheDefaultSeedAreThePublishedOnes() {
        Mt19937 random = new Mt19937(5489);
        assertThat(new long[] {
            Integer.toUnsignedLong(random.nextInt()),
            Integer.toUnsignedLong(random.nextInt()),
            Integer.toUnsignedLong(random.nextInt())
        }).containsExactly(3499211612L, 581869302L, 3890346734L);
    }

    @Test
    void aDoubleTakesTwoOutputsAndTheFirstIsTheLowWord() {
        Mt19937 doubles = new Mt19937(42);
        Mt19937 words = new Mt19937(42);
        for (int i = 0; i < 1_000; i++) {
            double low = Integer.toUnsignedLong(words.nextInt());
            double high = Integer.toUnsignedLong(words.nextInt());
            assertThat(doubles.nextDouble()).isEqualTo((low + high * 0x1p32) / 0x1p64)
                    .isBetween(0.0, Math.nextDown(1.0));
        }
    }

    @Test
    void aCopyContinuesAndLivesApart() {
        Mt19937 random = new Mt19937(7);
        for (int i = 0; i < 700; i++) {
            random.nextInt();
        }
        Mt19937 copy = random.copy();
        assertThat(copy).isEqualTo(random).hasSameHashCodeAs(random);
        int next = random.nextInt();
        assertThat(copy).isNotEqualTo(random);
        assertThat(copy.nextInt()).isEqualTo(next);
    }

    @Test
    void aRestoredGeneratorContinuesAndAPositionThatIsNoneIsRefused() throws IOException {
        Mt19937 random = new Mt19937(7);
        for (int i = 0; i < 1_300; i++) {
            ByteArrayOutputStream saved = new ByteArrayOutputStream();
            random.save(new DataOutputStream(saved));
            Mt19937 restored = new Mt19937(i);
            restored.restore(new DataInputStream(new ByteArrayInputStream(saved.toByteArray())));
            assertThat(restored).isEqualTo(random);
            assertThat(restored.nextInt()).isEqualTo(random.nextInt());
        }
        for (int position : new int[] {-1, 625}) {
            DataInput in = new DataInputStream(new ByteArrayInputStream(
                    ByteBuffer.allocate(2_500).putInt(position).array()));
            assertThatIOException().isThrownBy(() -> random.restore(in))
                    .withMessage("the position of a random generator must be in [0, 624], got " + position);
        }
    }

    @Test
    void seedingStartsTheSequenceOver() {
        Mt19937 random = new Mt19937(99);
        int first = random.nextInt();
        random.seed(99);
        assertThat(random.nextInt()).isEqualTo(first);
    }
}
