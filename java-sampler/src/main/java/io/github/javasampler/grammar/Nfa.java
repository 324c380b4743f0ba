package io.github.javasampler.grammar;

import io.github.javasampler.grammar.GbnfExpression.Characters;
import io.github.javasampler.grammar.GbnfExpression.Choice;
import io.github.javasampler.grammar.GbnfExpression.Reference;
import io.github.javasampler.grammar.GbnfExpression.Repeat;
import io.github.javasampler.grammar.GbnfExpression.Sequence;
import io.github.javasampler.grammar.GbnfExpression.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// Thompson's automaton of an expression without references, built from the end: each part knows what follows it.
final class Nfa {
    private static final int MAX_STATES = 20_000;
    private static final int END = 0;

    /// The characters that lead from a state to its first target; null where its targets need no character.
    private final List<CodePoints> labels = new ArrayList<>();
    private final List<int[]> targets = new ArrayList<>();
    private final int start;

    Nfa(GbnfExpression expression) {
        state(null);
        start = build(expression, END);
    }

    int start() {
        return start;
    }

    int states() {
        return labels.size();
    }

    CodePoints label(int state) {
        return labels.get(state);
    }

    int target(int state) {
        return targets.get(state)[0];
    }

    static boolean accepts(BitSet states) {
        return states.get(END);
    }

    /// Adds a state and all that it reaches without a character.
    void addClosure(int from, BitSet closure) {
        int[] pending = new int[16];
        int size = 0;
        pending[size++] = from;
        while (size > 0) {
            int state = pending[--size];
            if (!closure.get(state)) {
                closure.set(state);
                if (labels.get(state) == null) {
                    for (int target : targets.get(state)) {
                        if (size == pending.length) {
                            pending = Arrays.copyOf(pending, 2 * size);
                        }
                        pending[size++] = target;
                    }
                }
            }
        }
    }

    private int state(CodePoints label, int... to) {
        if (labels.size() == MAX_STATES) {
            throw new RegexException("it is too large: more than " + MAX_STATES
                    + " characters with repetitions written out", 0);
        }
        labels.add(label);
        targets.add(to);
        return labels.size() - 1;
    }

    private int build(GbnfExpression expression, int next) {
        return switch (expression) {
            case Characters characters -> state(characters.set(), next);
            case Text text -> {
                int[] codePoints = text.text().codePoints().toArray();
                int first = next;
                for (int i = codePoints.length - 1; i >= 0; i--) {
                    first = state(CodePoints.of(codePoints[i]), first);
                }
                yield first;
            }
            case Sequence sequence -> {
                int first = next;
                for (GbnfExpression part : sequence.parts().reversed()) {
                    first = build(part, first);
                }
                yield first;
            }
            case Choice choice -> {
                int[] all = new int[choice.alternatives().size()];
                for (int i = 0; i < all.length; i++) {
                    all[i] = build(choice.alternatives().get(i), next);
                }
                yield state(null, all);
            }
            case Repeat repeat -> repeat(repeat, next);
            case Reference reference -> throw new IllegalArgumentException("not regular: " + reference);
        };
    }

    private int repeat(Repeat repeat, int next) {
        int first = next;
        if (repeat.max() == GbnfExpression.UNBOUNDED) {
            int[] ways = {next, next};
            first = state(null, ways);
            ways[1] = build(repeat.item(), first);
        } else {
            for (int i = repeat.min(); i < repeat.max(); i++) {
                first = state(null, next, build(repeat.item(), first));
            }
        }
        for (int i = 0; i < repeat.min(); i++) {
            first = build(repeat.item(), first);
        }
        return first;
    }
}
