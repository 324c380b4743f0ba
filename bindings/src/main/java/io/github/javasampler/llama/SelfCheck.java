package io.github.javasampler.llama;

import io.github.javasampler.Candidate;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.llama.abi.llama_batch;
import io.github.javasampler.llama.abi.llama_h;
import io.github.javasampler.llama.abi.llama_model_params;
import java.lang.foreign.Arena;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/// The check of a llama.cpp of an unknown version: whether it has every function, the parameters and the batch of a
/// known version, gives the known answers, and calls Java as it should. It runs in a process of its own, which a bad
/// library may end.
///
/// What needs a model is not checked.
final class SelfCheck {
    /// Goes up when the checks change, so that older verdicts count no longer.
    static final int REVISION = 2;

    /// The libraries may write to the same stream.
    static final String MARK = "java-sampler self-check: ";
    static final String STEP = MARK + "step ";
    static final String PASSED = MARK + "passed ";
    static final String EXPECTED = MARK + "expected ";
    static final String FOUND = MARK + "found ";

    private static final float[] LOGITS = {1, 3, 2, 0};
    private static final int MAX_COUNT = 1 << 24;
    private static final long MAX_BYTES = 1L << 40;
    private static final float MAX_FLOAT = 1e6f;
    private static final int F16 = 1;

    /// @param chain one stage and a picker
    /// @param accepted tokens that it is told of first
    /// @param answer the token of four that it chooses, and what is left of them: `id:logit`, in llama.cpp's order
    record Question(String chain, List<Integer> accepted, String answer) {
        Question(String chain, String answer) {
            this(chain, List.of(), answer);
        }
    }

    /// Of the four logits 1, 3, 2 and 0, whose softmax is 0.087, 0.644, 0.237 and 0.032.
    static final List<Question> QUESTIONS = List.of(
            new Question("greedy", "1 of 0:1.00 1:3.00 2:2.00 3:0.00"),
            new Question("seed=42", "2 of 0:1.00 1:3.00 2:2.00 3:0.00"),
            new Question("top_k=2,greedy", "1 of 1:3.00 2:2.00"),
            new Question("top_p=0.8,greedy", "1 of 1:3.00 2:2.00"),
            new Question("min_p=0.3,greedy", "1 of 1:3.00 2:2.00"),
            new Question("typical=0.5,greedy", "1 of 2:2.00 1:3.00"),
            new Question("temperature=0.5,greedy", "1 of 0:2.00 1:6.00 2:4.00 3:0.00"),
            new Question("temp_ext=1:0.5:1,greedy", "1 of 1:2.53 2:1.69 0:0.84 3:0.00"),
            new Question("top_n_sigma=1,greedy", "1 of 0:-Infinity 1:3.00 2:2.00 3:-Infinity"),
            new Question("xtc=1:0.2:0:7,greedy", "2 of 2:2.00 0:1.00 3:0.00"),
            new Question("penalties=8:2:0.25:0.125,greedy", List.of(1, 1, 2),
                    "0 of 0:1.00 1:0.88 2:0.63 3:0.00"),
            new Question("dry=1:2:1:8,greedy", List.of(0, 1, 0), "1 of 0:1.00 1:2.00 2:2.00 3:0.00"),
            new Question("logit_bias=0:5,greedy", "0 of 0:6.00 1:3.00 2:2.00 3:0.00"),
            new Question("mirostat=5:0.1:100:7", "1 of 1:3.00 2:2.00 0:1.00 3:0.00"),
            new Question("mirostat_v2=1:0.1:7", "1 of 1:3.00"),
            new Question("adaptive_p=0.3:0.9:7", "2 of 0:2.06 1:-1.12 2:4.63 3:0.79"));

    private SelfCheck() {}

    /// Checks the libraries of a directory, and says on stdout what it does and finds.
    ///
    /// @param arguments the directory
    public static void main(String[] arguments) {
        try {
            step("a library that can be loaded");
            LlamaRuntime runtime = LlamaRuntime.loadForSelfCheck(Path.of(arguments[0]), SelfCheck::layouts);
            checkModelParameters();
            checkBatch();
            for (Question question : QUESTIONS) {
                step("an answer of the chain \"" + question.chain + "\"");
                expect("an answer of the chain \"" + question.chain + '"', question.answer,
                        answer(runtime, question));
            }
            String calls = "calls of a sampler that is Java";
            step(calls);
            expect(calls, TableCheck.EXPECTED, TableCheck.answer(runtime, MemorySegment.ofArray(LOGITS)));
            say(PASSED + runtime.layoutVersion());
        } catch (Difference e) {
            say(EXPECTED + e.expected);
            say(FOUND + e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            // The step says what was expected.
            say(FOUND + e);
        }
    }

    /// What the library gives is not what is expected.
    private static final class Difference extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String expected;

        Difference(String expected, String found) {
            super(found);
            this.expected = expected;
        }
    }

    private static KnownVersion layouts() {
        step("every function that the bindings call");
        checkFunctions();
        LlamaLog.silence();
        return checkContextParameters();
    }

