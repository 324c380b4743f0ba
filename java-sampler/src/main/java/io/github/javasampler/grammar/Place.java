package io.github.javasampler.grammar;

/// Where a text may be in a grammar: the stacks that it can be read into, and how far into a character it is. Equal
/// ones are the same object within an [Automaton].
final class Place {
    final Automaton automaton;
    /// In order of their numbers, each with a character or a token on top, or empty.
    final Frame[] tops;
    /// Of the character so far: see [State].
    final int value;
    final int remaining;
    final Group[] groups;
    /// The next in the automaton's table.
    Place next;
    volatile TokenMask mask;

    Place(Automaton automaton, Frame[] tops, int value, int remaining, Group[] groups) {
        this.automaton = automaton;
        this.tops = tops;
        this.value = value;
        this.remaining = remaining;
        this.groups = groups;
    }

    /// Whether a text may end here.
    boolean isComplete() {
        return tops[0].position == Frame.EMPTY;
    }
}
