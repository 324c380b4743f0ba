package io.github.javasampler.llama.parity;

import io.github.javasampler.Candidates;
import io.github.javasampler.Numerics;
import io.github.javasampler.Picker;
import io.github.javasampler.Sampler;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import java.util.ArrayList;
import java.util.List;

/// A session of a chain in which something stands before every stage that writes down what the stage will see. It must
/// choose the same tokens as a plain session, though it looks at each candidate, which a plain one does not.
final class Recording {
    private final List<Sampler> stages;
    private final List<State> states;
    private final SamplerSession session;

    Recording(SamplerChain chain, int vocabularySize, Numerics numerics) {
        stages = chain.stages();
        states = new ArrayList<>();
        SamplerChain.Builder builder = SamplerChain.builder();
        for (Sampler stage : stages.subList(0, stages.size() - 1)) {
            builder.stage(probe()).stage(stage);
        }
        session = builder.stage(probe()).picker((Picker) stages.getLast())
                .newSession(Vocabulary.ofSize(vocabularySize), numerics);
    }

    private Recording(Recording source) {
        stages = source.stages;
        states = source.states;
        session = source.session.fork();
    }

    /// To be used in the place of this one, which is no longer to be used.
    Recording fork() {
        return new Recording(this);
    }

    SamplerSession session() {
        return session;
    }

    List<Sampler> stages() {
        return stages;
    }

    /// What a stage saw of the last row.
    State before(int stage) {
        return states.get(stage);
    }

    /// What the picker saw.
    State beforePicker() {
        return states.getLast();
    }

    /// What the picker left that can be drawn, the best first.
    State afterPicker() {
        return State.of(session.survivors(-1), session.vocabularySize());
    }

    private Sampler probe() {
        State state = new State();
        states.add(state);
        return new Sampler() {
            @Override
            public String name() {
                return "probe";
            }

            @Override
            public void apply(Candidates candidates) {
                state.read(candidates);
            }
        };
    }
}
