package io.github.javasampler.grammar;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// The stacks, states and places that texts of a grammar have come to so far. It grows as texts are read; when it is
/// full, its [CompiledGrammar] begins a new one.
///
/// A stack is read in two parts. Where rules nest (an array in an array) there is no end of stacks, but only so many
/// upper parts: the frames down to the second level. So states are made of upper parts, and what a token does to the
/// lower part is looked at when its text gets there.
///
/// Thread-safe: whatever grows it holds the lock.
final class Automaton {
    /// Of frames in a stack.
    static final int MAX_DEPTH = 65_536;
    /// Of stacks that a text may be read into at once.
    static final int MAX_STACKS = 65_536;
    /// Of one that is to be replaced at the next occasion, and of one that must not grow any more. Estimates.
    static final long FULL_BYTES = 64L << 20;
    static final long MAX_BYTES = 4 * FULL_BYTES;

    /// How many levels of nesting an upper part has beneath the one it is in.
    private static final int LEVELS = 1;
    private static final int MAX_STEPS = 16 * MAX_STACKS;
    private static final int FRAME_BYTES = 72;
    private static final int STATE_BYTES = 512;
    private static final int PLACE_BYTES = 128;
    private static final int REFERENCE_BYTES = 4;

    private final Rules rules;
    private final CharClass[] classAt;
    private final PlainText.Share[] plainAt;
    private final Frame empty = new Frame(Frame.EMPTY, null, 0);
    private final Frame unknown = new Frame(Frame.UNKNOWN, null, 1);
    private final Map<State, State> states = new HashMap<>();
    private Frame[] frameTable = new Frame[1 << 10];
    private int frameCount = 2;
    private Place[] placeTable = new Place[1 << 8];
    private int placeCount;
    private Place beginning;
    private long mark;
    private volatile long bytes;
    /// Scratch of searches.
    private Frame[] todo = new Frame[64];
    private int todoCount;
    private Frame[] found = new Frame[64];
    private int foundCount;

    Automaton(Rules rules) {
        this.rules = rules;
        classAt = new CharClass[rules.size()];
        plainAt = new PlainText.Share[rules.size()];
        for (int i = 0; i < classAt.length; i++) {
            if (rules.kind(i) == Item.CHARACTER) {
                classAt[i] = rules.charClass(i);
                plainAt[i] = PlainText.shareIn(classAt[i]);
            }
        }
    }

    Rules rules() {
        return rules;
    }

    boolean isFull() {
        return bytes > FULL_BYTES;
    }

    /// Takes note of memory that is in use from now on.
    synchronized void spend(long more) {
        bytes += more;
        if (bytes > MAX_BYTES) {
            throw new GrammarLimitException("the states of a grammar must take at most " + (MAX_BYTES >> 20)
                    + " MB, and the text can be read in so many ways that they take more; use a simpler grammar");
        }
    }

    /// Where texts begin.
    synchronized Place beginning() {
        if (beginning != null) {
            return beginning;
        }
        beginSearch();
        for (int i = 0; i < rules.alternates(rules.root()); i++) {
            search(alternate(rules.root(), i, empty));
        }
        Frame[] tops = searched();
        beginning = place(tops, tops.length, 0, 0);
        return beginning;
    }

    /// The successor of a state.
    ///
    /// @param b 1 to 255
    State step(State state, int b) {
        State next = state.next(b);
        return next == null ? find(state, b) : next;
    }

    private synchronized State find(State state, int b) {
        State next = successor(state, b);
        state.learn(b, next);
        return next;
    }

    private State successor(State state, int b) {
        if (state.remaining == 0) {
            int missing = Utf8.missing(b);
            return missing < 0 ? State.DEAD : missing == 0 ? after(state.frames, b)
                    : within(state.frames, Utf8.lead(b, missing), missing, false);
        }
        if (state.strict && !Utf8.continues(b)) {
            return State.DEAD;
        }
        int missing = state.remaining - 1;
        if (state.target != null) {
            return missing == 0 ? state.target : skip(state.target, missing, state.strict);
        }
        int value = Utf8.append(state.value, b);
        return missing == 0 ? after(state.frames, value) : within(state.frames, value, missing, state.strict);
    }

