package io.github.javasampler.grammar;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;

/// Where one sequence is in a grammar. For one thread at a time; others may use their own of the same grammar.
///
/// The allowed tokens are those of llama.cpp's `llama_sampler_init_grammar`: ends of generation exactly where the
/// grammar is complete, tokens without a text never, any other if its bytes fit, which may end within a character.
/// Not allowed are the few that llama.cpp lets through and then ends the process over: texts that go on where the
/// grammar has a token reference, and those that encode NUL in several bytes.
public final class GrammarMatcher {
    private static final int SAVED_WAITING = 1;
    private static final int SAVED_PLACE = 0;

    private final CompiledGrammar compiled;
    private final GrammarVocabulary vocabulary;
    private final MaskMaker masks;
    private final TokenReader reader;
    /// Of a lazy grammar that has no text yet, or null.
    private final Waiting initial;
    private Place place;
    /// Null once the grammar has begun.
    private Waiting waiting;

    /// @param initial null if the grammar begins at once
    GrammarMatcher(CompiledGrammar compiled, Waiting initial) {
        this.compiled = compiled;
        this.initial = initial;
        vocabulary = compiled.vocabulary();
        masks = new MaskMaker(vocabulary, compiled.tokenIds());
        reader = new TokenReader(compiled.tokenIds());
        reset();
    }

    /// The grammar and the vocabulary.
    public CompiledGrammar compiled() {
        return compiled;
    }

    /// Whether a token is allowed here: a look at this one, without a mask.
    ///
    /// @param token in [0, vocabulary size)
    /// @throws GrammarLimitException if that takes too much work
    public boolean accepts(int token) {
        checkToken(token);
        if (waiting != null) {
            return true;
        }
        settle();
        if (place.mask != null) {
            return place.mask.allows(token);
        }
        if (vocabulary.isEnd(token)) {
            return place.isComplete();
        }
        byte[] text = vocabulary.text(token);
        return text.length > 0 && reader.fits(place, token, text);
    }

    /// Goes on by a token. An end of generation leaves it where it is.
    ///
    /// @param token in [0, vocabulary size)
    /// @throws TokenNotAllowedException if it is not allowed, or if it triggers a lazy grammar that does not fit what
    ///     triggered it; nothing changes then
    /// @throws GrammarLimitException if the text is nested too deep or can be read in too many ways; nothing changes
    ///     then
    public void accept(int token) {
        checkToken(token);
        settle();
        if (waiting != null) {
            await(token);
        } else if (!vocabulary.isEnd(token)) {
            byte[] text = vocabulary.text(token);
            Place after = text.length == 0 ? null : reader.read(place, token, text, 0, text.length, true);
            if (after == null) {
                throw notAllowed(token, "a token's text must fit the grammar");
            }
            place = after;
        } else if (!place.isComplete()) {
            throw notAllowed(token, "the text must be complete before an end of generation");
        }
    }

    private void await(int token) {
        byte[] text = vocabulary.text(token);
        if (waiting.trigger().isToken(token)) {
            place = replayed(place, token, text, 0, text.length);
            waiting = null;
            return;
        }
        waiting.add(token, text);
        boolean done = false;
        try {
            int start = waiting.find();
            if (start >= 0) {
                Place after = place;
                for (int i = 0; i < waiting.tokens(); i++) {
                    if (waiting.end(i) > start) {
                        after = replayed(after, waiting.token(i), waiting.text(), Math.max(start, waiting.end(i - 1)),
                                waiting.end(i));
                    }
                }
                place = after;
            }
            done = true;
            waiting = start >= 0 ? null : waiting;
        } finally {
            if (!done) {
                waiting.removeLast();
            }
        }
    }

    private Place replayed(Place at, int token, byte[] text, int from, int to) {
        Place after = reader.read(at, token, text, from, to, false);
        if (after == null) {
            throw notAllowed(token, "what triggers a lazy grammar must fit it");
        }
        return after;
    }

    private TokenNotAllowedException notAllowed(int token, String rule) {
        return new TokenNotAllowedException(rule + ", and token " + token + " does not suit the place (" + place()
                + ")", token);
    }

    private void checkToken(int token) {
        if (token < 0 || token >= vocabulary.size()) {
            throw new IllegalArgumentException("token must be in [0, " + (vocabulary.size() - 1) + "], got " + token);
        }
    }

    /// The tokens that are allowed here. Kept for the next time that any matcher of the grammar is here.
    ///
    /// @throws GrammarLimitException if that takes too much work
    public TokenMask mask() {
        if (waiting != null) {
            return vocabulary.all();
        }
        settle();
        return masks.mask(place);
    }

    /// Whether the text may end here. It may while a lazy grammar waits.
    public boolean isComplete() {
        return waiting != null || place.isComplete();
    }

    /// Whether this is a lazy grammar that has not begun yet, so that everything is allowed.
    public boolean isWaiting() {
        return waiting != null;
    }

    /// Whether there is no way on: no token is allowed, not even an end.
    ///
    /// @throws GrammarLimitException if that takes too much work
    public boolean isStuck() {
        return mask().count() == 0;
    }

    /// Where it is, for people: the names of the rules that may go on, such as `value, ws`.
    public String place() {
        if (waiting != null) {
            return "before the trigger";
        }
        Rules rules = place.automaton.rules();
        Set<String> names = new LinkedHashSet<>();
        for (Frame top : place.tops) {
            names.add(top.position == Frame.EMPTY ? "the end" : rules.name(top.position));
        }
        return String.join(", ", names);
    }

    Place currentPlace() {
        return place;
    }

    /// A matcher that continues from here and lives apart.
    public GrammarMatcher copy() {
        GrammarMatcher copy = new GrammarMatcher(compiled, initial);
        copy.place = place;
        copy.waiting = waiting == null ? null : waiting.copy();
        return copy;
    }

    /// Returns to the beginning, before the trigger if it is lazy.
    public void reset() {
        place = compiled.automaton().beginning();
        waiting = initial == null ? null : initial.begin();
    }

    /// Writes where it is.
    ///
    /// @throws IOException if `out` does
    public void save(DataOutput out) throws IOException {
        out.writeInt(compiled.grammar().hashCode());
        out.writeInt(vocabulary.size());
        out.writeByte(waiting == null ? SAVED_PLACE : SAVED_WAITING);
        if (waiting == null) {
            SavedPlace.save(place, out);
        } else {
            waiting.save(out);
        }
    }

    /// Goes to where another one of the same grammar, trigger and vocabulary was saved.
    ///
    /// @throws IOException if `in` does, or holds no such place; nothing changes then
    public void restore(DataInput in) throws IOException {
        if (in.readInt() != compiled.grammar().hashCode() || in.readInt() != vocabulary.size()) {
            throw new IOException("what was saved must be of the same grammar and vocabulary");
        }
        int kind = in.readByte();
        if (kind != SAVED_PLACE && (kind != SAVED_WAITING || initial == null)) {
            throw new IOException("what was saved must be of a grammar that is lazy just as this one");
        }
        Automaton automaton = compiled.automaton();
        Place restored = kind == SAVED_PLACE ? SavedPlace.restore(automaton, in) : automaton.beginning();
        waiting = kind == SAVED_PLACE ? null : initial.restore(in, vocabulary.size());
        place = restored;
    }

    /// Moves on to what is in use now, if the states it was made of have been thrown away.
    private void settle() {
        Automaton automaton = compiled.automaton();
        if (place.automaton != automaton) {
            place = automaton.adopt(place);
        }
    }
}
