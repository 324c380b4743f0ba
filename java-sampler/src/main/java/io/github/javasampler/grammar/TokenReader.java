package io.github.javasampler.grammar;

import java.util.Arrays;

/// Reads the text of a token from a place. Scratch of one matcher, for one thread at a time.
final class TokenReader {
    private final int[] tokenIds;
    /// What is still to be read: the text from an index on.
    private final Readings readings = new Readings();
    private Frame[] results = new Frame[64];
    private int resultCount;
    private Automaton automaton;
    private byte[] text;
    private int from;
    private int to;
    private boolean collects;
    /// Where the character begins that the text does not end; `from` if it lies before, -1 if there is none.
    private int tail;
    private int tailValue;
    private int tailRemaining;

    /// @param tokenIds of the grammar's token references
    TokenReader(int[] tokenIds) {
        this.tokenIds = tokenIds;
    }

    /// Whether a text fits.
    ///
    /// @param token whose text it is
    boolean fits(Place place, int token, byte[] text) {
        begin(place, text, 0, text.length, false);
        return isReferenced(place, token) || run(place);
    }

    /// The place after a text, or null if it does not fit.
    ///
    /// @param token whose text it is
    /// @param checked whether it must be a text that a mask would allow; else its end may be anything that can go on
    Place read(Place place, int token, byte[] text, int from, int to, boolean checked) {
        synchronized (place.automaton) {
            begin(place, text, from, to, true);
            decodeTail(place);
            boolean referenced = isReferenced(place, token);
            boolean fits = run(place) | referenced;
            if (referenced) {
                for (Frame top : place.tops) {
                    if (isReferenceTo(top, token)) {
                        addAll(automaton.after(top));
                    }
                }
            }
            if (checked && !fits || resultCount == 0) {
                return null;
            }
            Automaton.sort(results, resultCount);
            int different = 1;
            for (int i = 1; i < resultCount; i++) {
                if (results[i] != results[i - 1]) {
                    results[different++] = results[i];
                }
            }
            return automaton.place(results, different, tailValue, tailRemaining);
        }
    }

    private void begin(Place place, byte[] newText, int newFrom, int newTo, boolean newCollects) {
        automaton = place.automaton;
        text = newText;
        from = newFrom;
        to = newTo;
        collects = newCollects;
        resultCount = 0;
        readings.clear();
    }

    private void decodeTail(Place place) {
        int at = from;
        tail = place.remaining > 0 ? from : -1;
        tailValue = place.value;
        tailRemaining = place.remaining;
        while (at < to) {
            if (tailRemaining == 0) {
                tail = at;
                tailRemaining = Math.max(0, Utf8.missing(text[at] & 0xFF));
                tailValue = Utf8.lead(text[at] & 0xFF, tailRemaining);
            } else {
                tailRemaining--;
                tailValue = Utf8.append(tailValue, text[at] & 0xFF);
            }
            at++;
        }
        if (tailRemaining == 0) {
            tail = -1;
            tailValue = 0;
        }
    }

    private boolean isReferenced(Place place, int token) {
        for (Frame top : place.tops) {
            if (isReferenceTo(top, token)) {
                return Utf8.isReadable(text, from, to, place.remaining);
            }
        }
        return false;
    }

    private boolean isReferenceTo(Frame top, int token) {
        if (top.position == Frame.EMPTY) {
            return false;
        }
        Rules rules = automaton.rules();
        int kind = rules.kind(top.position);
        return kind == Item.TOKEN && tokenIds[rules.index(top.position)] == token
                || kind == Item.OTHER_TOKEN && tokenIds[rules.index(top.position)] != token;
    }

    private boolean run(Place place) {
        boolean fits = false;
        for (Group group : place.groups) {
            fits |= run(group, group.start(), from);
            if (fits && !collects) {
                return true;
            }
        }
        while (readings.next()) {
            int offset = readings.place();
            for (Group group : automaton.groups(readings.stack())) {
                fits |= run(group, group.base(), offset);
                if (fits && !collects) {
                    return true;
                }
            }
        }
        return fits;
    }

    /// Reads from an index to the end in the stacks of one group.
    private boolean run(Group group, State start, int offset) {
        State state = start;
        State last = group.base();
        int lastOffset = offset;
        for (int i = offset; i < to && state != State.DEAD; i++) {
            state = automaton.step(state, text[i] & 0xFF);
            if (state.remaining == 0 && state != State.DEAD) {
                last = state;
                lastOffset = i + 1;
                if (state.open && i + 1 < to) {
                    readings.add(i + 1, group.lower());
                }
            }
        }
        if (!collects) {
            return state.allowed;
        }
        if (state != State.DEAD || tail == lastOffset && tail > from) {
            collect(last, group.lower(), lastOffset > from, state != State.DEAD, lastOffset == to);
        }
        return state.allowed;
    }

    /// Adds the stacks after the last whole character.
    ///
    /// @param ends whether those count that take no character: not before this token's first one, as in llama.cpp
    /// @param characters whether those count that take one
    /// @param whole whether the text ends with the character; else the lower parts have been looked at already
    private void collect(State last, Frame lower, boolean ends, boolean characters, boolean whole) {
        for (Frame frame : last.frames) {
            if (frame == automaton.unknown()) {
                if (whole && ends) {
                    addAll(automaton.tops(lower));
                }
            } else if (frame.position >= 0 && automaton.rules().kind(frame.position) == Item.CHARACTER
                    ? characters : ends) {
                add(lower == null ? frame : automaton.moved(frame, automaton.unknown(), lower));
            }
        }
    }

    private void addAll(Frame[] frames) {
        for (Frame frame : frames) {
            add(frame);
        }
    }

    private void add(Frame frame) {
        if (resultCount == results.length) {
            if (resultCount > 2 * Automaton.MAX_STACKS) {
                throw new GrammarLimitException("a text must be readable in at most " + Automaton.MAX_STACKS
                        + " ways at once; use a grammar that is less ambiguous");
            }
            results = Arrays.copyOf(results, 2 * resultCount);
        }
        results[resultCount++] = frame;
    }
}
