package io.github.javasampler;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// One stage of a chain: it narrows the candidates or changes their logits. Stages of your own implement this and are
/// put into a chain by [SamplerChain.Builder#stage].
///
/// Stages without state are best records, and their own fork. A stage with state (a history, a random generator) keeps
/// it in the instance: a chain holds the stage as it was given, in its initial state, and every session works on a
/// [#fork] of it. `equals` should compare the settings, not the state; a `toString` of the form `name=value` shows up
/// in the chain's text.
///
/// A session calls its stages from one thread at a time. What a stage throws ends the call of [SamplerSession#sample]
/// and nothing else.
public interface Sampler {
    /// The stage's name, as llama.cpp prints it: `top-k`. Names of stages that do nothing start with `?`.
    String name();

    /// Works on the candidates of one row.
    void apply(Candidates candidates);

    /// Says no to a token that can't be accepted, by an exception: every stage is asked before the first accepts it, so
    /// that nothing has changed then.
    default void check(int token) {}

    /// Takes note of a token that was chosen.
    default void accept(int token) {}

    /// Takes note of a token that the prompt holds. A stage that looks at nothing but what is generated overrides it.
    default void acceptPrompt(int token) {
        accept(token);
    }

    /// Returns to the initial state.
    default void reset() {}

    /// Why this stage would not let a token pass now, whatever its logit, for [SamplerSession#explain]: it ends the
    /// sentence `token 17 was cut by`. Empty if it would, or has no other words for it than the numbers.
    default String whyCut(int token) {
        return "";
    }

    /// A stage with a copy of this state, which from now on lives apart.
    default Sampler fork() {
        return this;
    }

    /// The stage for a vocabulary: called once on the chain's stage when a session begins. A stage that needs the texts
    /// of the tokens returns one of its own here; the others need not care.
    ///
    /// @throws IllegalArgumentException if the vocabulary has not what the stage needs
    default Sampler bind(Vocabulary vocabulary) {
        return this;
    }

    /// Writes the state, all that [#restore] needs to go on from here: see [SamplerSession#save]. Settings are not
    /// state. A stage with state that does not override both is restored to its initial state.
    ///
    /// @throws IOException if `out` does
    default void save(DataOutput out) throws IOException {}

    /// Reads what [#save] wrote into a stage with the same settings.
    ///
    /// @throws IOException if `in` does, or holds no such state
    default void restore(DataInput in) throws IOException {}
}
