package io.github.javasampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SeededTest
class SavedSessionTest {
    private static final int VOCABULARY = 500;
    private static final MemorySegment[] ROWS = rows();
    private static final String PENALTIES = "penalties=16:1.3:0.1:0.2,temperature=1.1,seed=5";
    private static final String MIROSTAT_2 = "mirostat_v2=5.0:0.1:7";
    private static final String MANY = "penalties=6:1.1:0.1:0.1,xtc=0.5:0.01:0:3,adaptive_p=0.3:0.9:8";

    @ParameterizedTest
    @ValueSource(strings = {
        "greedy", "temperature=1.3,seed=1", PENALTIES, "xtc=0.5:0.01:0:6,seed=6", "mirostat=4:0.1:50:7", MIROSTAT_2,
        "adaptive_p=0.2:0.9:9", "adaptive_p=-1:0.9:9", MANY, "penalties=0,seed=3", "penalties=2000:1.2,seed=4"
    })
    void aRestoredSessionGoesOnWithTheSameTokens(String text) {
        SamplerChain chain = SamplerChain.parse(text);
        for (int k : new int[] {0, 1, 7, 40, 700}) {
            SamplerSession session = chain.newSession(VOCABULARY);
            tokens(session, k);
            byte[] saved = session.save();
            assertThat(session.save()).isEqualTo(saved);
            int[] next = tokens(session, 200);

            SamplerSession fresh = SamplerChain.parse(text).newSession(VOCABULARY);
            fresh.restore(saved);
            assertThat(fresh.save()).isEqualTo(saved);
            assertThat(tokens(fresh, 200)).isEqualTo(next);

            SamplerSession used = chain.newSession(VOCABULARY);
            tokens(used, 33);
            used.restore(saved);
            assertThat(tokens(used, 200)).isEqualTo(next);
            used.reset();
            assertThat(used.save()).isEqualTo(chain.newSession(VOCABULARY).save());
        }
    }

    @Test
    void aTokenThatWasDrawnButNotAcceptedIsSavedToo() {
        SamplerSession session = SamplerChain.parse(MANY).newSession(VOCABULARY);
        tokens(session, 5);
        int token = session.draw(ROWS[0], 0);
        SamplerSession restored = session.chain().newSession(VOCABULARY);
        restored.restore(session.save());
        session.accept(token);
        restored.accept(token);
        assertThat(restored.save()).isEqualTo(session.save());
        assertThat(tokens(restored, 100)).isEqualTo(tokens(session, 100));
    }

    @ParameterizedTest
    @ValueSource(strings = {PENALTIES, "mirostat=4:0.1:50:7", MIROSTAT_2, MANY})
    void anotherJvmGoesOnWithTheSameTokens(String text) throws Exception {
        SamplerSession session = SamplerChain.parse(text).newSession(VOCABULARY);
        tokens(session, 30);
        String saved = HexFormat.of().formatHex(session.save());
        assertThat(ChildJvm.run(SavedSessionTest.class, List.of(), text, saved).out())
                .isEqualTo(Arrays.toString(tokens(session, 200)));
    }

