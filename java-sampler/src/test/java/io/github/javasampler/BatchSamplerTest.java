package io.github.javasampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SeededTest
@Timeout(60)
class BatchSamplerTest {
    private static final int SIZE = 1_500;

    @ParameterizedTest
    @ValueSource(strings = {
        "greedy", "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42", "top_p=0.9,seed=1",
        "temperature=1.5,seed=2",
        "penalties=16:1.3:0.1:0.2,temperature=1.1,seed=3", "dry=2:1.5:1:16,seed=4", "xtc=0.5:0.05:0:6,seed=5",
        "mirostat=4:0.1:50:7", "mirostat_v2=4:0.1:8", "adaptive_p=0.3:0.9:9"
    })
    void theTokensAreThoseOfRowsSampledOneByOne(String text, RandomGenerator random) {
        SamplerChain chain = SamplerChain.parse(text);
        try (ExecutorService pool = Executors.newFixedThreadPool(3);
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int count : new int[] {1, 2, 7, 33}) {
                MemorySegment rows = rows(random, count);
                int[][] expected = oneByOne(rows, sessions(chain, count));
                for (BatchSampler sampler : List.of(BatchSampler.sequential(), BatchSampler.parallel(pool, 1),
                        BatchSampler.parallel(pool, 2), BatchSampler.parallel(pool, 4),
                        BatchSampler.parallel(virtual, 2), BatchSampler.parallel(virtual, 4),
                        BatchSampler.parallel(Runnable::run, 4))) {
                    assertThat(joined(sampler, rows, sessions(chain, count))).isDeepEqualTo(expected);
                    assertThat(scattered(sampler, rows, sessions(chain, count))).isDeepEqualTo(expected);
                }
            }
        }
    }

    @Test
    void noRowsAreNothingToDo() {
        for (BatchSampler sampler : List.of(BatchSampler.sequential(), BatchSampler.parallel(Runnable::run, 4))) {
            int[] tokens = {7};
            sampler.sampleAll(MemorySegment.ofArray(new float[0]), List.of(), tokens);
            sampler.sampleAll(List.of(), List.of(), tokens);
            assertThat(tokens).containsExactly(7);
        }
    }

    @Test
    void manyBatchesOnManyThreadsLoseNoRowAndNoToken(RandomGenerator random) {
        SamplerChain chain = SamplerChain.parse("penalties=16:1.3:0.1:0.2,temperature=1.1,seed=3");
        int count = 9;
        MemorySegment rows = rows(random, count);
        try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
            BatchSampler sampler = BatchSampler.parallel(executor, 4);
            List<SamplerSession> batched = sessions(chain, count);
            List<SamplerSession> single = sessions(chain, count);
            int[] tokens = new int[count];
            int[] expected = new int[count];
            for (int i = 0; i < 4_000; i++) {
                sampler.sampleAll(rows, batched, tokens);
                BatchSampler.sequential().sampleAll(rows, single, expected);
                assertThat(tokens).isEqualTo(expected);
            }
        }
    }

    @Test
    void rowsThatFailAreToldAndTheOthersAreSampled(RandomGenerator random) {
        SamplerChain chain = SamplerChain.parse("temperature=1.3,seed=3");
        int count = 8;
        MemorySegment rows = rows(random, count);
        int[] expected = oneByOne(rows, sessions(chain, count))[0];
        rows.setAtIndex(ValueLayout.JAVA_FLOAT, 2L * SIZE + 17, Float.NaN);
        rows.asSlice(5L * SIZE * Float.BYTES, (long) SIZE * Float.BYTES)
                .copyFrom(MemorySegment.ofArray(filled(Float.NEGATIVE_INFINITY)));
        expected[2] = Candidates.NONE;
        expected[5] = Candidates.NONE;
        try (ExecutorService executor = Executors.newFixedThreadPool(3)) {
            for (BatchSampler sampler : List.of(BatchSampler.sequential(), BatchSampler.parallel(executor, 4))) {
                List<SamplerSession> sessions = sessions(chain, count);
                int[] tokens = new int[count];
                assertThatExceptionOfType(BatchException.class)
                        .isThrownBy(() -> sampler.sampleAll(rows, sessions, tokens))
                        .withMessage("row 2 of a batch of 8 could not be sampled: logits must be numbers or -Infinity, "
                                + "got NaN for token 17 of 1500; the model's output is broken, or the row is not where "
                                + "it is said to be")
                        .withCauseInstanceOf(InvalidLogitsException.class)
                        .satisfies(e -> assertThat(e.row()).isEqualTo(2))
                        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1))
                        .satisfies(e -> assertThat(((BatchException) e.getSuppressed()[0]).row()).isEqualTo(5));
                assertThat(tokens).isEqualTo(expected);
                List<SamplerSession> fresh = sessions(chain, count);
                for (int i : new int[] {0, 1, 3, 4, 6, 7}) {
                    fresh.get(i).sample(row(rows, i));
                    assertThat(sessions.get(i).save()).as("session %d", i).isEqualTo(fresh.get(i).save());
                }
                assertThat(sessions.get(2).sample(row(rows, 0))).isBetween(0, SIZE - 1);
            }
        }
    }

    @Test
    void anErrorOfAStageIsOneOfItsRowOnly(RandomGenerator random) {
        Sampler broken = stage(() -> {
            throw new StackOverflowError("too deep");
        });
        MemorySegment rows = rows(random, 3);
        SamplerChain plain = SamplerChain.parse("greedy");
        List<SamplerSession> sessions = List.of(plain.newSession(SIZE),
                SamplerChain.builder().stage(broken).greedy().newSession(SIZE), plain.newSession(SIZE));
        for (BatchSampler sampler : List.of(BatchSampler.sequential(), BatchSampler.parallel(Thread::startVirtualThread,
                3))) {
            int[] tokens = new int[3];
            assertThatExceptionOfType(BatchException.class).isThrownBy(() -> sampler.sampleAll(rows, sessions, tokens))
                    .withMessage("row 1 of a batch of 3 could not be sampled: java.lang.StackOverflowError: too deep")
                    .withCauseInstanceOf(StackOverflowError.class);
            assertThat(tokens[1]).isEqualTo(Candidates.NONE);
            assertThat(tokens[2]).isEqualTo(plain.newSession(SIZE).sample(row(rows, 2)));
        }
    }

    @Test
    void anExecutorThatRefusesForgetsOrIsBusyLeavesTheRowsToTheCaller(RandomGenerator random) {
        SamplerChain chain = SamplerChain.parse("temperature=1.3,seed=3");
        MemorySegment rows = rows(random, 6);
        int[][] expected = oneByOne(rows, sessions(chain, 6));
        ExecutorService closed = Executors.newFixedThreadPool(2);
        closed.shutdown();
        Executor forgetful = task -> {};
        Executor takesOne = new Executor() {
            private boolean taken;

            @Override
            public void execute(Runnable task) {
                if (taken) {
                    throw new RejectedExecutionException("one is enough");
                }
                taken = true;
                Thread.ofVirtual().start(task);
            }
        };
        for (Executor executor : List.of(closed, forgetful, takesOne)) {
            assertThat(joined(BatchSampler.parallel(executor, 4), rows, sessions(chain, 6))).isDeepEqualTo(expected);
        }
    }

    @Test
    void aTaskThatComesLateDoesNothing(RandomGenerator random) {
        SamplerChain chain = SamplerChain.parse("temperature=1.3,seed=3");
        MemorySegment rows = rows(random, 3);
        List<Runnable> late = new ArrayList<>();
        List<SamplerSession> sessions = sessions(chain, 3);
        int[] tokens = new int[3];
        BatchSampler.parallel(late::add, 3).sampleAll(rows, sessions, tokens);
        int[] before = tokens.clone();
        byte[] state = sessions.getFirst().save();
        assertThat(late).hasSize(2);
        late.forEach(Runnable::run);
        assertThat(tokens).isEqualTo(before);
        assertThat(sessions.getFirst().save()).isEqualTo(state);
    }

    @Test
    void aCallFromThePoolsOnlyThreadIsDoneByThatThread(RandomGenerator random) throws Exception {
        SamplerChain chain = SamplerChain.parse("temperature=1.3,seed=3");
        MemorySegment rows = rows(random, 5);
        int[][] expected = oneByOne(rows, sessions(chain, 5));
        try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
            Future<int[][]> tokens = pool.submit(
                    () -> joined(BatchSampler.parallel(pool, 4), rows, sessions(chain, 5)));
            assertThat(tokens.get(30, TimeUnit.SECONDS)).isDeepEqualTo(expected);
        }
    }

    @Test
    void whatElseTheExecutorThrowsIsThrownWhenTheRowsAreDone(RandomGenerator random) {
        SamplerChain chain = SamplerChain.parse("temperature=1.3,seed=3");
        MemorySegment rows = rows(random, 4);
        List<SamplerSession> sessions = sessions(chain, 4);
        int[] tokens = new int[4];
        BatchSampler sampler = BatchSampler.parallel(task -> {
            throw new UnsupportedOperationException("no tasks");
        }, 2);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> sampler.sampleAll(rows, sessions, tokens));
        assertThat(tokens).isEqualTo(oneByOne(rows, sessions(chain, 4))[0]);
        BatchSampler.sequential().sampleAll(rows, sessions, tokens);
    }

    @Test
    void anInterruptDoesNotEndTheCallAndStaysSet(RandomGenerator random) {
        Thread caller = Thread.currentThread();
        CountDownLatch helperHasOne = new CountDownLatch(1);
        CountDownLatch callerIsDone = new CountDownLatch(1);
        Sampler slow = stage(() -> {
            if (Thread.currentThread() == caller) {
                await(helperHasOne);
                callerIsDone.countDown();
                return;
            }
            helperHasOne.countDown();
            await(callerIsDone);
            awaitWaiting(caller);
            caller.interrupt();
            awaitWaiting(caller);
        });
        List<SamplerSession> sessions = sessions(SamplerChain.builder().stage(slow).greedy(), 2);
        MemorySegment rows = rows(random, 2);
        int[] tokens = {-1, -1};
        BatchSampler.parallel(task -> Thread.ofPlatform().start(task), 2).sampleAll(rows, sessions, tokens);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(tokens).isEqualTo(oneByOne(rows, sessions(SamplerChain.parse("greedy"), 2))[0]);
    }

    @Test
    void sessionsBelongToTheCallUntilItReturns(RandomGenerator random) {
        List<SamplerSession> sessions = new ArrayList<>();
        Sampler curious = stage(() -> sessions.getLast().reset());
        sessions.add(SamplerChain.builder().stage(curious).greedy().newSession(SIZE));
        sessions.add(SamplerChain.parse("greedy").newSession(SIZE));
        assertThatExceptionOfType(BatchException.class)
                .isThrownBy(() -> BatchSampler.sequential().sampleAll(rows(random, 2), sessions, new int[2]))
                .withCauseInstanceOf(ConcurrentUseException.class);
        sessions.getLast().reset();
    }

    @Test
    void aSessionInUseOrThereTwiceIsRefusedBeforeAnyRowIsSampled(RandomGenerator random) {
        SamplerChain chain = SamplerChain.parse("temperature=1.3,seed=3");
        MemorySegment rows = rows(random, 3);
        List<SamplerSession> sessions = sessions(chain, 3);
        byte[] state = sessions.getFirst().save();
        int[] tokens = new int[3];
        SamplerSession first = sessions.getFirst();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BatchSampler.sequential().sampleAll(rows, List.of(first, sessions.get(1), first),
                        tokens))
                .withMessage("a session must be in a batch once, and session 2 is session 0 too; give each sequence one"
                        + " of its own by SamplerSession.fork");
        sessions.get(2).claim(rows, 0);
        assertThatExceptionOfType(ConcurrentUseException.class)
                .isThrownBy(() -> BatchSampler.sequential().sampleAll(rows, sessions, tokens));
        sessions.get(2).release();
        assertThat(first.save()).isEqualTo(state);
        assertThat(tokens).containsOnly(0);
        BatchSampler.sequential().sampleAll(rows, sessions, tokens);
    }

    @Test
    void argumentsThatDoNotFitAreErrors() {
        BatchSampler sampler = BatchSampler.sequential();
        SamplerChain chain = SamplerChain.parse("greedy");
        List<SamplerSession> sessions = List.of(chain.newSession(4), chain.newSession(4));
        MemorySegment row = Rows.offHeap(1, 2, 3, 4);
        MemorySegment rows = Rows.offHeap(1, 2, 3, 4, 5, 6, 7, 8);
        assertThatIllegalArgumentException().isThrownBy(() -> sampler.sampleAll(row, sessions, new int[2]))
                .withMessage("a segment must hold 2 rows of 4 floats (32 bytes), one for each session, got 16 bytes");
        assertThatIllegalArgumentException().isThrownBy(() -> sampler.sampleAll(rows, sessions, new int[1]))
                .withMessage("tokens must have room for one of each session, 2, got 1");
        assertThatIllegalArgumentException().isThrownBy(() -> sampler.sampleAll(List.of(row), sessions, new int[2]))
                .withMessage("a batch must have one row for each session, got 1 rows and 2 sessions");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sampler.sampleAll(List.of(row, rows), sessions, new int[2]))
                .withMessage("row 1 must hold the 4 floats (16 bytes) of its session's vocabulary, got 32 bytes");
        List<SamplerSession> unequal = List.of(chain.newSession(4), chain.newSession(5));
        assertThatIllegalArgumentException().isThrownBy(() -> sampler.sampleAll(rows, unequal, new int[2]))
                .withMessage("all sessions of a batch must have the vocabulary size of the first, 4, got 5 at"
                        + " session 1");
        assertThatIllegalArgumentException().isThrownBy(() -> BatchSampler.parallel(Runnable::run, 0))
                .withMessage("threads must be at least 1, the caller's own, got 0");
        assertThatNullPointerException().isThrownBy(() -> BatchSampler.parallel(null, 1)).withMessage("executor");
        assertThatNullPointerException()
                .isThrownBy(() -> sampler.sampleAll(List.of(row, row), Arrays.asList(sessions.getFirst(), null),
                        new int[2]));
        int[] tokens = new int[2];
        sampler.sampleAll(List.of(row, row), sessions, tokens);
        assertThat(tokens).containsExactly(3, 3);
    }

    @Test
    void rowsOfAnotherThreadAreRefusedWithWhatToDo() throws Exception {
        List<SamplerSession> sessions = sessions(SamplerChain.parse("greedy"), 2);
        int[] tokens = new int[2];
        try (Arena arena = Arena.ofConfined(); ExecutorService executor = Executors.newSingleThreadExecutor()) {
            MemorySegment rows = arena.allocate(ValueLayout.JAVA_FLOAT, 2L * SIZE).asReadOnly();
            List<MemorySegment> each = List.of(row(rows, 0), row(rows, 1));
            BatchSampler parallel = BatchSampler.parallel(executor, 2);
            String shared = "rows must be readable by all threads to be sampled by 2, and row 0 is confined to this"
                    + " one; open the llama.cpp context with sharedRows, take memory from a shared arena, or use"
                    + " BatchSampler.sequential";
            assertThatExceptionOfType(WrongThreadException.class)
                    .isThrownBy(() -> parallel.sampleAll(rows, sessions, tokens)).withMessage(shared);
            assertThatExceptionOfType(WrongThreadException.class)
                    .isThrownBy(() -> parallel.sampleAll(each, sessions, tokens)).withMessage(shared);
            BatchSampler.parallel(executor, 1).sampleAll(each, sessions, tokens);
            executor.submit(() -> assertThatExceptionOfType(WrongThreadException.class)
                    .isThrownBy(() -> BatchSampler.sequential().sampleAll(rows, sessions, tokens))
                    .withMessage("rows must be readable by the thread that samples, and row 0 is confined to another;"
                            + " sample where it was asked for, or open the llama.cpp context with sharedRows"))
                    .get();
        }
    }

    @Test
    void rowsWhoseMemoryIsGoneFailAndTheSessionsGoOn() {
        List<SamplerSession> sessions = sessions(SamplerChain.parse("greedy"), 2);
        Arena arena = Arena.ofShared();
        MemorySegment gone = arena.allocate(ValueLayout.JAVA_FLOAT, 2L * SIZE);
        arena.close();
        assertThatExceptionOfType(BatchException.class)
                .isThrownBy(() -> BatchSampler.parallel(Thread::startVirtualThread, 2).sampleAll(gone, sessions,
                        new int[2]))
                .withMessageContaining("row 0 of a batch of 2").withMessageContaining("Already closed");
        BatchSampler.sequential().sampleAll(MemorySegment.ofArray(new float[2 * SIZE]), sessions, new int[2]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"greedy", "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42"})
    void onTheCallersThreadNothingIsAllocated(String text, RandomGenerator random) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        BatchSampler sampler = BatchSampler.sequential();
        int count = 8;
        MemorySegment rows = rows(random, count);
        List<MemorySegment> each = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            each.add(row(rows, i));
        }
        List<SamplerSession> sessions = new ArrayList<>(sessions(SamplerChain.parse(text), count));
        int[] tokens = new int[count];
        long least = Long.MAX_VALUE;
        // Code that is compiled meanwhile allocates a little; once there must be a round without.
        for (int round = 0; round < 60 && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 200; i++) {
                sampler.sampleAll(rows, sessions, tokens);
                sampler.sampleAll(each, sessions, tokens);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isZero();
    }

    /// Three batches, so that what sessions remember counts.
    private static int[][] oneByOne(MemorySegment rows, List<SamplerSession> sessions) {
        int[][] tokens = new int[3][sessions.size()];
        for (int[] turn : tokens) {
            for (int i = 0; i < sessions.size(); i++) {
                turn[i] = sessions.get(i).sample(row(rows, i));
            }
        }
        return tokens;
    }

    private static int[][] joined(BatchSampler sampler, MemorySegment rows, List<SamplerSession> sessions) {
        int[][] tokens = new int[3][sessions.size()];
        for (int[] turn : tokens) {
            sampler.sampleAll(rows, sessions, turn);
        }
        return tokens;
    }

    private static int[][] scattered(BatchSampler sampler, MemorySegment rows, List<SamplerSession> sessions) {
        List<MemorySegment> each = new ArrayList<>();
        for (int i = 0; i < sessions.size(); i++) {
            each.add(row(rows, i));
        }
        int[][] tokens = new int[3][sessions.size()];
        for (int[] turn : tokens) {
            sampler.sampleAll(each, sessions, turn);
        }
        return tokens;
    }

    private static List<SamplerSession> sessions(SamplerChain chain, int count) {
        List<SamplerSession> sessions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SamplerSession session = chain.newSession(SIZE);
            // Sequences that have not seen the same.
            session.accept(i);
            sessions.add(session);
        }
        return List.copyOf(sessions);
    }

    private static MemorySegment rows(RandomGenerator random, int count) {
        MemorySegment rows = Arena.ofAuto().allocate(ValueLayout.JAVA_FLOAT, (long) count * SIZE);
        for (int i = 0; i < count; i++) {
            row(rows, i).copyFrom(MemorySegment.ofArray(
                    i % 3 == 2 ? Rows.tied(random, SIZE) : Rows.modelLike(random, SIZE)));
        }
        return rows;
    }

    private static MemorySegment row(MemorySegment rows, int index) {
        long rowBytes = (long) SIZE * Float.BYTES;
        return rows.asSlice(index * rowBytes, rowBytes);
    }

    private static float[] filled(float logit) {
        float[] logits = new float[SIZE];
        Arrays.fill(logits, logit);
        return logits;
    }

    private static Sampler stage(Runnable action) {
        return new Sampler() {
            @Override
            public String name() {
                return "action";
            }

            @Override
            public void apply(Candidates candidates) {
                action.run();
            }
        };
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.isInterrupted() || thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
