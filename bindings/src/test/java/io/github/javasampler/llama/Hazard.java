package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.javasampler.Candidate;
import io.github.javasampler.Candidates;
import io.github.javasampler.InvalidLogitsException;
import io.github.javasampler.Numerics;
import io.github.javasampler.Picker;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplingException;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.abi.llama_h;
import io.github.javasampler.llama.abi.llama_sampler_i;
import io.github.javasampler.llama.abi.llama_token_data_array;
import io.github.javasampler.sampler.AdaptiveP;
import io.github.javasampler.sampler.Distribution;
import io.github.javasampler.sampler.TopK;
import io.github.javasampler.sampler.TopP;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/// What could end a process that has Java in a sampler chain of llama.cpp. [#main] is what the other JVM of
/// [ContainmentTest] runs.
enum Hazard {
    APPLY_THROWS {
        @Override
        void happen(Path file) {
            pickerFails(() -> {
                throw new IllegalStateException("mine");
            }, IllegalStateException.class);
        }
    },
    APPLY_THROWS_AN_ERROR {
        @Override
        void happen(Path file) {
            pickerFails(() -> {
                throw new AssertionError("mine");
            }, AssertionError.class);
        }
    },
    APPLY_OVERFLOWS_THE_STACK {
        @Override
        void happen(Path file) {
            pickerFails(Hazard::overflow, StackOverflowError.class);
        }
    },
    APPLY_SAYS_THAT_MEMORY_IS_OUT {
        @Override
        void happen(Path file) {
            pickerFails(() -> {
                throw new OutOfMemoryError("simulated");
            }, OutOfMemoryError.class);
        }
    },
    APPLY_ASKS_FOR_MORE_MEMORY_THAN_THERE_IS {
        @Override
        void happen(Path file) {
            pickerFails(() -> assertThat(new long[Integer.MAX_VALUE]).isEmpty(), OutOfMemoryError.class);
        }
    },
    APPLY_THROWS_A_CHECKED_EXCEPTION {
        @Override
        void happen(Path file) {
            pickerFails(() -> Hazard.<RuntimeException>sneak(new Exception("mine")), LlamaException.class);
        }
    },
    A_PICKER_SELECTS_NONE {
        @Override
        void happen(Path file) {
            pickerFails(() -> { }, SamplingException.class);
        }
    },
    A_PICKER_SELECTS_WHAT_IS_NO_TOKEN {
        @Override
        void happen(Path file) {
            Failing stage = new Failing();
            stage.onApply = candidates -> candidates.select(1 << 30);
            try (NativeSampler chain = chain(publish(stage.picker()))) {
                assertThatThrownBy(() -> chain.sample(ramp(10))).isInstanceOf(SamplingException.class);
            }
        }
    },
    APPLY_THROWS_IN_THE_MIDDLE {
        @Override
        void happen(Path file) {
            Failing stage = new Failing();
            stage.onApply = candidates -> {
                candidates.keepTop(1);
                throw new IllegalStateException("mine");
            };
            List<Throwable> told = new ArrayList<>();
            NativeSampler middle = NativeSampler.publish(LlamaRuntime.load(), List.of(stage), Vocabulary.ofSize(10),
                    Numerics.PORTABLE, told::add);
            try (NativeSampler chain = chain(builtIn(new TopK(4)), middle, builtIn(new Distribution(1)))) {
                assertThatThrownBy(() -> chain.sample(ramp(10))).hasMessage("mine");
                // The others have done their work.
                try (Arena arena = Arena.ofConfined()) {
                    CandidateArray array = new CandidateArray(arena);
                    array.fill(ramp(10), 10);
                    llama_h.llama_sampler_apply(chain.pointer(), array.segment());
                    assertThat(array.survivors()).hasSize(4);
                    assertThat(array.token()).isBetween(6, 9);
                }
                assertThat(told).hasSize(1);
            }
        }
    },
    ACCEPT_THROWS {
        @Override
        void happen(Path file) {
            Failing stage = new Failing();
            stage.onAccept = token -> {
                throw new IllegalStateException("mine");
            };
            try (NativeSampler chain = chain(publish(stage.picker()))) {
                assertThatThrownBy(() -> chain.accept(3)).hasMessage("mine");
                assertThatThrownBy(() -> chain.sample(ramp(10))).hasMessage("mine");
                assertThat(chain.apply(ramp(10)).token()).isEqualTo(9);
            }
        }
    },
    ACCEPT_GETS_WHAT_IS_NO_TOKEN {
        @Override
        void happen(Path file) {
            try (NativeSampler chain = chain(publish(SamplerChain.parse("penalties=4:2,greedy")))) {
                assertThatThrownBy(() -> chain.accept(-1)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> chain.accept(10)).isInstanceOf(IllegalArgumentException.class);
                llama_h.llama_sampler_accept(chain.pointer(), Integer.MIN_VALUE);
                llama_h.llama_sampler_accept(chain.pointer(), Integer.MAX_VALUE);
                assertThat(chain.sample(ramp(10))).isEqualTo(9);
            }
        }
    },
    RESET_THROWS {
        @Override
        void happen(Path file) {
            Failing stage = new Failing();
            stage.onReset = () -> {
                throw new IllegalStateException("mine");
            };
            try (NativeSampler chain = chain(publish(stage.picker()))) {
                assertThatThrownBy(chain::reset).hasMessage("mine");
                assertThat(chain.sample(ramp(10))).isEqualTo(9);
            }
        }
    },
    CLONE_THROWS {
        @Override
        void happen(Path file) {
            Failing stage = new Failing();
            try (NativeSampler chain = chain(publish(stage.picker()))) {
                stage.onFork = () -> {
                    throw new OutOfMemoryError("simulated");
                };
                assertThatThrownBy(chain::copy).isInstanceOf(OutOfMemoryError.class);
                assertThat(SamplerRegistry.size()).isEqualTo(1);
                assertThat(chain.sample(ramp(10))).isEqualTo(9);
                stage.onFork = () -> { };
                chain.copy().close();
            }
        }
    },
    CLONE_THROWS_IN_SOMEBODY_ELSES_PROGRAM {
        @Override
        void happen(Path file) {
            Failing stage = new Failing();
            List<Throwable> told = new ArrayList<>();
            NativeSampler sampler = NativeSampler.publish(LlamaRuntime.load(), List.of(stage.picker()),
                    Vocabulary.ofSize(10), Numerics.PORTABLE, told::add);
            try (NativeSampler chain = chain(sampler); Arena arena = Arena.ofConfined()) {
                stage.onFork = () -> {
                    throw new IllegalStateException("mine");
                };
                MemorySegment copy = llama_h.llama_sampler_clone(chain.pointer());
                assertThat(told).hasSize(1);
                CandidateArray array = new CandidateArray(arena);
                array.fill(ramp(10), 10);
                llama_h.llama_sampler_apply(copy, array.segment());
                assertThat(array.token()).isEqualTo(9);
                llama_h.llama_sampler_accept(copy, 9);
                llama_h.llama_sampler_reset(copy);
                llama_h.llama_sampler_copy(chain.pointer(), copy);
                llama_h.llama_sampler_free(copy);
                assertThat(told).hasSize(5);
            }
        }
    },
    FREE_THROWS {
        @Override
        void happen(Path file) {
            Failing stage = new Failing();
            stage.onClose = Hazard::overflow;
            NativeSampler chain = chain(publish(stage.picker()));
            assertThatThrownBy(chain::close).isInstanceOf(SamplingException.class)
                    .hasCauseInstanceOf(StackOverflowError.class);
            assertThat(SamplerRegistry.size()).isZero();
            chain.close();
        }
    },
    THERE_IS_NO_NAME {
        @Override
        void happen(Path file) {
            Failing stage = new Failing();
            stage.name = () -> null;
            assertThatThrownBy(() -> publish(stage)).isInstanceOf(NullPointerException.class);
            stage.name = () -> {
                throw new IllegalStateException("mine");
            };
            assertThatThrownBy(() -> publish(stage)).hasMessage("mine");
            assertThat(SamplerRegistry.size()).isZero();
        }
    },
    THE_LISTENER_THROWS {
        @Override
        void happen(Path file) {
            Failing stage = new Failing();
            stage.onApply = candidates -> overflow();
            NativeSampler sampler = NativeSampler.publish(LlamaRuntime.load(), List.of(stage.picker()),
                    Vocabulary.ofSize(10), Numerics.PORTABLE, thrown -> overflow());
            assertThat(raw(sampler)).isEqualTo(9);
            sampler.close();
        }
    },
    NOTHING_PICKS {
        @Override
        void happen(Path file) {
            try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), file);
                    LlamaContext context = model.newContext(ContextOptions.DEFAULT.withThreads(1));
                    NativeSampler chain = chain(NativeSampler.builtIn(model, new TopK(4)))) {
                context.decode(new int[] {1, 5, 9});
                assertThatThrownBy(() -> chain.sample(context, -1)).isInstanceOf(LlamaException.class)
                        .hasMessageContaining("it needs a stage that picks");
            }
            NativeSampler empty = chain();
            assertThatThrownBy(() -> empty.sample(ramp(10))).isInstanceOf(LlamaException.class);
            empty.close();
        }
    },
    A_ROW_HAS_NO_LOGITS {
        @Override
        void happen(Path file) {
            try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), file);
                    LlamaContext context = model.newContext(ContextOptions.DEFAULT.withThreads(1));
                    NativeSampler chain = chain(NativeSampler.builtIn(model, new Distribution(1)))) {
                assertThatThrownBy(() -> chain.sample(context, -1)).isInstanceOf(NoSuchOutputException.class);
                context.decode(new int[] {1, 5, 9});
                assertThatThrownBy(() -> chain.sample(context, 0)).isInstanceOf(NoSuchOutputException.class);
                assertThat(chain.sample(context, -1)).isNotNegative();
            }
        }
    },
    THERE_IS_NO_CANDIDATE {
        @Override
        void happen(Path file) {
            try (NativeSampler chain = chain(builtIn(new TopP(0.5f, 0)))) {
                assertThatThrownBy(() -> chain.narrow(List.of())).isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("there must be at least one candidate, got none");
                assertThatThrownBy(() -> chain.apply(MemorySegment.ofArray(new float[0])))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    },
    SOMEBODY_ELSE_SENDS_NO_CANDIDATE {
        @Override
        void happen(Path file) {
            List<Throwable> told = new ArrayList<>();
            try (NativeSampler sampler = NativeSampler.publish(LlamaRuntime.load(),
                    SamplerChain.parse("top_k=3,seed=1").stages(), Vocabulary.ofSize(10), Numerics.LLAMA_CPP,
                    told::add); Arena arena = Arena.ofConfined()) {
                CandidateArray array = new CandidateArray(arena);
                for (long size : new long[] {0, -1, 11, Long.MAX_VALUE}) {
                    array.fill(ramp(10), 10);
                    llama_token_data_array.size(array.segment(), size);
                    if (size <= 0) {
                        llama_h.llama_sampler_apply(sampler.pointer(), array.segment());
                    }
                }
                assertThat(told).hasSize(2).allMatch(IllegalArgumentException.class::isInstance);
                assertThat(llama_token_data_array.selected(array.segment())).isEqualTo(-1);
            }
        }
    },
    SOMEBODY_ELSE_SENDS_NO_TOKENS {
        @Override
        void happen(Path file) {
            List<Throwable> told = new ArrayList<>();
            for (Vocabulary vocabulary : new Vocabulary[] {Vocabulary.ofSize(10), null}) {
                MemorySegment sampler = MemorySegment.ofAddress(NativeSampler.published(
                        SamplerHost.of(LlamaRuntime.load(), told::add),
                        SamplerChain.parse("top_k=3,seed=1").stages(), vocabulary, Numerics.LLAMA_CPP));
                try (Arena arena = Arena.ofConfined()) {
                    CandidateArray array = new CandidateArray(arena);
                    for (int id : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 25}) {
                        array.fill(id, 1);
                        llama_h.llama_sampler_apply(sampler, array.segment());
                        assertThat(array.token()).isEqualTo(id);
                    }
                }
                llama_h.llama_sampler_free(sampler);
            }
            assertThat(told).hasSize(8).allMatch(IllegalArgumentException.class::isInstance);
        }
    },
    THERE_IS_NO_CLONE {
        @Override
        void happen(Path file) {
            MemorySegment iface = Arena.global().allocate(ValueLayout.ADDRESS, 64);
            MemorySegment.copy(NativeMemory.sized(MemorySegment.ofAddress(SamplerTable.COMMON), 8 * 64), 0, iface, 0,
                    8 * 64);
            llama_sampler_i.clone(iface, MemorySegment.NULL);
            MemorySegment sampler = llama_h.llama_sampler_init(iface, MemorySegment.ofAddress(77));
            NativeSampler adopted = NativeSampler.adopt(LlamaRuntime.load(), sampler, 10);
            NativeSampler chain = chain(adopted);
            assertThatThrownBy(chain::copy).isInstanceOf(LlamaException.class)
                    .hasMessageContaining("must have clone in its llama_sampler_i to be copied");
            assertThatThrownBy(chain::asStage).isInstanceOf(LlamaException.class);
            chain.close();
        }
    },
    THERE_IS_NO_APPLY {
        @Override
        void happen(Path file) {
            MemorySegment iface = Arena.global().allocate(ValueLayout.ADDRESS, 64);
            MemorySegment sampler = llama_h.llama_sampler_init(iface, MemorySegment.NULL);
            assertThatThrownBy(() -> NativeSampler.adopt(LlamaRuntime.load(), sampler, 10))
                    .isInstanceOf(LlamaException.class).hasMessageStartingWith("a llama_sampler_i must have name");
            assertThatThrownBy(() -> NativeSampler.adopt(LlamaRuntime.load(), MemorySegment.NULL, 10))
                    .isInstanceOf(IllegalArgumentException.class);
            llama_h.llama_sampler_free(sampler);
        }
    },
    WHAT_IS_MEASURED_IS_NO_CHAIN {
        @Override
        void happen(Path file) {
            try (NativeSampler dist = builtIn(new Distribution(1))) {
                assertThatThrownBy(dist::performance).isInstanceOf(LlamaException.class)
                        .hasMessage("llama.cpp measures chains, and \"dist\" is none; put it into a"
                                + " NativeSampler.chain");
                try (NativeSampler chain = chain(dist.copy())) {
                    chain.sample(ramp(10));
                    assertThat(chain.performance().samples()).isEqualTo(1);
                }
            }
        }
    },
    A_GRAMMAR_IS_PAST_ITS_END {
        @Override
        void happen(Path file) {
            try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), file);
                    NativeSampler grammar = chain(NativeSampler.grammar(model, "root ::= \"a\"", "root"))) {
                int a = model.tokenizer().tokenize("a", false, false)[0];
                int end = endOfGeneration(model);
                assertThatThrownBy(() -> grammar.accept(end)).isInstanceOf(LlamaException.class);
                for (int token = 0; token < model.vocabularySize(); token++) {
                    int other = token;
                    if (model.tokenizer().piece(token).length == 0 || model.tokenizer().piece(token)[0] != 'a') {
                        assertThatThrownBy(() -> grammar.accept(other)).isInstanceOf(LlamaException.class)
                                .hasMessageStartingWith("a token must fit the grammar to be accepted");
                    }
                }
                int one = oneByte(model, 'a', a);
                grammar.accept(one);
                assertThatThrownBy(() -> grammar.accept(one)).isInstanceOf(LlamaException.class);
                grammar.accept(end);
                assertThatThrownBy(() -> grammar.accept(one)).isInstanceOf(LlamaException.class);
                grammar.reset();
                grammar.accept(one);
            }
        }
    },
    A_GRAMMAR_IS_NONE {
        @Override
        void happen(Path file) {
            try (LlamaModel model = LlamaModel.load(LlamaRuntime.load(), file)) {
                for (String text : List.of("root ::= (", "nothing", "root ::= root \"a\"", "x ::= \"a\"")) {
                    assertThatThrownBy(() -> NativeSampler.grammar(model, text, "root"))
                            .as(text).isInstanceOf(LlamaException.class);
                }
                assertThatThrownBy(() -> NativeSampler.grammar(model, " ", "root"))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    },
    A_LOGIT_IS_NAN {
        @Override
        void happen(Path file) {
            MemorySegment row = ramp(10);
            row.setAtIndex(ValueLayout.JAVA_FLOAT, 3, Float.NaN);
            for (Numerics numerics : Numerics.values()) {
                List<Throwable> told = new ArrayList<>();
                NativeSampler sampler = NativeSampler.publish(LlamaRuntime.load(),
                        SamplerChain.parse("top_k=3,seed=1").stages(), Vocabulary.ofSize(10), numerics, told::add);
                assertThatThrownBy(() -> sampler.sample(row)).isInstanceOf(LlamaException.class);
                assertThat(raw(sampler, row)).isEqualTo(9);
                assertThat(told).hasSize(1).allMatch(InvalidLogitsException.class::isInstance);
                sampler.close();
            }
        }
    },
    ALL_ARE_BANNED {
        @Override
        void happen(Path file) {
            float[] logits = new float[10];
            Arrays.fill(logits, Float.NEGATIVE_INFINITY);
            try (NativeSampler chain = chain(publish(SamplerChain.parse("top_k=3,seed=1")))) {
                assertThatThrownBy(() -> chain.sample(MemorySegment.ofArray(logits)))
                        .isInstanceOf(InvalidLogitsException.class);
                assertThat(raw(chain, MemorySegment.ofArray(logits))).isZero();
                assertThat(chain.sample(ramp(10))).isNotNegative();
            }
        }
    },
    A_STAGE_CALLS_ITS_OWN_CHAIN {
        @Override
        void happen(Path file) {
            Failing stage = new Failing();
            NativeSampler chain = chain(publish(stage.picker()));
            stage.onApply = candidates -> chain.sample(ramp(10));
            assertThatThrownBy(() -> chain.sample(ramp(10))).isInstanceOf(InUseException.class);
            stage.onApply = candidates -> chain.close();
            assertThatThrownBy(() -> chain.sample(ramp(10))).isInstanceOf(InUseException.class);
            stage.onApply = candidates -> chain.release();
            assertThatThrownBy(() -> chain.sample(ramp(10))).isInstanceOf(InUseException.class);
            stage.onApply = null;
            assertThat(chain.sample(ramp(10))).isEqualTo(9);
            chain.close();
        }
    },
    A_STAGE_CALLS_ANOTHER_CHAIN_THAT_FAILS {
        @Override
        void happen(Path file) {
            Failing inner = new Failing();
            inner.onApply = candidates -> {
                throw new IllegalStateException("inner");
            };
            Failing first = new Failing();
            first.onApply = candidates -> {
                throw new IllegalStateException("first");
            };
            NativeSampler other = chain(publish(inner.picker()));
            Failing stage = new Failing();
            List<String> seen = new ArrayList<>();
            stage.onApply = candidates -> {
                try {
                    other.sample(ramp(10));
                } catch (IllegalStateException e) {
                    seen.add(e.getMessage());
                }
                candidates.select(4);
            };
            try (NativeSampler chain = chain(publish(first), publish(stage.picker()))) {
                assertThatThrownBy(() -> chain.sample(ramp(10))).hasMessage("first");
                assertThat(seen).containsExactly("inner");
            }
            other.close();
        }
    },
    THE_STACK_ENDS_AROUND_THE_CALL {
        @Override
        void happen(Path file) throws InterruptedException {
            try (NativeSampler chain = chain(builtIn(new TopK(4)), publish(SamplerChain.parse("top_k=3,greedy")))) {
                // Cold, so that the call itself is interpreted, and warm.
                for (int round = 0; round < 6; round++) {
                    Throwable[] end = new Throwable[1];
                    Thread thread = new Thread(null, () -> {
                        try {
                            deeper(chain, ramp(10));
                        } catch (StackOverflowError e) {
                            end[0] = e;
                        }
                    }, "deep", 1 << 19);
                    thread.start();
                    thread.join();
                    assertThat(end[0]).isInstanceOf(StackOverflowError.class);
                    assertThat(chain.sample(ramp(10))).isEqualTo(9);
                    for (int i = 0; i < 5_000; i++) {
                        chain.sample(ramp(10));
                    }
                }
            }
        }
    },
    TWO_THREADS_MEET {
        @Override
        void happen(Path file) throws InterruptedException {
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch tried = new CountDownLatch(1);
            Failing stage = new Failing();
            stage.onApply = candidates -> {
                inside.countDown();
                await(tried);
                candidates.select(5);
            };
            List<Throwable> told = new ArrayList<>();
            NativeSampler sampler = NativeSampler.publish(LlamaRuntime.load(), List.of(stage.picker()),
                    Vocabulary.ofSize(10), Numerics.PORTABLE, told::add);
            int[] token = new int[1];
            Thread thread = new Thread(() -> token[0] = sampler.sample(ramp(10)));
            thread.start();
            inside.await();
            assertThatThrownBy(() -> sampler.sample(ramp(10))).isInstanceOf(InUseException.class);
            assertThatThrownBy(sampler::close).isInstanceOf(InUseException.class);
            // In somebody else's program nobody looks before the stage does.
            assertThat(raw(sampler)).isEqualTo(9);
            assertThat(told).hasSize(1);
            tried.countDown();
            thread.join();
            assertThat(token[0]).isEqualTo(5);
            sampler.close();
        }
    },
    A_SAMPLER_WAS_FREED {
        @Override
        void happen(Path file) {
            // What a host sees that keeps a copy of the struct: a number that is given out no more.
            publish(SamplerChain.parse("greedy")).close();
            MemorySegment stale = llama_h.llama_sampler_init(MemorySegment.ofAddress(SamplerTable.WITH_COPY_STATE),
                    MemorySegment.ofAddress(123L << 32));
            NativeSampler adopted = NativeSampler.adopt(LlamaRuntime.load(), stale, 10);
            assertThat(adopted.name()).isEqualTo("java");
            assertThatThrownBy(() -> adopted.narrow(List.of(new Candidate(1, 1, 0))))
                    .isInstanceOf(IllegalStateException.class).hasMessageContaining("after it was freed");
            assertThatThrownBy(() -> adopted.accept(1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(adopted::reset).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(adopted::copy).isInstanceOf(IllegalStateException.class);
            NativeSampler chain = chain(adopted);
            assertThatThrownBy(chain::copy).isInstanceOf(IllegalStateException.class);
            chain.close();
            assertThat(SamplerRegistry.size()).isZero();
        }
    },
    ADAPTIVE_P_IS_COPIED_TOO_SOON {
        @Override
        void happen(Path file) {
            try (NativeSampler chain = chain(builtIn(new AdaptiveP(0.5f, 0.9f, 1)))) {
                int token = chain.apply(ramp(10)).token();
                assertThatThrownBy(chain::copy).isInstanceOf(IllegalStateException.class);
                chain.accept(token);
                chain.copy().close();
            }
        }
    },
    A_ROW_IS_TOO_LONG {
        @Override
        void happen(Path file) {
            try (NativeSampler chain = chain(builtIn(new TopK(3)), publish(SamplerChain.parse("greedy")))) {
                assertThatThrownBy(() -> chain.sample(ramp(11))).isInstanceOf(IllegalArgumentException.class);
                assertThat(chain.sample(ramp(10))).isEqualTo(9);
            }
        }
    },
    MEMORY_IS_COLLECTED_INSIDE {
        @Override
        void happen(Path file) {
            Failing stage = new Failing();
            stage.onApply = candidates -> {
                System.gc();
                candidates.select(5);
            };
            try (NativeSampler topK = builtIn(new TopK(3))) {
                SamplerChain chain = SamplerChain.builder().stage(topK.asStage()).picker(stage.picker());
                for (int i = 0; i < 20; i++) {
                    try (NativeSampler published = chain(publish(chain)); NativeSampler copy = published.copy()) {
                        assertThat(copy.sample(ramp(10))).isEqualTo(5);
                    }
                    // Forks that nobody closes.
                    assertThat(chain.newSession(10).sample(ramp(10))).isEqualTo(5);
                }
            }
        }
    },
    THE_PROCESS_EXITS_INSIDE {
        @Override
        void happen(Path file) {
            Failing stage = new Failing();
            stage.onApply = candidates -> {
                System.out.println("survived " + this);
                System.exit(0);
            };
            chain(publish(stage.picker())).sample(ramp(10));
        }
    },
    SAMPLERS_ARE_LEFT_BEHIND {
        @Override
        void happen(Path file) {
            for (int i = 0; i < 100; i++) {
                chain(publish(SamplerChain.parse("seed=1"))).sample(ramp(10));
            }
            Thread thread = new Thread(() -> {
                NativeSampler chain = chain(publish(SamplerChain.parse("seed=1")));
                while (true) {
                    chain.sample(ramp(10));
                }
            });
            thread.setDaemon(true);
            thread.start();
        }
    };

    abstract void happen(Path file) throws InterruptedException;

    public static void main(String[] arguments) throws InterruptedException {
        LlamaRuntime.load();
        Hazard hazard = valueOf(arguments[0]);
        hazard.happen(Path.of(arguments[1]));
        System.out.println("survived " + hazard);
    }

    /// A picker that does this is reported, the best token stands in for its, and afterwards all is well.
    private static void pickerFails(Runnable accident, Class<? extends Throwable> expected) {
        Failing stage = new Failing();
        stage.onApply = candidates -> accident.run();
        List<Throwable> told = new ArrayList<>();
        NativeSampler sampler = NativeSampler.publish(LlamaRuntime.load(), List.of(stage.picker()),
                Vocabulary.ofSize(10), Numerics.PORTABLE, told::add);
        try (NativeSampler chain = chain(builtIn(new TopK(4)), sampler)) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> chain.sample(ramp(10))).isInstanceOf(expected);
                assertThat(told).hasSize(i);
                assertThat(raw(chain)).isEqualTo(9);
                assertThat(told).hasSize(i + 1);
            }
            stage.onApply = null;
            assertThat(chain.sample(ramp(10))).isEqualTo(9);
        }
    }

    /// The token that a host gets which is not ours.
    private static int raw(NativeSampler sampler) {
        return raw(sampler, ramp(10));
    }

    private static int raw(NativeSampler sampler, MemorySegment row) {
        try (Arena arena = Arena.ofConfined()) {
            CandidateArray array = new CandidateArray(arena);
            array.fill(row, 10);
            llama_h.llama_sampler_apply(sampler.pointer(), array.segment());
            return array.token();
        }
    }

    private static NativeSampler chain(NativeSampler... members) {
        return NativeSampler.chain(LlamaRuntime.load(), List.of(members));
    }

    private static NativeSampler builtIn(Sampler stage) {
        return NativeSampler.builtIn(LlamaRuntime.load(), stage, 10);
    }

    private static NativeSampler publish(Sampler stage) {
        return NativeSampler.publish(LlamaRuntime.load(), stage, Vocabulary.ofSize(10), Numerics.PORTABLE);
    }

    private static NativeSampler publish(SamplerChain chain) {
        return NativeSampler.publish(LlamaRuntime.load(), chain, Vocabulary.ofSize(10), Numerics.PORTABLE);
    }

    private static MemorySegment ramp(int n) {
        float[] logits = new float[n];
        for (int i = 0; i < n; i++) {
            logits[i] = i;
        }
        return MemorySegment.ofArray(logits);
    }

    private static int endOfGeneration(LlamaModel model) {
        int token = 0;
        while (!model.tokenizer().isEndOfGeneration(token)) {
            token++;
        }
        return token;
    }

    private static int oneByte(LlamaModel model, char text, int fallback) {
        for (int token = 0; token < model.vocabularySize(); token++) {
            byte[] piece = model.tokenizer().piece(token);
            if (piece.length == 1 && piece[0] == text) {
                return token;
            }
        }
        return fallback;
    }

    private static void overflow() {
        overflow();
    }

    private static int deeper(NativeSampler chain, MemorySegment row) {
        return chain.sample(row) + deeper(chain, row);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneak(Throwable thrown) throws E {
        throw (E) thrown;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A stage that does what it is told, and else picks the best.
    private static final class Failing implements Sampler, AutoCloseable {
        private interface OnApply {
            void apply(Candidates candidates);
        }

        private interface OnAccept {
            void accept(int token);
        }

        private Supplier<String> name = () -> "failing";
        private OnApply onApply;
        private OnAccept onAccept = token -> { };
        private Runnable onReset = () -> { };
        private Runnable onFork = () -> { };
        private Runnable onClose = () -> { };

        private Picker picker() {
            return new FailingPicker(this);
        }

        @Override
        public String name() {
            return name.get();
        }

        @Override
        public void apply(Candidates candidates) {
            if (onApply == null) {
                candidates.select(candidates.argmax());
            } else {
                onApply.apply(candidates);
            }
        }

        @Override
        public void accept(int token) {
            onAccept.accept(token);
        }

        @Override
        public void reset() {
            onReset.run();
        }

        @Override
        public Sampler fork() {
            onFork.run();
            return this;
        }

        @Override
        public void close() {
            onClose.run();
        }
    }

    private record FailingPicker(Failing stage) implements Picker, AutoCloseable {
        @Override
        public String name() {
            return stage.name();
        }

        @Override
        public void apply(Candidates candidates) {
            stage.apply(candidates);
        }

        @Override
        public void accept(int token) {
            stage.accept(token);
        }

        @Override
        public void reset() {
            stage.reset();
        }

        @Override
        public Picker fork() {
            stage.fork();
            return this;
        }

        @Override
        public void close() {
            stage.close();
        }
    }
}