    /// The state after a character.
    private State after(Frame[] frames, int codePoint) {
        int matching = 0;
        Frame[] matches = new Frame[frames.length];
        for (Frame frame : frames) {
            if (isCharacter(frame) && classAt[frame.position].matches(codePoint)) {
                matches[matching++] = frame;
            }
        }
        return state(afterAny(matches, matching));
    }

    private Frame[] afterAny(Frame[] frames, int count) {
        if (count == 1) {
            return after(frames[0]);
        }
        for (int i = 0; i < count; i++) {
            after(frames[i]);
        }
        beginSearch();
        for (int i = 0; i < count; i++) {
            for (Frame top : frames[i].after) {
                find(top);
            }
        }
        return searched();
    }

    /// The state within a character. Where all that may come of it goes the same way, that is looked at now.
    private State within(Frame[] frames, int value, int missing, boolean strict) {
        int first = CharClass.first(value, missing);
        int last = CharClass.last(value, missing);
        // Of sequences that are longer than need be, the beginnings differ from what comes of them.
        boolean uniform = !Utf8.mayBeOverlong(value);
        boolean allowed = false;
        int matching = 0;
        Frame[] matches = new Frame[frames.length];
        for (Frame frame : frames) {
            if (isCharacter(frame) && !classAt[frame.position].matchesNone(first, last)) {
                matches[matching++] = frame;
                uniform &= classAt[frame.position].matchesAll(first, last);
                allowed |= classAt[frame.position].matchesBeginning(value, missing);
            }
        }
        if (matching == 0) {
            return State.DEAD;
        }
        return uniform ? skip(state(afterAny(matches, matching)), missing, strict)
                : state(State.within(Arrays.copyOf(matches, matching), value, missing, strict, allowed));
    }

    private State skip(State target, int missing, boolean strict) {
        return target == State.DEAD ? target : state(State.skip(target, missing, strict));
    }

    private State state(Frame[] frames) {
        return frames.length == 0 ? State.DEAD : state(State.before(frames, rules.byteClasses()));
    }

    private State state(State made) {
        State known = states.putIfAbsent(made, made);
        if (known != null) {
            return known;
        }
        spend(STATE_BYTES + (long) made.frames.length * REFERENCE_BYTES);
        return made;
    }

    /// Through how many plain characters a text may go on from a state.
    ///
    /// @param enough where to stop counting
    synchronized PlainRun plainRun(State state, int enough) {
        boolean isAll = true;
        State at = state;
        for (int count = 0; count < enough; count++) {
            int matching = 0;
            Frame[] matches = new Frame[at.frames.length];
            for (Frame frame : at.frames) {
                if (isCharacter(frame)) {
                    PlainText.Share share = plainAt[frame.position];
                    isAll &= share != PlainText.Share.SOME;
                    if (share == PlainText.Share.ALL) {
                        matches[matching++] = frame;
                    }
                }
            }
            // Where it is open, the lower parts tell.
            isAll &= !at.open;
            State next = state(afterAny(matches, matching));
            if (next == State.DEAD) {
                return new PlainRun(count, isAll);
            }
            if (next == at) {
                return PlainRun.ENDLESS;
            }
            at = next;
        }
        return new PlainRun(enough, false);
    }

    private boolean isCharacter(Frame frame) {
        return frame.position >= 0 && classAt[frame.position] != null;
    }

    /// The stacks that a stack comes to before the next character.
    synchronized Frame[] tops(Frame frame) {
        if (frame.tops == null) {
            beginSearch();
            search(frame);
            frame.tops = searched();
        }
        return frame.tops;
    }

    /// The same after what is on top, a character or a token.
    synchronized Frame[] after(Frame frame) {
        if (frame.after == null) {
            frame.after = tops(rules.endsAfter(frame.position) ? frame.parent
                    : frame(frame.position + 1, frame.parent));
        }
        return frame.after;
    }

    /// The tops of a stack in groups.
    synchronized Group[] groups(Frame frame) {
        if (frame.groups == null) {
            frame.groups = groups(tops(frame), 0, 0);
        }
        return frame.groups;
    }