    private static void checkFunctions() {
        for (Method method : llama_h.class.getMethods()) {
            String name = method.getName();
            if (name.endsWith("$address")) {
                String function = name.substring(0, name.length() - "$address".length());
                if (!NativeSymbols.isLoaded(function)) {
                    throw new Difference("a function " + function, "none");
                }
            }
        }
    }

    private static KnownVersion checkContextParameters() {
        String function = "llama_context_default_params";
        step("an answer of " + function);
        long size = ReturnedStruct.size(function);
        StringJoiner sizes = new StringJoiner(" or ");
        for (KnownVersion version : KnownVersion.values()) {
            if (version.contextParameters().byteSize() == size) {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment parameters = new ContextFunctions(version).defaultParameters(arena);
                    checkDefaults(version.contextParameters(), parameters);
                    for (String field : List.of("type_k", "type_v")) {
                        expect(field + " in llama_context_params", F16, integer(version.contextParameters(),
                                parameters, field));
                    }
                    expect("n_seq_max in llama_context_params", 1, integer(version.contextParameters(), parameters,
                            "n_seq_max"));
                }
                return version;
            }
            sizes.add(version.contextParameters().byteSize() + " (as in " + version.number() + ")");
        }
        throw new Difference("bytes of llama_context_params: " + sizes, Long.toString(size));
    }

    private static void checkModelParameters() {
        String function = "llama_model_default_params";
        step("an answer of " + function);
        expect("bytes of llama_model_params", llama_model_params.sizeof(), ReturnedStruct.size(function));
        try (Arena arena = Arena.ofConfined()) {
            // struct llama_model_params llama_model_default_params(void);
            checkDefaults(llama_model_params.layout(), llama_h.llama_model_default_params(arena));
        }
    }

    /// Pointers are null, booleans are booleans, and numbers are of the size of settings.
    private static void checkDefaults(GroupLayout struct, MemorySegment parameters) {
        for (MemoryLayout member : struct.memberLayouts()) {
            if (member.name().isEmpty()) {
                continue;
            }
            String name = member.name().get();
            long offset = struct.byteOffset(PathElement.groupElement(name));
            boolean isPlausible = switch (member) {
                case ValueLayout.OfBoolean _ -> (parameters.get(ValueLayout.JAVA_BYTE, offset) & ~1) == 0;
                case ValueLayout.OfInt number -> in(-1, parameters.get(number, offset), MAX_COUNT);
                case ValueLayout.OfLong number -> in(0, parameters.get(number, offset), MAX_BYTES);
                case ValueLayout.OfFloat number -> Math.abs(parameters.get(number, offset)) <= MAX_FLOAT;
                default -> parameters.get(ValueLayout.JAVA_LONG, offset) == 0;
            };
            if (!isPlausible) {
                throw new Difference("a plausible default of " + name + " in " + struct.name().orElseThrow(),
                        "0x" + Long.toHexString(member.byteSize() == 1 ? parameters.get(ValueLayout.JAVA_BYTE, offset)
                                : parameters.get(ValueLayout.JAVA_INT, offset)));
            }
        }
    }

    private static boolean in(long least, long value, long greatest) {
        return value >= least && value <= greatest;
    }

    private static int integer(GroupLayout struct, MemorySegment parameters, String field) {
        return parameters.get(ValueLayout.JAVA_INT, struct.byteOffset(PathElement.groupElement(field)));
    }

    private static void checkBatch() {
        String function = "llama_batch_get_one";
        step("an answer of " + function);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment tokens = arena.allocate(ValueLayout.JAVA_INT, LOGITS.length);
            // struct llama_batch llama_batch_get_one(llama_token * tokens, int32_t n_tokens);
            MemorySegment batch = llama_h.llama_batch_get_one(arena, tokens, LOGITS.length);
            expect("n_tokens in llama_batch", LOGITS.length, llama_batch.n_tokens(batch));
            expect("token in llama_batch", tokens.address(), llama_batch.token(batch).address());
            for (MemorySegment other : List.of(llama_batch.embd(batch), llama_batch.pos(batch),
                    llama_batch.n_seq_id(batch), llama_batch.seq_id(batch), llama_batch.logits(batch))) {
                expect("the other pointers in llama_batch", 0L, other.address());
            }
        }
    }

    static String answer(LlamaRuntime runtime, Question question) {
        try (NativeChain chain = new NativeChain(runtime, SamplerChain.parse(question.chain), LOGITS.length)) {
            question.accepted.forEach(chain::accept);
            NativeChain.Selection selection = chain.apply(LOGITS);
            List<String> left = new ArrayList<>();
            for (Candidate candidate : selection.survivors()) {
                left.add(String.format(Locale.ROOT, "%d:%.2f", candidate.id(), candidate.logit()));
            }
            return selection.token() + " of " + String.join(" ", left);
        }
    }

    private static void expect(String what, Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new Difference(what + ": " + expected, found.toString());
        }
    }

    private static void step(String what) {
        say(STEP + what);
    }

    /// Written at once: the next step may be the last.
    private static void say(String line) {
        System.out.println(line.replace('\n', ' '));
        System.out.flush();
    }
}
