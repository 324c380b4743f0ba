package io.github.javasampler.llama.parity;

import io.github.javasampler.Candidate;
import io.github.javasampler.InvalidLogitsException;
import io.github.javasampler.Numerics;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.LlamaRuntime;
import io.github.javasampler.llama.NativeChain;
import io.github.javasampler.sampler.AdaptiveP;
import io.github.javasampler.sampler.Mirostat;
import io.github.javasampler.sampler.MirostatV2;
import io.github.javasampler.sampler.Xtc;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/// One chain of llama.cpp's and the sessions of both numerics, in step over rows of one size. Now and then another
/// token is accepted than the one drawn, the states are reset, or everything goes on from a clone.
public final class Trial implements AutoCloseable {
    private static final int RESET_EVERY = 100;
    private static final int CLONE_EVERY = 40;
    private static final int OVERRULE_EVERY = 8;

    private final SamplerChain chain;
    private final int n;
    private final SplittableRandom random;
    private final Tally tally;
    private final Memory portableMemory;
    private final Memory llamaMemory;

    private NativeChain nativeChain;
    private SamplerSession portable;
    private SamplerSession llama;
    private Recording portableRecord;
    private Recording llamaRecord;
    private int row;

    /// @param tally where results go
    public Trial(LlamaRuntime runtime, SamplerChain chain, int n, SplittableRandom random, Tally tally) {
        this.chain = chain;
        this.n = n;
        this.random = random;
        this.tally = tally;
        Sampler picker = chain.stages().getLast();
        portableMemory = new Memory(Rounding.PORTABLE, picker);
        llamaMemory = new Memory(Rounding.LLAMA_CPP, picker);
        nativeChain = new NativeChain(runtime, chain, n);
        portable = chain.newSession(Vocabulary.ofSize(n), Numerics.PORTABLE);
        llama = chain.newSession(Vocabulary.ofSize(n), Numerics.LLAMA_CPP);
        portableRecord = new Recording(chain, n, Numerics.PORTABLE);
        llamaRecord = new Recording(chain, n, Numerics.LLAMA_CPP);
    }

    /// One row that all of them take.
    public void run(float[] logits) {
        tally.row();
        row++;
        MemorySegment segment = MemorySegment.ofArray(logits);
        NativeChain.Selection selection = nativeChain.apply(logits);
        int token = selection.token();
        boolean inStep = agree("numerics llama.cpp", token, llama.draw(segment, 0))
                && agree("numerics llama.cpp, looked at", token, llamaRecord.session().draw(segment, 0))
                && hasSurvivors(selection.survivors());
        int portableToken = portable.draw(segment, 0);
        inStep &= agree("portable, looked at", portableToken, portableRecord.session().draw(segment, 0));
        if (portableToken != token && inStep) {
            explain(portableToken, token);
        }
        boolean apart = !inStep || isOutOfStep(portableToken != token);
        portableMemory.drew(portableToken, portableRecord);
        llamaMemory.drew(token, llamaRecord);
        accept(random.nextInt(OVERRULE_EVERY) == 0 ? random.nextInt(n) : token);
        if (apart || random.nextInt(RESET_EVERY) == 0) {
            reset();
        } else if (random.nextInt(CLONE_EVERY) == 0) {
            goOnFromClones(segment);
        }
    }

    /// One row that is none for portable numerics. Clones take it, since its infinities would stay in a feedback.
    public void runUnplain(float[] logits) {
        tally.refused();
        row++;
        MemorySegment segment = MemorySegment.ofArray(logits);
        SamplerSession fork = llama.fork();
        try (NativeChain copy = nativeChain.copy()) {
            for (int i = 0; i < 2; i++) {
                int token = copy.apply(logits).token();
                copy.accept(token);
                agree("numerics llama.cpp, unplain row", token, fork.sample(segment));
            }
        }
        try {
            tally.fail(at("portable took an unplain row and chose " + portable.draw(segment, 0)));
        } catch (InvalidLogitsException expected) {
            // As documented.
        }
    }

    private boolean agree(String who, int expected, int actual) {
        if (actual != expected) {
            tally.llamaMismatch(at(who + " chose " + actual + " instead of " + expected));
        }
        return actual == expected;
    }