    private Group[] groups(Frame[] tops, int value, int remaining) {
        long[] byLower = new long[tops.length];
        for (int i = 0; i < tops.length; i++) {
            split(tops[i]);
            byLower[i] = (long) (tops[i].lower == null ? 0 : tops[i].lower.id) << Integer.SIZE | i;
        }
        Arrays.sort(byLower);
        Group[] groups = new Group[tops.length];
        int count = 0;
        for (int i = 0; i < tops.length;) {
            Frame lower = tops[(int) byLower[i]].lower;
            beginSearch();
            for (; i < tops.length && tops[(int) byLower[i]].lower == lower; i++) {
                find(tops[(int) byLower[i]].upper);
            }
            State base = state(searched());
            State start = remaining == 0 ? base : within(base.frames, value, remaining, true);
            groups[count++] = new Group(start, base, lower);
        }
        return Arrays.copyOf(groups, count);
    }

    /// Finds the upper and the lower part of a stack.
    private void split(Frame top) {
        if (top.upper != null) {
            return;
        }
        int levels = 0;
        Frame cut = top.parent;
        while (cut != null && cut.position >= 0 && !(rules.isLevel(cut.position) && ++levels > LEVELS)) {
            cut = cut.parent;
        }
        boolean whole = cut == null || cut.position < 0;
        top.lower = whole ? null : cut;
        top.upper = whole ? top : moved(top, cut, unknown);
    }

    /// A stack with another one in the place of its lower part.
    ///
    /// @param lower within the stack, or [#unknown] if that is its end
    synchronized Frame moved(Frame top, Frame lower, Frame onto) {
        int count = 0;
        for (Frame frame = top; frame != lower; frame = frame.parent) {
            count++;
        }
        todo = room(todo, count);
        int filled = count;
        for (Frame frame = top; frame != lower; frame = frame.parent) {
            todo[--filled] = frame;
        }
        Frame moved = onto;
        for (int i = 0; i < count; i++) {
            moved = frame(todo[i].position, moved);
        }
        return moved;
    }

    /// The end of a stack, whose lower part is not known if this is so.
    boolean isUpper(Frame frame) {
        Frame end = frame;
        while (end.parent != null) {
            end = end.parent;
        }
        return end == unknown;
    }

    Frame unknown() {
        return unknown;
    }

    Frame empty() {
        return empty;
    }

    private Frame alternate(int rule, int index, Frame parent) {
        int position = rules.alternate(rule, index);
        return rules.kind(position) == Item.END ? parent : frame(position, parent);
    }

    /// The stack with a position on top.
    synchronized Frame frame(int position, Frame parent) {
        int hash = hash(position, parent);
        for (Frame frame = frameTable[hash & frameTable.length - 1]; frame != null; frame = frame.next) {
            if (frame.position == position && frame.parent == parent) {
                return frame;
            }
        }
        if (parent.depth == MAX_DEPTH) {
            throw new GrammarLimitException("a text must be nested at most " + MAX_DEPTH + " rules deep");
        }
        spend(FRAME_BYTES);
        if (frameCount > frameTable.length) {
            growFrameTable();
        }
        Frame frame = new Frame(position, parent, frameCount++);
        put(frame, hash);
        return frame;
    }

    private void put(Frame frame, int hash) {
        int slot = hash & frameTable.length - 1;
        frame.next = frameTable[slot];
        frameTable[slot] = frame;
    }

    private void growFrameTable() {
        Frame[] old = frameTable;
        frameTable = new Frame[2 * old.length];
        for (Frame first : old) {
            for (Frame frame = first; frame != null;) {
                Frame next = frame.next;
                put(frame, hash(frame.position, frame.parent));
                frame = next;
            }
        }
    }

    private static int hash(int position, Frame parent) {
        int mixed = position * 0x9E3779B9 + parent.id * 0x85EBCA6B;
        return mixed ^ mixed >>> 15;
    }

    /// The place of these stacks.
    ///
    /// @param tops the first `count` are sorted and different; they are copied
    synchronized Place place(Frame[] tops, int count, int value, int remaining) {
        int hash = hash(tops, count, value, remaining);
        for (Place place = placeTable[hash & placeTable.length - 1]; place != null; place = place.next) {
            if (place.value == value && place.remaining == remaining
                    && Arrays.equals(place.tops, 0, place.tops.length, tops, 0, count)) {
                return place;
            }
        }
        Frame[] kept = Arrays.copyOf(tops, count);
        spend(PLACE_BYTES + 2L * count * REFERENCE_BYTES);
        Place place = new Place(this, kept, value, remaining, groups(kept, value, remaining));
        if (placeCount++ > placeTable.length) {
            growPlaceTable();
        }
        put(place, hash);
        return place;
    }

