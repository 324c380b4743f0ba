package io.github.javasampler.grammar;

/// A stack of what is still to come: a position in the rules, and beneath it what follows when its alternate ends.
/// Equal stacks are the same object within an [Automaton], so that those who share their lower part share its memory.
///
/// What is worked out of a stack is kept with it.
final class Frame {
    /// In the place of a position: nothing more is to come.
    static final int EMPTY = -1;
    /// In the place of a position: what is beneath is not known.
    static final int UNKNOWN = -2;

    final int position;
    /// Null for the two that have no position.
    final Frame parent;
    final int depth;
    final int id;

    /// The stacks that this comes to before the next character, in order of their numbers.
    volatile Frame[] tops;
    /// The same after a character, which the class at the position matches.
    volatile Frame[] after;
    /// The tops by what they have beneath.
    volatile Group[] groups;
    /// Its upper part on [#UNKNOWN], and its lower part, null if the upper is all.
    Frame upper;
    Frame lower;
    /// The next in the automaton's table.
    Frame next;
    /// Of the last walk that came by.
    long mark;

    Frame(int position, Frame parent, int id) {
        this.position = position;
        this.parent = parent;
        depth = parent == null ? 0 : parent.depth + 1;
        this.id = id;
    }
}
