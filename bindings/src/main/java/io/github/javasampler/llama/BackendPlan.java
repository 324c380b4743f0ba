package io.github.javasampler.llama;

import io.github.javasampler.Picker;
import io.github.javasampler.Sampler;
import io.github.javasampler.llama.abi.llama_sampler_i;
import io.github.javasampler.sampler.Distribution;
import io.github.javasampler.sampler.DynamicTemperature;
import io.github.javasampler.sampler.Greedy;
import io.github.javasampler.sampler.LogitBias;
import io.github.javasampler.sampler.MinP;
import io.github.javasampler.sampler.Penalties;
import io.github.javasampler.sampler.Temperature;
import io.github.javasampler.sampler.TopK;
import io.github.javasampler.sampler.TopP;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// Walks the members of a chain that llama.cpp would run in the graph, from the first to the first that cannot, and
/// refuses what it would abort over, or give a wrong token of.
final class BackendPlan {
    /// llama.cpp tries a chain on a graph of 2,048 nodes, and aborts if that is full. No member has more than 30.
    private static final int MOST_MEMBERS = 64;
    /// On that graph there are so many candidates, however many tokens the model has.
    private static final int TRIED_CANDIDATES = 128 * 1024;

    private final int vocabularySize;
    private int size;
    /// Whether the place of a candidate may be another than its id.
    private boolean isPermuted;
    private boolean hasPicked;

    private BackendPlan(int vocabularySize) {
        this.vocabularySize = vocabularySize;
        size = vocabularySize;
    }

    /// Checks a chain.
    ///
    /// @param members its members
    /// @param stages what each of them was built in from, if that is known
    /// @throws LlamaException if llama.cpp must not run it
    static void check(List<MemorySegment> members, List<Optional<Sampler>> stages, int vocabularySize) {
        require(!members.isEmpty() && members.size() <= MOST_MEMBERS, "a chain must have 1 to " + MOST_MEMBERS
                + " members to run in the graph, got " + members.size());
        BackendPlan plan = new BackendPlan(vocabularySize);
        for (int i = 0; i < members.size(); i++) {
            if (NativeMemory.isNull(llama_sampler_i.backend_init(SamplerSurvey.iface(members.get(i))))) {
                return;
            }
            int number = i + 1;
            plan.pass(stages.get(i).orElseThrow(() -> unknown(number)), number);
        }
    }

    private static LlamaException unknown(int number) {
        return new LlamaException("a member that runs in the graph must be built in and one of those that"
                + " docs/backend-sampling.md names, for of others nobody knows what llama.cpp would abort over, and"
                + " member " + number + " is none; put it behind one that does not run there");
    }

    private void pass(Sampler stage, int number) {
        if (stage.name().startsWith("?")) {
            return;
        }
        String place = "stage " + number + ", \"" + stage.name() + "\", in the graph ";
        require(!hasPicked, place + "must not come after the stage that selects");
        switch (stage) {
            case TopK topK -> {
                int most = Math.min(size, TRIED_CANDIDATES);
                require(topK.k() <= most, place + "must have k of at most " + most + ", the candidates it gets, got "
                        + topK.k());
                cutTo(topK.k());
            }
            case TopP _ -> cutTo(size);
            case Temperature temperature -> temper(temperature.temperature());
            case DynamicTemperature dynamic -> {
                require(size > 1 || dynamic.range() == 0, place + "must get more than one candidate, for llama.cpp"
                        + " divides by the logarithm of their number");
                if (dynamic.range() == 0 || dynamic.temperature() == 0) {
                    temper(dynamic.temperature());
                }
            }
            case LogitBias bias -> {
                require(!isPermuted, place + "must stand before the cuts, for llama.cpp takes ids for places there");
                bias.biasByToken().keySet().forEach(token -> require(token < vocabularySize, place
                        + "must bias tokens below " + vocabularySize + ", got " + token));
            }
            case Greedy _ -> require(!isPermuted, place + "must not come after a cut, for llama.cpp gives a place"
                    + " instead of the token there; leave the pick to a session of Java");
            case MinP _, Penalties _, Distribution _ -> { }
            default -> throw unknown(number);
        }
        hasPicked = stage instanceof Picker;
    }

    private void temper(float temperature) {
        if (temperature == 0) {
            cutTo(1);
        }
    }

    private void cutTo(int count) {
        size = count;
        isPermuted = true;
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new LlamaException(problem);
        }
    }
}
