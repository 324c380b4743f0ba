package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LlamaContextTest {
    private static final int SIZE = TinyModel.VOCABULARY_SIZE;
    private static final ContextOptions OPTIONS =
            ContextOptions.DEFAULT.withContextLength(64).withBatchSize(8).withThreads(1);

    @TempDir
    static Path directory;

    private static LlamaModel model;

    @BeforeAll
    static void load() throws IOException {
        model = LlamaModel.load(LlamaRuntime.load(), TinyModel.write(directory.resolve("tiny.gguf"), null));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void theRowIsWhereLlamaCppLeftIt() {
        try (LlamaContext context = model.newContext(OPTIONS)) {
            context.decode(new int[] {1, 5, 9});
            MemorySegment row = context.logits(-1);
            assertThat(row.byteSize()).isEqualTo((long) SIZE * Float.BYTES);
            assertThat(row.isReadOnly()).isTrue();
            assertThat(row.isNative()).isTrue();
            assertThat(context.logits(2)).isSameAs(row);
            for (int token = 0; token < SIZE; token++) {
                assertThat(row.getAtIndex(ValueLayout.JAVA_FLOAT, token)).isFinite();
            }
        }
    }

    @Test
    void aBatchHasRoomForATokenOfEverySequenceHoweverSmallItIsAskedToBe() {
        for (int batchSize : new int[] {1, 3, 4}) {
            try (LlamaContext context = model.newContext(OPTIONS.withBatchSize(batchSize).withSequences(4))) {
                assertThat(context.batchSize()).isEqualTo(4);
                Batch batch = new Batch();
                for (int sequence = 0; sequence < 4; sequence++) {
                    batch.add(5, 0, sequence, true);
                }
                context.decode(batch);
                assertThat(context.logits(3).byteSize()).isEqualTo((long) SIZE * Float.BYTES);
            }
        }
    }

    @Test
    void aPromptGivesTheSameLogitsHoweverItIsDecoded() {
        int[] prompt = tokens(20);
        try (LlamaContext context = model.newContext(OPTIONS); LlamaContext other = model.newContext(OPTIONS)) {
            context.decode(prompt);
            assertThat(context.position()).isEqualTo(20);
            float[] inParts = context.logits(-1).toArray(ValueLayout.JAVA_FLOAT);
            assertThat(context.logits(19).toArray(ValueLayout.JAVA_FLOAT)).isEqualTo(inParts);
            for (int token : prompt) {
                other.decode(token);
            }
            float[] oneByOne = other.logits(0).toArray(ValueLayout.JAVA_FLOAT);
            for (int token = 0; token < SIZE; token++) {
                assertThat(oneByOne[token]).isCloseTo(inParts[token], within(1e-3f));
            }
        }
    }

    @Test
    void aStaleRowThrows() {
        try (LlamaContext context = model.newContext(OPTIONS)) {
            context.decode(1);
            MemorySegment afterDecode = context.logits(0);
            context.decode(2);
            assertStale(afterDecode);
            MemorySegment afterRelease = context.logits(0);
            context.releaseRows();
            assertStale(afterRelease);
            MemorySegment afterRewind = context.logits(0);
            context.rewind(0, 1);
            assertStale(afterRewind);
            context.decode(3);
            MemorySegment afterClear = context.logits(0);
            context.clear();
            assertStale(afterClear);
        }
    }

    @Test
    void aRowOfAClosedContextThrows() {
        LlamaContext context = model.newContext(OPTIONS);
        context.decode(4);
        MemorySegment row = context.logits(0);
        context.close();
        assertStale(row);
    }

    @Test
    void anOutputThatWasNotMadeIsATypedError() {
        try (LlamaContext context = model.newContext(OPTIONS)) {
            assertThat(context.hasLogits(-1)).isFalse();
            assertThatThrownBy(() -> context.logits(-1)).isInstanceOf(NoSuchOutputException.class)
                    .hasMessageContaining("there was none since");
            context.decode(tokens(11));
            assertThat(context.hasLogits(10)).isTrue();
            for (int output : new int[] {0, 3, 9, 11, -2, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                assertThat(context.hasLogits(output)).isFalse();
                assertThatThrownBy(() -> context.logits(output)).as("output " + output)
                        .isInstanceOf(NoSuchOutputException.class)
                        .hasMessageContaining("got " + output + "; it had tokens 8 to 10");
            }
            context.clear();
            assertThatThrownBy(() -> context.logits(-1)).isInstanceOf(NoSuchOutputException.class);
        }
    }

    @Test
    void aBatchMakesTheOutputsThatItAsksFor() {
        try (LlamaContext context = model.newContext(OPTIONS.withSequences(2));
                LlamaContext alone = model.newContext(OPTIONS)) {
            context.decode(new Batch().add(1, 0, 0, false).add(7, 0, 1, true).add(8, 1, 1, false).add(5, 1, 0, true));
            assertThat(context.position(0)).isEqualTo(2);
            assertThat(context.position(1)).isEqualTo(2);
            assertThat(context.hasLogits(0)).isFalse();
            assertThat(context.logits(3)).isSameAs(context.logits(-1));
            assertThat(context.logits(1).address()).isNotEqualTo(context.logits(3).address());
            alone.decode(new int[] {1, 5});
            float[] expected = alone.logits(-1).toArray(ValueLayout.JAVA_FLOAT);
            for (int token = 0; token < SIZE; token++) {
                assertThat(context.logits(3).getAtIndex(ValueLayout.JAVA_FLOAT, token))
                        .isCloseTo(expected[token], within(1e-3f));
            }
        }
    }

    @Test
    void aBatchWithoutOutputsMakesNone() {
        try (LlamaContext context = model.newContext(OPTIONS)) {
            context.decode(new Batch().add(1, 0, 0, false));
            assertThat(context.position()).isEqualTo(1);
            assertThatThrownBy(() -> context.logits(-1)).isInstanceOf(NoSuchOutputException.class);
        }
    }

    @Test
    void badBatchesAreRefusedBeforeTheCall() {
        try (LlamaContext context = model.newContext(OPTIONS.withSequences(2))) {
            refused(() -> context.decode(new Batch()), "a decode must have at least one token, got none");
            refused(() -> context.decode(new int[0]), "a decode must have at least one token, got none");
            refused(() -> context.decode(-1), "a token must be in [0, " + SIZE + "), got -1 at index 0");
            refused(() -> context.decode(new int[] {1, SIZE}), "a token must be in [0, " + SIZE + "), got " + SIZE
                    + " at index 1");
            refused(() -> context.decode(new Batch().add(1, 1, 0, true)), "token 0 of the batch must have position 0,"
                    + " the next of sequence 0, got 1");
            refused(() -> context.decode(new Batch().add(1, 0, 2, true)), "a sequence must be in [0, 2), got 2;"
                    + " ContextOptions.sequences says how many there are");
            Batch large = new Batch();
            for (int i = 0; i < 9; i++) {
                large.add(1, i, 0, false);
            }
            refused(() -> context.decode(large), "a batch must hold at most batchSize = 8 tokens, got 9; decode it in"
                    + " parts, or open the context with a greater batchSize");
            refused(() -> context.rewind(0, 1), "a sequence can be rewound to a position in [0, 0], got 1");
            context.decode(large.clear().add(1, 0, 1, true));
            assertThat(context.position(1)).isEqualTo(1);
        }
    }

    @Test
    void moreTokensThanTheContextHoldsAreRefusedWithBothNumbers() {
        try (LlamaContext context = model.newContext(OPTIONS)) {
            context.decode(tokens(60));
            assertThatThrownBy(() -> context.decode(tokens(5))).isInstanceOf(ContextOverflowException.class)
                    .hasMessageStartingWith("a context of 64 tokens cannot hold 65: sequence 0 is at position 60 and"
                    + " 5 more")
                    .extracting("needed", "contextLength").containsExactly(65, 64);
            assertThat(context.position()).isEqualTo(60);
            assertThat(context.hasLogits(-1)).isTrue();
            context.decode(tokens(4));
            assertThatThrownBy(() -> context.decode(1)).isInstanceOf(ContextOverflowException.class);
            context.rewind(0, 10);
            context.decode(tokens(54));
            assertThat(context.position()).isEqualTo(64);
        }
    }

    @Test
    void rewindingForgets() {
        try (LlamaContext context = model.newContext(OPTIONS)) {
            context.decode(new int[] {1, 5, 9});
            float[] expected = context.logits(-1).toArray(ValueLayout.JAVA_FLOAT);
            context.decode(tokens(7));
            context.rewind(0, 2);
            context.decode(9);
            float[] again = context.logits(-1).toArray(ValueLayout.JAVA_FLOAT);
            for (int token = 0; token < SIZE; token++) {
                assertThat(again[token]).isCloseTo(expected[token], within(1e-3f));
            }
        }
    }

    @Test
    void rowsBelongToTheThreadThatAskedForThem() throws Exception {
        try (LlamaContext context = model.newContext(OPTIONS)) {
            context.decode(1);
            MemorySegment row = context.logits(0);
            String expected = "the rows of the last decode belong to the thread \""
                    + Thread.currentThread().getName() + '"';
            elsewhere(() -> {
                assertThatThrownBy(() -> row.get(ValueLayout.JAVA_FLOAT, 0)).isInstanceOf(WrongThreadException.class);
                assertThatThrownBy(() -> context.logits(0)).isInstanceOf(InUseException.class)
                        .hasMessageStartingWith(expected);
                assertThatThrownBy(() -> context.decode(2)).isInstanceOf(InUseException.class)
                        .hasMessageStartingWith(expected);
                assertThatThrownBy(context::close).isInstanceOf(InUseException.class);
                return null;
            });
            assertThat(row.get(ValueLayout.JAVA_FLOAT, 0)).isFinite();
            assertThat(context.position()).isEqualTo(1);
            context.releaseRows();
            elsewhere(() -> {
                context.decode(2);
                return context.logits(0);
            });
            // That thread has ended: its rows can be read by none, and do not keep the context from going on.
            context.decode(3);
            assertThat(context.logits(0).get(ValueLayout.JAVA_FLOAT, 0)).isFinite();
        }
    }

    @Test
    void sharedRowsAreReadByAnyThreadUntilTheNextDecode() throws Exception {
        try (LlamaContext context = model.newContext(OPTIONS.withSharedRows(true))) {
            context.decode(1);
            MemorySegment row = context.logits(0);
            float here = row.get(ValueLayout.JAVA_FLOAT, 0);
            assertThat(elsewhere(() -> row.get(ValueLayout.JAVA_FLOAT, 0))).isEqualTo(here);
            elsewhere(() -> {
                context.decode(2);
                return null;
            });
            assertStale(row);
        }
    }

    @Test
    void aContextThatIsUsedByTwoThreadsSaysSo() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        try (LlamaContext context = model.newContext(OPTIONS.withContextLength(512))) {
            CountDownLatch start = new CountDownLatch(1);
            Callable<Integer> work = () -> {
                start.await();
                int done = 0;
                for (int i = 0; i < 200; i++) {
                    try {
                        context.decode(5);
                        done++;
                    } catch (InUseException e) {
                        refused.incrementAndGet();
                    }
                }
                return done;
            };
            FutureTask<Integer> first = new FutureTask<>(work);
            FutureTask<Integer> second = new FutureTask<>(work);
            new Thread(first).start();
            new Thread(second).start();
            start.countDown();
            assertThat(first.get() + second.get()).isEqualTo(context.position()).isEqualTo(400 - refused.get());
        }
    }

    @Test
    void closingDuringADecodeIsRefusedOrWaitsItsTurn() throws Exception {
        for (int run = 0; run < 50; run++) {
            LlamaContext context = model.newContext(OPTIONS);
            CountDownLatch start = new CountDownLatch(1);
            FutureTask<Void> decoding = new FutureTask<>(() -> {
                start.countDown();
                for (int i = 0; i < 60; i++) {
                    context.decode(5);
                }
                return null;
            });
            new Thread(decoding).start();
            start.await();
            boolean closed = false;
            while (!closed) {
                try {
                    context.close();
                    closed = true;
                } catch (InUseException e) {
                    Thread.onSpinWait();
                }
            }
            try {
                decoding.get();
            } catch (ExecutionException e) {
                assertThat(e.getCause()).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void aClosedContextRefusesEveryCall() {
        LlamaContext context = model.newContext(OPTIONS);
        context.close();
        context.close();
        closed(() -> context.decode(1));
        closed(() -> context.decode(new int[] {1}));
        closed(() -> context.decode(new Batch().add(1, 0, 0, true)));
        closed(() -> context.logits(-1));
        closed(() -> context.hasLogits(-1));
        closed(context::clear);
        closed(context::position);
        closed(context::releaseRows);
        closed(() -> context.rewind(0, 0));
    }

    @Test
    void theContextLengthIsKeptToTheToken() {
        try (LlamaContext context = model.newContext(ContextOptions.DEFAULT)) {
            assertThat(context.contextLength()).isEqualTo(TinyModel.CONTEXT_LENGTH);
            assertThat(context.batchSize()).isEqualTo(512);
        }
        // llama.cpp rounds up to 256.
        try (LlamaContext context = model.newContext(OPTIONS.withContextLength(3))) {
            assertThat(context.batchSize()).isEqualTo(3);
            context.decode(new int[] {1, 2, 3});
            assertThatThrownBy(() -> context.decode(4)).isInstanceOf(ContextOverflowException.class);
        }
    }

    @Test
    void everySequenceHasTheWholeLength() {
        try (LlamaContext context = model.newContext(OPTIONS.withSequences(3).withContextLength(300))) {
            for (int position = 0; position < 300; position++) {
                context.decode(new Batch().add(5, position, 0, true).add(6, position, 1, true)
                        .add(7, position, 2, true));
            }
            assertThatThrownBy(() -> context.decode(new Batch().add(5, 300, 1, true)))
                    .isInstanceOf(ContextOverflowException.class).hasMessageContaining("sequence 1 is at position 300");
        }
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        refused(() -> OPTIONS.withContextLength(-1), "contextLength must be at least 0, got -1");
        refused(() -> OPTIONS.withBatchSize(0), "batchSize must be at least 1, got 0");
        refused(() -> OPTIONS.withThreads(0), "threads must be in [1, 512], got 0");
        refused(() -> OPTIONS.withSequences(257), "sequences must be in [1, 256], got 257");
        refused(() -> model.newContext(OPTIONS.withContextLength(Integer.MAX_VALUE).withSequences(2)),
                "contextLength * sequences must be at most 2147483647, got 2147483647 * 2");
    }

    private static <T> T elsewhere(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "elsewhere");
        thread.start();
        thread.join();
        return task.get();
    }

    private static void assertStale(MemorySegment row) {
        assertThatThrownBy(() -> row.get(ValueLayout.JAVA_FLOAT, 0)).isInstanceOf(IllegalStateException.class);
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    private static void closed(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalStateException.class).hasMessageEndingWith("tiny.gguf is closed");
    }

    private static int[] tokens(int count) {
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = 3 + (i * 37) % 250;
        }
        return tokens;
    }
}