    /// Run in a child JVM: restores and goes on.
    public static void main(String[] arguments) {
        SamplerSession session = SamplerChain.parse(arguments[0]).newSession(VOCABULARY);
        session.restore(HexFormat.of().parseHex(arguments[1]));
        System.out.println(Arrays.toString(tokens(session, 200)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mirostat-v2 | mirostat_v2=5.0:0.1:7
            penalties-xtc-adaptive-p | penalties=6:1.1:0.1:0.1,xtc=0.5:0.01:0:3,adaptive_p=0.3:0.9:8
            """)
    void whatVersion1WroteStaysReadable(String file, String text) throws IOException {
        byte[] saved;
        try (InputStream hex = SavedSessionTest.class.getResourceAsStream("/saved/" + file + ".v1.hex")) {
            saved = HexFormat.of().parseHex(new String(hex.readAllBytes(), StandardCharsets.US_ASCII)
                    .replaceAll("\\s", ""));
        }
        SamplerSession session = SamplerChain.parse(text).newSession(VOCABULARY);
        tokens(session, 12);
        SamplerSession restored = SamplerChain.parse(text).newSession(VOCABULARY);
        restored.restore(saved);
        // As long as 1 is the newest version, it is also what is written.
        assertThat(session.save()).isEqualTo(saved);
        assertThat(tokens(restored, 100)).isEqualTo(tokens(session, 100));
    }

    @Test
    void aStageThatDoesNotSaveItselfStartsOver() {
        SamplerChain chain = SamplerChain.builder().stage(new Countdown()).distribution(3);
        SamplerSession session = chain.newSession(VOCABULARY);
        tokens(session, 10);
        SamplerSession used = chain.newSession(VOCABULARY);
        tokens(used, 4);
        used.restore(session.save());
        // Of the next three rows only the best is left, as at the beginning; the draws go on where they were.
        for (int i = 0; i < 3; i++) {
            assertThat(used.sample(ROWS[i])).isEqualTo(best(ROWS[i]));
            session.sample(ROWS[i]);
        }
        assertThat(tokens(used, 50)).isEqualTo(tokens(session, 50));
    }

    /// A stage with state and without `save`: the first three rows are cut to their best.
    private static final class Countdown implements Sampler {
        private int left = 3;

        @Override
        public String name() {
            return "countdown";
        }

        @Override
        public void apply(Candidates candidates) {
            if (left > 0) {
                left--;
                candidates.keepTop(1);
            }
        }

        @Override
        public void reset() {
            left = 3;
        }

        @Override
        public Countdown fork() {
            Countdown fork = new Countdown();
            fork.left = left;
            return fork;
        }

        @Override
        public String toString() {
            return "countdown";
        }
    }

    @Test
    void everyErrorSaysWhatMustHoldWhatCameAndWhatToDo() {
        SamplerSession session = SamplerChain.parse(PENALTIES).newSession(VOCABULARY);
        tokens(session, 9);
        byte[] saved = session.save();
        String must = "a saved session must ";
        assertRefused(session, new byte[3], must + "be at least 16 bytes long, got 3: it is cut short, or is none; "
                + "give what SamplerSession.save returned");
        assertRefused(session, new byte[60], must + "be what SamplerSession.save returned, got 60 bytes that are not "
                + "a saved session; look where they come from");
        assertRefused(session, Arrays.copyOf(saved, 100), must + "hold all its " + saved.length
                + " bytes, got 100: it is cut short; take another copy");
        assertRefused(session, Arrays.copyOf(saved, saved.length + 2), must + "hold its " + saved.length
                + " bytes and no more, got " + (saved.length + 2) + "; take another copy");
        byte[] flipped = saved.clone();
        flipped[300] ^= 4;
        assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> session.restore(flipped))
                .withMessageMatching(must + "have the checksum that it ends with, [0-9a-f]{8}, got [0-9a-f]{8}: it was "
                        + "changed; take another copy");
        assertRefused(session, with(saved, 4, 7), must + "be of a version that is known here, got one written by a "
                + "newer version 7, this one reads up to 1; update java-sampler");
        assertRefused(session, session.chain().newSession(200).save(), must + "be of this session's vocabulary size, "
                + "500, got one of 200; restore it into a session of that size");
        assertRefused(session, SamplerChain.parse("seed=9").newSession(VOCABULARY).save(), must
                + "be of this session's chain, \"penalties=16:1.3:0.1:0.2,temperature=1.1,seed=5\", got one of "
                + "\"seed=9\"; restore it into a session of that chain");
        int penalties = 20 + session.chain().toString().length();
        String refused = must + "hold what stage \"penalties\" (1 of 3) can read, got a state it refuses: ";
        assertRefused(session, with(saved, penalties + 4, 17), refused
                + "a history must hold 0 to 16 tokens, got 17; restore it into a stage with the same settings");
        assertRefused(session, with(saved, penalties + 8, 500), refused + "a token of a history must be in "
                + "[0, 499], got 500; the state is damaged, or of another vocabulary");
        assertRefused(session, with(saved, penalties + 4, 8), must + "hold what stage \"penalties\" (1 of 3) can read, "
                + "got 4 bytes too many; take another copy");
        assertRefused(session, with(saved, penalties + 4, 10), must + "hold what stage \"penalties\" (1 of 3) can "
                + "read, got a state that ends too early; take another copy");
        assertRefused(session, with(saved, penalties, 1_000_000), must + "be long enough for stage \"penalties\" "
                + "(1 of 3), got 1000000 bytes of it where " + (saved.length - penalties - 8)
                + " are left; take another copy");
        assertRefused(session, with(saved, saved.length - 4 - 625 * 4, 625), must + "hold what stage \"dist\" (3 of 3) "
                + "can read, got a state it refuses: the position of a random generator must be in [0, 624], got 625");
        assertRefused(session, with(Arrays.copyOf(saved, saved.length + 8), 8, saved.length + 8), must
                + "end after the last stage, got 8 bytes more; take another copy");
    }

    @Test
    void whatAStageOfTheCallersOwnThrowsIsNamedByItsPlace() {
        Sampler fragile = new Sampler() {
            @Override
            public String name() {
                return "fragile";
            }

            @Override
            public void apply(Candidates candidates) {
                // Leaves all.
            }

            @Override
            public void save(DataOutput out) throws IOException {
                out.writeInt(-1);
            }

            @Override
            public void restore(DataInput in) throws IOException {
                assertThat(new int[in.readInt()]).isEmpty();
            }
        };
        SamplerSession session = SamplerChain.builder().stage(fragile).greedy().newSession(VOCABULARY);
        assertRefused(session, session.save(), "a saved session must hold what stage \"fragile\" (1 of 2) can read, "
                + "got a state it refuses: -1");
    }

    @Test
    void aStageThatCannotBeSavedSaysSo() {
        Sampler unsaved = new Sampler() {
            @Override
            public String name() {
                return "unsaved";
            }

            @Override
            public void apply(Candidates candidates) {
                // Leaves all.
            }

            @Override
            public void save(DataOutput out) throws IOException {
                throw new IOException("the disk is full");
            }
        };
        SamplerSession session = SamplerChain.builder().stage(unsaved).greedy().newSession(VOCABULARY);
        assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(session::save)
                .withMessageContaining("the disk is full");
        assertThat(session.sample(ROWS[0])).isEqualTo(best(ROWS[0]));
    }

    @Test
    void cutShortAnywhereItIsRefusedAndTheSessionStaysAsItWas() {
        SamplerSession session = SamplerChain.parse(MANY).newSession(VOCABULARY);
        tokens(session, 9);
        byte[] saved = session.save();
        tokens(session, 3);
        byte[] before = session.save();
        for (int length = 0; length < saved.length; length++) {
            byte[] cut = Arrays.copyOf(saved, length);
            assertInvalid(() -> session.restore(cut));
            if (length >= 16) {
                // The same with a header and a checksum that are right.
                byte[] closed = with(cut, 8, length);
                assertInvalid(() -> session.restore(closed));
            }
        }
        assertThat(session.save()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {PENALTIES, "mirostat=4:0.1:50:7", MANY})
    void whateverTheBytesItIsAnInvalidStateOrAStateAndNoMemoryIsTaken(String text, RandomGenerator random) {
        var meter = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        SamplerSession session = SamplerChain.parse(text).newSession(VOCABULARY);
        tokens(session, 9);
        byte[] saved = session.save();
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < 6_000; i++) {
            byte[] bytes = hostile(saved, i, random);
            long before = meter.getCurrentThreadAllocatedBytes();
            try {
                session.restore(bytes);
            } catch (InvalidStateException expected) {
                assertThat(expected).hasMessageStartingWith("a saved session must ");
            }
            long taken = meter.getCurrentThreadAllocatedBytes() - before;
            least = Math.min(least, taken);
            most = Math.max(most, taken);
        }
        // Forks, messages and stack traces: some kilobytes, whatever a length says.
        assertThat(most).as("least %d", least).isLessThan(1_000_000);
        session.reset();
        assertThat(tokens(session, 9)).isEqualTo(tokens(session.chain().newSession(VOCABULARY), 9));
    }

    private static byte[] hostile(byte[] saved, int round, RandomGenerator random) {
        byte[] bytes = saved.clone();
        // Most fields stand at the beginning.
        int place = round % 2 == 0 ? random.nextInt(12, 200) : random.nextInt(saved.length);
        switch (round % 6) {
            case 0, 1 -> bytes[place] ^= (byte) (1 << random.nextInt(8));
            case 2, 3 -> ByteBuffer.wrap(bytes).putInt(Math.min(place, saved.length - 4),
                    random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt());
            case 4 -> {
                bytes = new byte[random.nextInt(300)];
                random.nextBytes(bytes);
                return bytes;
            }
            default -> {
                bytes = Arrays.copyOf(saved, random.nextInt(16, 2 * saved.length));
                int from = Math.min(place, bytes.length);
                for (int i = from; i < bytes.length; i++) {
                    bytes[i] = (byte) random.nextInt();
                }
                return with(bytes, 8, bytes.length);
            }
        }
        return with(bytes, 8, bytes.length);
    }

    private static void assertRefused(SamplerSession session, byte[] saved, String message) {
        byte[] before = session.save();
        assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> session.restore(saved))
                .withMessage(message);
        assertThat(session.save()).isEqualTo(before);
    }

    private static void assertInvalid(ThrowingCallable restore) {
        assertThatExceptionOfType(InvalidStateException.class).isThrownBy(restore);
    }

    /// The bytes with another number at a place, and a checksum that is right.
    private static byte[] with(byte[] saved, int place, int number) {
        byte[] changed = saved.clone();
        CRC32 crc = new CRC32();
        ByteBuffer.wrap(changed).putInt(place, number);
        crc.update(changed, 0, changed.length - 4);
        ByteBuffer.wrap(changed).putInt(changed.length - 4, (int) crc.getValue());
        return changed;
    }

    private static int[] tokens(SamplerSession session, int count) {
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = session.sample(ROWS[i % ROWS.length]);
        }
        return tokens;
    }

    private static int best(MemorySegment row) {
        return SamplerChain.parse("greedy").newSession(VOCABULARY).sample(row);
    }

    /// The same in every JVM.
    private static MemorySegment[] rows() {
        SplittableRandom random = new SplittableRandom(1);
        MemorySegment[] rows = new MemorySegment[8];
        for (int i = 0; i < rows.length; i++) {
            float[] logits = new float[VOCABULARY];
            for (int id = 0; id < VOCABULARY; id++) {
                logits[id] = (float) (12 * random.nextDouble() - 6);
            }
            rows[i] = MemorySegment.ofArray(logits);
        }
        return rows;
    }
}