    /// Order, ids and logits, where the order is known; ids and logits of what can be drawn in any case.
    private boolean hasSurvivors(List<Candidate> expected) {
        State before = llamaRecord.beforePicker();
        if (!isFeedback()) {
            for (int i = 0; i < expected.size() || i < before.size(); i++) {
                if (i >= expected.size() || i >= before.size() || expected.get(i).id() != before.id(i)
                        || expected.get(i).logit() != before.logit(i)) {
                    tally.llamaMismatch(at("numerics llama.cpp left other survivors: " + before.size() + " instead of "
                            + expected.size() + ", the first different one is at " + i));
                    return false;
                }
            }
        }
        List<Candidate> theirs = drawable(expected);
        List<Candidate> ours = drawable(llama.survivors(-1));
        for (int i = 0; i < theirs.size() || i < ours.size(); i++) {
            if (i >= theirs.size() || i >= ours.size() || theirs.get(i).id() != ours.get(i).id()
                    || theirs.get(i).logit() != ours.get(i).logit()) {
                tally.llamaMismatch(at("numerics llama.cpp kept " + ours.size() + " instead of " + theirs.size()));
                return false;
            }
        }
        return true;
    }

    private static List<Candidate> drawable(List<Candidate> candidates) {
        return candidates.stream().filter(c -> c.logit() > Float.NEGATIVE_INFINITY)
                .sorted(Comparator.comparingInt(Candidate::id)).toList();
    }

    private void explain(int portableToken, int llamaToken) {
        Explainer explainer = new Explainer(portableRecord, new Judge(Rounding.PORTABLE, portableMemory), llamaRecord,
                new Judge(Rounding.LLAMA_CPP, llamaMemory));
        Reason reason = explainer.explain(portableToken, llamaToken);
        tally.mismatch(reason);
        if (reason == Reason.NONE) {
            tally.fail(at("unexplained: portable chose " + portableToken + ", llama.cpp " + llamaToken + ": "
                    + explainer.detail()));
        }
    }

    /// Whether the next row would find the two numerics in different states: feedback moved by different draws, or one
    /// of them took a random number where the other had a single candidate and took none.
    private boolean isOutOfStep(boolean mismatch) {
        if (isFeedback() && (mismatch || portable.kept() != llama.kept())) {
            return true;
        }
        for (int i = 0; i < chain.stages().size(); i++) {
            if ((chain.stages().get(i) instanceof Xtc || isFeedback())
                    && portableRecord.before(i).size() > 1 != llamaRecord.before(i).size() > 1) {
                return true;
            }
        }
        return false;
    }

    private boolean isFeedback() {
        Sampler picker = chain.stages().getLast();
        return picker instanceof Mirostat || picker instanceof MirostatV2 || picker instanceof AdaptiveP;
    }

    private void accept(int token) {
        nativeChain.accept(token);
        for (SamplerSession session : sessions()) {
            session.accept(token);
        }
        portableMemory.accept(token);
        llamaMemory.accept(token);
    }

    private void reset() {
        nativeChain.reset();
        for (SamplerSession session : sessions()) {
            session.reset();
        }
        portableMemory.reset();
        llamaMemory.reset();
    }

    /// What the originals do afterwards must not matter.
    private void goOnFromClones(MemorySegment segment) {
        NativeChain copy = nativeChain.copy();
        List<SamplerSession> originals = sessions();
        portable = portable.fork();
        llama = llama.fork();
        portableRecord = portableRecord.fork();
        llamaRecord = llamaRecord.fork();
        nativeChain.accept(nativeChain.apply(segment).token());
        nativeChain.close();
        nativeChain = copy;
        for (SamplerSession original : originals) {
            original.sample(segment);
        }
    }

    private List<SamplerSession> sessions() {
        return List.of(portable, llama, portableRecord.session(), llamaRecord.session());
    }

    private String at(String problem) {
        return chain + ", " + n + " wide, row " + row + ": " + problem;
    }

    @Override
    public void close() {
        nativeChain.close();
    }
}
