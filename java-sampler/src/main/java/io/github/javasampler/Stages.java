package io.github.javasampler;

import io.github.javasampler.sampler.GrammarConstraint;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;

/// The stages of one sequence with their state, for one thread at a time: whoever owns them enters, works, and exits.
final class Stages {
    private static final VarHandle BUSY;

    static {
        try {
            BUSY = MethodHandles.lookup().findVarHandle(Stages.class, "busy", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Sampler[] stages;
    private boolean busy;

    private Stages(Sampler[] stages) {
        this.stages = stages;
    }

    /// Stages in their initial state.
    ///
    /// @param stages at least one
    /// @throws IllegalArgumentException if a stage needs what the vocabulary has not
    static Stages of(List<? extends Sampler> stages, Vocabulary vocabulary) {
        Sampler[] own = stages.toArray(Sampler[]::new);
        for (int i = 0; i < own.length; i++) {
            own[i] = own[i].bind(vocabulary).fork();
        }
        return new Stages(own);
    }

    /// Whether nobody was in, so that the caller is now.
    boolean tryEnter() {
        return BUSY.compareAndSet(this, false, true);
    }

    /// @throws ConcurrentUseException if another thread is in
    void enter() {
        if (!tryEnter()) {
            throw new ConcurrentUseException();
        }
    }

    void exit() {
        BUSY.setRelease(this, false);
    }

    /// Whether the last one is a picker.
    boolean picks() {
        return stages[stages.length - 1] instanceof Picker;
    }

    /// Applies all.
    ///
    /// @throws SamplingException if there is a picker and it selects nothing
    void apply(Candidates candidates) {
        for (Sampler stage : stages) {
            stage.apply(candidates);
        }
        if (candidates.selected() == Candidates.NONE && picks()) {
            throw new SamplingException("the picker must select a token, and \"" + stages[stages.length - 1].name()
                    + "\" selected none");
        }
    }

    /// Whether there is a grammar that acts on a miss, and what was selected is one. Then the candidates are to begin
    /// anew, for [#applyMasked].
    boolean missed(Candidates candidates) {
        return stages[0] instanceof GrammarConstraint grammar && grammar.misses(candidates.selected());
    }

    /// [#apply] after a miss, to what the grammar allows.
    void applyMasked(Candidates candidates) {
        ((GrammarConstraint) stages[0]).mask(candidates);
        apply(candidates);
    }

    /// Tells all of a token that was generated.
    void accept(int token) {
        for (Sampler stage : stages) {
            stage.check(token);
        }
        // What a token makes of a grammar is only known afterwards; so it comes first.
        for (Sampler stage : stages) {
            if (stage instanceof GrammarConstraint) {
                stage.accept(token);
            }
        }
        for (Sampler stage : stages) {
            if (!(stage instanceof GrammarConstraint)) {
                stage.accept(token);
            }
        }
    }

    /// Tells all of a token of the prompt.
    void acceptPrompt(int token) {
        for (Sampler stage : stages) {
            stage.acceptPrompt(token);
        }
    }

    void reset() {
        for (Sampler stage : stages) {
            stage.reset();
        }
    }

    /// Others that go on from here.
    Stages fork() {
        Sampler[] forks = new Sampler[stages.length];
        for (int i = 0; i < stages.length; i++) {
            forks[i] = stages[i].fork();
        }
        return new Stages(forks);
    }

    /// Takes the stages of others over.
    void replaceBy(Stages others) {
        System.arraycopy(others.stages, 0, stages, 0, stages.length);
    }

    /// The stages themselves.
    Sampler[] all() {
        return stages;
    }
}
