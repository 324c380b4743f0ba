package io.github.javasampler.schema;

import io.github.javasampler.grammar.CodePoints;
import io.github.javasampler.grammar.GbnfExpression;
import io.github.javasampler.grammar.GbnfExpression.Characters;
import io.github.javasampler.grammar.GbnfExpression.Choice;
import io.github.javasampler.grammar.GbnfExpression.Reference;
import io.github.javasampler.grammar.GbnfExpression.Repeat;
import io.github.javasampler.grammar.GbnfExpression.Sequence;
import io.github.javasampler.grammar.GbnfExpression.Text;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// A grammar as slow and plain as can be: which texts it matches, and random ones.
final class ReferenceGrammar {
    private static final int DEEP = 30;
    private static final int LONG = 1_500;
    private static final int ENDLESS = 1 << 20;

    private final Map<String, GbnfExpression> rules;
    /// How many rules deep the shallowest text of a rule is.
    private final Map<String, Integer> depths = new HashMap<>();

    ReferenceGrammar(String gbnf) {
        rules = GbnfReader.read(gbnf);
        for (boolean changed = true; changed; ) {
            changed = false;
            for (Map.Entry<String, GbnfExpression> rule : rules.entrySet()) {
                int depth = depth(rule.getValue());
                changed |= depth < depths.getOrDefault(rule.getKey(), ENDLESS);
                depths.merge(rule.getKey(), depth, Math::min);
            }
        }
    }

    /// Whether every rule that is needed is there, and leads to an end.
    boolean isComplete() {
        return depths.values().stream().allMatch(depth -> depth < ENDLESS);
    }

    private int depth(GbnfExpression expression) {
        return switch (expression) {
            case Text _, Characters _ -> 0;
            case Reference reference -> Math.min(ENDLESS, depths.getOrDefault(reference.rule(), ENDLESS) + 1);
            case Sequence sequence -> sequence.parts().stream().mapToInt(this::depth).max().orElse(0);
            case Choice choice -> choice.alternatives().stream().mapToInt(this::depth).min().orElse(ENDLESS);
            case Repeat repeat -> repeat.min() == 0 ? 0 : depth(repeat.item());
        };
    }

    boolean matches(String text) {
        int[] codePoints = text.codePoints().toArray();
        return new Match(codePoints).ends(new Reference("root"), 0).get(codePoints.length);
    }

    /// Where a part of the grammar can end that starts at a place, each worked out once.
    private final class Match {
        private final int[] text;
        private final Map<String, BitSet> known = new HashMap<>();

        Match(int[] text) {
            this.text = text;
        }

        BitSet ends(GbnfExpression expression, int start) {
            BitSet ends = new BitSet();
            switch (expression) {
                case Text literal -> {
                    int[] wanted = literal.text().codePoints().toArray();
                    boolean same = start + wanted.length <= text.length;
                    for (int i = 0; same && i < wanted.length; i++) {
                        same = text[start + i] == wanted[i];
                    }
                    ends.set(start + wanted.length, same);
                }
                case Characters characters ->
                    ends.set(start + 1, start < text.length && characters.set().contains(text[start]));
                case Reference reference -> {
                    String key = reference.rule() + " " + start;
                    BitSet found = known.get(key);
                    if (found == null) {
                        found = ends(rules.get(reference.rule()), start);
                        known.put(key, found);
                    }
                    return found;
                }
                case Sequence sequence -> {
                    ends.set(start);
                    for (GbnfExpression part : sequence.parts()) {
                        ends = after(part, ends);
                    }
                }
                case Choice choice -> {
                    for (GbnfExpression alternative : choice.alternatives()) {
                        ends.or(ends(alternative, start));
                    }
                }
                case Repeat repeat -> {
                    BitSet reached = new BitSet();
                    reached.set(start);
                    for (int i = 0; i < repeat.min(); i++) {
                        reached = after(repeat.item(), reached);
                    }
                    int left = repeat.max() == GbnfExpression.UNBOUNDED ? Integer.MAX_VALUE
                            : repeat.max() - repeat.min();
                    ends.or(reached);
                    for (int i = 0; i < left && !reached.isEmpty(); i++) {
                        reached = after(repeat.item(), reached);
                        reached.andNot(ends);
                        ends.or(reached);
                    }
                }
            }
            return ends;
        }

        private BitSet after(GbnfExpression part, BitSet starts) {
            BitSet ends = new BitSet();
            starts.stream().forEach(start -> ends.or(ends(part, start)));
            return ends;
        }
    }

    /// A random text; deep or long ones are brought to an end.
    String random(RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        append(text, new Reference("root"), 0, random);
        return text.toString();
    }

    private void append(StringBuilder text, GbnfExpression expression, int depth, RandomGenerator random) {
        boolean hurry = depth > DEEP || text.length() > LONG;
        switch (expression) {
            case Text literal -> text.append(literal.text());
            case Characters characters -> text.appendCodePoint(any(characters.set(), random));
            case Reference reference -> append(text, rules.get(reference.rule()), depth + 1, random);
            case Sequence sequence -> sequence.parts().forEach(part -> append(text, part, depth, random));
            case Choice choice -> {
                int least = depth(choice);
                List<GbnfExpression> open = choice.alternatives().stream()
                        .filter(one -> hurry ? depth(one) == least : depth(one) < ENDLESS).toList();
                append(text, open.get(random.nextInt(open.size())), depth, random);
            }
            case Repeat repeat -> {
                int most = repeat.max() == GbnfExpression.UNBOUNDED ? repeat.min() + 6 : repeat.max();
                int few = repeat.min() + (int) Math.abs(random.nextGaussian() * 2);
                int count = hurry ? repeat.min() : random.nextInt(20) == 0 ? random.nextInt(repeat.min(), most + 1)
                        : Math.min(most, few);
                for (int i = 0; i < count; i++) {
                    append(text, repeat.item(), depth, random);
                }
            }
        }
    }

    private static int any(CodePoints set, RandomGenerator random) {
        int range = random.nextInt(set.ranges());
        return random.nextInt(set.first(range), set.last(range) + 1);
    }
}
