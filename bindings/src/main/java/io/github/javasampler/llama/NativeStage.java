package io.github.javasampler.llama;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

/// A native sampler as a stage of a Java chain. A fork is a `llama_sampler_clone`, freed when it is closed or cannot be
/// reached any more.
final class NativeStage implements Sampler, AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final NativeSampler sampler;
    private final Cleaner.Cleanable cleanable;
    private int[] ids = new int[0];
    private float[] logits = new float[0];

    /// @param sampler stays the caller's
    NativeStage(NativeSampler sampler) {
        this.sampler = sampler;
        cleanable = null;
    }

    private NativeStage(NativeStage source) {
        sampler = source.sampler.copy();
        cleanable = CLEANER.register(this, sampler::close);
    }

    @Override
    public String name() {
        return sampler.name();
    }

    @Override
    public void apply(Candidates candidates) {
        work(candidates, false);
    }

    /// Runs the sampler and takes over what it leaves.
    ///
    /// @return the token that it selected, if it is to select one; else [Candidates#NONE]
    int work(Candidates candidates, boolean picks) {
        try {
            return takeOver(candidates, picks);
        } finally {
            // Else the cleaner might free the sampler as soon as nothing of this object is needed any more.
            Reference.reachabilityFence(this);
        }
    }

    private int takeOver(Candidates candidates, boolean picks) {
        if (ids.length < candidates.size()) {
            ids = new int[candidates.size()];
            logits = new float[candidates.size()];
        }
        CandidateArray array = sampler.apply(candidates);
        int count = array.copyTo(ids, logits);
        for (int i = 0; i < count && picks; i++) {
            // llama.cpp's adaptive-p leaves NaN of logits that overflow; after a picker it can't do harm.
            logits[i] = Float.isNaN(logits[i]) ? Float.NEGATIVE_INFINITY : logits[i];
        }
        candidates.replaceBy(ids, logits, count, array.isSorted());
        return picks ? array.token() : Candidates.NONE;
    }

    @Override
    public void accept(int token) {
        sampler.accept(token);
    }

    @Override
    public void reset() {
        sampler.reset();
    }

    @Override
    public NativeStage fork() {
        return new NativeStage(this);
    }

    /// Frees a fork; the original is its owner's.
    @Override
    public void close() {
        if (cleanable != null) {
            cleanable.clean();
        }
    }

    @Override
    public String toString() {
        return "native=" + sampler.name();
    }
}
