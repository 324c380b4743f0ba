package io.github.javasampler.grammar;

import java.util.Arrays;

/// A state of the automaton that reads bytes: a set of stacks, and how far into a character it is. Its successors are
/// found when they are needed.
///
/// Threads share it without a lock: what they find in it is immutable.
final class State {
    /// No text goes on from here.
    static final State DEAD = new State(new Frame[0], 0, 0, false, null, false, ByteClasses.ONE);

    private static final int CHUNK_BITS = 4;
    private static final int CHUNKS = 16;

    /// Before the character, in order of their numbers. Empty if `target` is not null.
    final Frame[] frames;
    /// Of the character so far, as in llama.cpp: the bits, and how many bytes are missing, 0 to 3.
    final int value;
    final int remaining;
    /// Whether the next byte has to be one that continues a character. Within a token llama.cpp takes any.
    final boolean strict;
    /// The state after the character, where every one of those that can come of it leads there; else null.
    final State target;
    /// Whether a token may end here.
    final boolean allowed;
    /// Whether one of the stacks is [Frame#UNKNOWN].
    final boolean open;
    private final int hash;
    /// Which bytes have one successor.
    private final byte[] byteClasses;

    private volatile State[][] next;
    volatile UpperMask mask;

    private State(Frame[] frames, int value, int remaining, boolean strict, State target, boolean allowed,
            byte[] byteClasses) {
        this.frames = frames;
        this.value = value;
        this.remaining = remaining;
        this.strict = strict;
        this.target = target;
        this.allowed = allowed;
        this.byteClasses = byteClasses;
        boolean unknown = false;
        int mixed = target == null ? 0 : System.identityHashCode(target);
        for (Frame frame : frames) {
            unknown |= frame.position == Frame.UNKNOWN;
            mixed = 31 * mixed + frame.id;
        }
        open = unknown && remaining == 0;
        hash = (31 * mixed + value) * 8 + remaining * 2 + (strict ? 1 : 0);
    }

    /// Before a character.
    static State before(Frame[] frames, byte[] byteClasses) {
        return new State(frames, 0, 0, false, null, true, byteClasses);
    }

    /// Within a character, of which the frames' classes match some.
    static State within(Frame[] frames, int value, int remaining, boolean strict, boolean allowed) {
        return new State(frames, value, remaining, strict, null, allowed, ByteClasses.EACH);
    }

    /// Within a character, whichever it will be.
    static State skip(State target, int remaining, boolean strict) {
        return new State(new Frame[0], 0, remaining, strict, target, true,
                strict ? ByteClasses.CONTINUATION : ByteClasses.ONE);
    }

    /// The successor, or null if it is not known yet.
    State next(int b) {
        int index = byteClasses[b] & 0xFF;
        State[][] chunks = next;
        State[] chunk = chunks == null ? null : chunks[index >> CHUNK_BITS];
        return chunk == null ? null : chunk[index & CHUNKS - 1];
    }

    /// To be called by one thread at a time.
    void learn(int b, State successor) {
        int index = byteClasses[b] & 0xFF;
        State[][] chunks = next;
        if (chunks == null) {
            chunks = new State[CHUNKS][];
            next = chunks;
        }
        State[] chunk = chunks[index >> CHUNK_BITS];
        if (chunk == null) {
            chunk = new State[CHUNKS];
            chunks[index >> CHUNK_BITS] = chunk;
        }
        chunk[index & CHUNKS - 1] = successor;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof State that && that.hash == hash && that.target == target && that.value == value
                && that.remaining == remaining && that.strict == strict && Arrays.equals(that.frames, frames);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