    private void put(Place place, int hash) {
        int slot = hash & placeTable.length - 1;
        place.next = placeTable[slot];
        placeTable[slot] = place;
    }

    private void growPlaceTable() {
        Place[] old = placeTable;
        placeTable = new Place[2 * old.length];
        for (Place first : old) {
            for (Place place = first; place != null;) {
                Place next = place.next;
                put(place, hash(place.tops, place.tops.length, place.value, place.remaining));
                place = next;
            }
        }
    }

    private static int hash(Frame[] tops, int count, int value, int remaining) {
        int hash = 4 * value + remaining;
        for (int i = 0; i < count; i++) {
            hash = 31 * hash + tops[i].id;
        }
        return hash ^ hash >>> 15;
    }

    /// The same place here, of another automaton of the same rules.
    synchronized Place adopt(Place place) {
        if (place.automaton == this) {
            return place;
        }
        Map<Frame, Frame> known = new HashMap<>();
        beginSearch();
        Frame[] adopted = new Frame[place.tops.length];
        for (int i = 0; i < adopted.length; i++) {
            adopted[i] = adopt(place.tops[i], known);
        }
        for (Frame top : adopted) {
            find(top);
        }
        Frame[] tops = searched();
        return place(tops, tops.length, place.value, place.remaining);
    }

    private Frame adopt(Frame top, Map<Frame, Frame> known) {
        int count = 0;
        Frame from = top;
        for (; from.parent != null && !known.containsKey(from); from = from.parent) {
            todo = room(todo, count + 1);
            todo[count++] = from;
        }
        Frame adopted = from.parent == null ? empty : known.get(from);
        while (count > 0) {
            Frame frame = todo[--count];
            adopted = frame(frame.position, adopted);
            known.put(frame, adopted);
        }
        return adopted;
    }

    /// A search has marked no frame yet and found none.
    private void beginSearch() {
        mark += 2;
        todoCount = 0;
        foundCount = 0;
    }

    /// Adds a frame to what was found, once.
    private void find(Frame frame) {
        if (frame.mark != mark + 1) {
            frame.mark = mark + 1;
            if (foundCount == MAX_STACKS) {
                throw new GrammarLimitException("a text must be readable in at most " + MAX_STACKS
                        + " ways at once; use a grammar that is less ambiguous");
            }
            found = room(found, foundCount + 1);
            found[foundCount++] = frame;
        }
    }

    /// What was found, in order.
    private Frame[] searched() {
        Frame[] sorted = Arrays.copyOf(found, foundCount);
        sort(sorted, foundCount);
        return sorted;
    }

    /// Follows the rules on top of a stack down to characters, tokens and the end.
    private void search(Frame from) {
        todo[todoCount++] = from;
        int steps = 0;
        while (todoCount > 0) {
            Frame frame = todo[--todoCount];
            if (frame.mark >= mark) {
                continue;
            }
            frame.mark = mark;
            if (frame.position < 0 || rules.kind(frame.position) != Item.RULE) {
                find(frame);
                continue;
            }
            if (++steps > MAX_STEPS) {
                throw new GrammarLimitException("a text must be readable in at most " + MAX_STEPS
                        + " steps from one character to the next; use a simpler grammar");
            }
            Frame rest = rules.endsAfter(frame.position) ? frame.parent : frame(frame.position + 1, frame.parent);
            int rule = rules.index(frame.position);
            todo = room(todo, todoCount + rules.alternates(rule));
            for (int i = 0; i < rules.alternates(rule); i++) {
                todo[todoCount++] = alternate(rule, i, rest);
            }
        }
    }

    private static Frame[] room(Frame[] frames, int count) {
        return count <= frames.length ? frames : Arrays.copyOf(frames, Math.max(count, 2 * frames.length));
    }

    /// By their numbers: the few by insertion, which makes no garbage.
    static void sort(Frame[] frames, int count) {
        if (count > 32) {
            Arrays.sort(frames, 0, count, (a, b) -> Integer.compare(a.id, b.id));
            return;
        }
        for (int i = 1; i < count; i++) {
            Frame frame = frames[i];
            int at = i;
            for (; at > 0 && frames[at - 1].id > frame.id; at--) {
                frames[at] = frames[at - 1];
            }
            frames[at] = frame;
        }
    }
}
