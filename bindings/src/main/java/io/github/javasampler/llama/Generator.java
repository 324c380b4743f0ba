package io.github.javasampler.llama;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;

/// The loop of a generation: decode, pick, pass the text on, until something ends it.
///
/// For one thread at a time, but for [#cancel]. It goes on where the context stands, so a conversation can be
/// continued; [LlamaContext#clear] begins a new one.
public final class Generator {
    private final LlamaContext context;
    private final Tokenizer tokenizer;
    private final TokenPicker picker;
    private final GenerationOptions options;
    private volatile boolean cancelled;

    /// @param picker its state (penalties, random numbers) is the caller's to reset
    public Generator(LlamaContext context, TokenPicker picker, GenerationOptions options) {
        this.context = Objects.requireNonNull(context, "context");
        this.tokenizer = context.model().tokenizer();
        this.picker = Objects.requireNonNull(picker, "picker");
        this.options = Objects.requireNonNull(options, "options");
    }

    /// Ends the generation that is under way, or the next one, before its next token. Any thread may call it.
    public void cancel() {
        cancelled = true;
    }

    /// Generates without passing text on.
    ///
    /// @param prompt at least one token
    public Generation generate(int[] prompt) {
        return generate(prompt, text -> { });
    }

    /// Generates. The picker accepts the tokens of the prompt first, so penalties count them.
    ///
    /// @param prompt at least one token, each in [0, vocabulary size)
    /// @param listener gets the text as it comes, in whole code points, on this thread. What it throws ends the
    ///     generation
    /// @throws ContextOverflowException if the prompt does not fit into the context
    /// @throws DecodeException if llama.cpp fails
    public Generation generate(int[] prompt, Consumer<String> listener) {
        try {
            return new Run(listener).generate(prompt);
        } finally {
            cancelled = false;
            // So that another thread may go on with the context.
            context.releaseRows();
        }
    }

    /// The state of one generation.
    private final class Run {
        private final Consumer<String> listener;
        private final Utf8Stream utf8 = new Utf8Stream();
        private final StopStrings stops = new StopStrings(options.stopStrings());
        private final StringBuilder text = new StringBuilder();
        private int[] tokens = new int[64];
        private int count;
        private long promptNanos;
        private long decodeNanos;
        private long samplingNanos;

        Run(Consumer<String> listener) {
            this.listener = listener;
        }

        Generation generate(int[] prompt) {
            StopReason stop = null;
            if (options.maxTokens() != 0 && !cancelled) {
                long start = System.nanoTime();
                context.decode(prompt);
                promptNanos = System.nanoTime() - start;
                for (int token : prompt) {
                    picker.accept(token);
                }
            }
            while (stop == null) {
                stop = step();
            }
            if (stop != StopReason.STOP_STRING) {
                // What was held back as the possible beginning of something turned out to be all there is.
                pass(stops.feed(utf8.flush()));
                pass(stops.flush());
            }
            return new Generation(text.toString(), prompt.length, Arrays.copyOf(tokens, count), stop, promptNanos,
                    decodeNanos, samplingNanos);
        }

        /// Picks a token and decodes it. Returns why the generation ends, or null if it goes on.
        private StopReason step() {
            if (cancelled) {
                return StopReason.CANCELLED;
            }
            if (count == options.maxTokens()) {
                return StopReason.MAX_TOKENS;
            }
            long start = System.nanoTime();
            int token = picker.pick(context, -1);
            samplingNanos += System.nanoTime() - start;
            if (!options.ignoreEndOfGeneration() && tokenizer.isEndOfGeneration(token)) {
                return StopReason.END_OF_GENERATION;
            }
            append(token);
            pass(stops.feed(utf8.feed(tokenizer.cachedPiece(token))));
            if (stops.found()) {
                return StopReason.STOP_STRING;
            }
            if (count == options.maxTokens()) {
                return StopReason.MAX_TOKENS;
            }
            if (context.position() == context.contextLength()) {
                return StopReason.CONTEXT_FULL;
            }
            start = System.nanoTime();
            context.decode(token);
            decodeNanos += System.nanoTime() - start;
            return null;
        }

        private void append(int token) {
            if (count == tokens.length) {
                tokens = Arrays.copyOf(tokens, count * 2);
            }
            tokens[count++] = token;
        }

        private void pass(String piece) {
            if (!piece.isEmpty()) {
                text.append(piece);
                listener.accept(piece);
            }
        }
    }
}
