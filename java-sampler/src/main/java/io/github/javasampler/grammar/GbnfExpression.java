package io.github.javasampler.grammar;

import java.util.List;

/// What the right side of a rule is made of. Immutable, equal by value.
public sealed interface GbnfExpression {
    /// Stands for [Repeat#max()] when there is no upper bound.
    int UNBOUNDED = -1;
    /// Matches the empty text only.
    GbnfExpression EMPTY = new Sequence(List.of());
    /// Matches nothing at all; what needs it is cut from the grammar.
    GbnfExpression NEVER = new Choice(List.of());

    /// This very text.
    record Text(String text) implements GbnfExpression {}

    /// One character of a set.
    record Characters(CodePoints set) implements GbnfExpression {}

    /// What another rule matches.
    record Reference(String rule) implements GbnfExpression {}

    /// One after the other.
    record Sequence(List<GbnfExpression> parts) implements GbnfExpression {
        /// Copies the parts.
        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    /// One of several.
    record Choice(List<GbnfExpression> alternatives) implements GbnfExpression {
        /// Copies the alternatives.
        public Choice {
            alternatives = List.copyOf(alternatives);
        }
    }

    /// The same from `min` to `max` times.
    record Repeat(GbnfExpression item, int min, int max) implements GbnfExpression {
        /// @throws IllegalArgumentException when `max` is neither [#UNBOUNDED] nor at least `min`, or `min` negative
        public Repeat {
            if (min < 0 || max != UNBOUNDED && max < min) {
                throw new IllegalArgumentException("a repetition must go from 0 or more upwards, got " + min + " to "
                        + max + "; -1 as the upper bound means none");
            }
        }
    }

    /// This very text.
    static GbnfExpression text(String text) {
        return new Text(text);
    }

    /// One after the other.
    static GbnfExpression sequence(GbnfExpression... parts) {
        return new Sequence(List.of(parts));
    }

    /// One of several.
    static GbnfExpression choice(GbnfExpression... alternatives) {
        return new Choice(List.of(alternatives));
    }

    /// From `min` to `max` times; [#UNBOUNDED] as `max` means without end.
    default GbnfExpression times(int min, int max) {
        return new Repeat(this, min, max);
    }

    /// Once, or not at all.
    default GbnfExpression optional() {
        return times(0, 1);
    }
}
