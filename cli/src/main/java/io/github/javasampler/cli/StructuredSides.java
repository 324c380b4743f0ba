package io.github.javasampler.cli;

import io.github.javasampler.Kernel;
import io.github.javasampler.Numerics;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.grammar.GrammarMatcher;
import io.github.javasampler.grammar.GrammarVocabulary;
import io.github.javasampler.llama.CheckedRow;
import io.github.javasampler.llama.LlamaModel;
import io.github.javasampler.llama.NativeSampler;
import io.github.javasampler.sampler.Distribution;
import io.github.javasampler.sampler.TopK;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;

/// One grammar over one vocabulary: both chains write the same texts, token by token in turn. Each token bans what the
/// grammar does not allow, picks from the 40 best that are left, and is accepted. Where a token differs, or a text ends
/// or gets long, both begin anew.
///
/// Of Java the grammar's part is timed by itself: the mask, and going on by the token. llama.cpp's time is that of the
/// whole token, of which the grammar is all but a hundredth or two.
final class StructuredSides implements AutoCloseable {
    private static final int SEED = 42;
    private static final int TOP_K = 40;
    private static final int LONGEST_TEXT = 200;
    private static final int FEWEST_TOKENS = 32;
    private static final int MOST_TOKENS = 20_000;

    private final StructuredCase grammarCase;
    private final BenchRows rows;
    private final long nanos;
    private final Vocabulary vocabulary;
    private final Arena arena = Arena.ofConfined();
    private final CheckedRow row;
    private final long firstMaskNanos;
    private final GrammarMatcher matcher;
    private final SamplerSession session;
    private final NativeSampler nativeChain;
    private int step;
    private int length;
    private int different;

    /// @param nanos about how long it may take
    StructuredSides(StructuredCase grammarCase, LlamaModel model, BenchRows rows, long nanos) {
        this.grammarCase = grammarCase;
        this.rows = rows;
        this.nanos = nanos;
        vocabulary = model.tokenizer().vocabulary();
        row = CheckedRow.copyOf(rows.row(0).segment(), arena);
        GrammarVocabulary texts = GrammarVocabulary.of(vocabulary);
        long start = System.nanoTime();
        matcher = texts.compile(Grammar.parse(grammarCase.gbnf())).newMatcher();
        matcher.mask();
        firstMaskNanos = System.nanoTime() - start;
        SamplerChain chain = SamplerChain.builder().grammar(Grammar.parse(grammarCase.gbnf())).topK(TOP_K)
                .distribution(SEED);
        session = chain.newSession(vocabulary, Numerics.PORTABLE);
        nativeChain = NativeSampler.chain(model.runtime(), List.of(
                NativeSampler.grammar(model, grammarCase.gbnf(), Grammar.DEFAULT_ROOT),
                NativeSampler.builtIn(model, new TopK(TOP_K)), NativeSampler.builtIn(model, new Distribution(SEED))));
    }

    /// Warms Java up, and then measures both.
    StructuredResult run() {
        Kernel.awaitFastest();
        session.chain().warmUp();
        // No state is new then, either.
        Allocation.awaitNone(this::javaStep, LONGEST_TEXT, nanos / 2, 2 * nanos);
        step = 0;
        begin();
        return measure();
    }

    private void javaStep() {
        row.copyFrom(rows.row(step % rows.count()));
        matcher.mask();
        int token = session.sample(row.segment());
        matcher.accept(token);
        goOn(token);
    }

    private StructuredResult measure() {
        long[] maskNanos = new long[MOST_TOKENS];
        long tokenNanos = 0;
        long llamaNanos = 0;
        long bytes = 0;
        int count = 0;
        long end = System.nanoTime() + nanos / 2;
        while (count < FEWEST_TOKENS || count < MOST_TOKENS && System.nanoTime() < end) {
            row.copyFrom(rows.row(step % rows.count()));
            long bytesBefore = Allocation.bytes();
            long start = System.nanoTime();
            // Before the session, which shares what is found out: so a mask that is new is made here.
            matcher.mask();
            long masked = System.nanoTime();
            int token = session.sample(row.segment());
            long sampled = System.nanoTime();
            matcher.accept(token);
            maskNanos[count++] = masked - start + System.nanoTime() - sampled;
            tokenNanos += sampled - masked;
            bytes += Allocation.bytes() - bytesBefore;
            start = System.nanoTime();
            int llamaToken = nativeChain.sample(row.segment());
            llamaNanos += System.nanoTime() - start;
            if (llamaToken == token) {
                goOn(token);
            } else {
                different++;
                begin();
            }
        }
        return StructuredResult.of(grammarCase.toString(), vocabulary.size(), Arrays.copyOf(maskNanos, count),
                (double) llamaNanos / count, (double) bytes / count, (double) tokenNanos / count, firstMaskNanos);
    }

    /// How many tokens the two sides did not agree on.
    int different() {
        return different;
    }

    private void goOn(int token) {
        step++;
        length++;
        if (length == LONGEST_TEXT || vocabulary.isEndOfGeneration(token)) {
            begin();
        }
    }

    private void begin() {
        session.reset();
        matcher.reset();
        nativeChain.reset();
        length = 0;
    }

    @Override
    public void close() {
        nativeChain.close();
        arena.close();
    }
}
