package io.github.javasampler.grammar;

/// Makes masks by walks down the trie. Scratch of one matcher, for one thread at a time.
final class MaskMaker {
    /// Of nodes visited for one mask.
    private static final long MAX_STEPS = 100_000_000;

    private final GrammarVocabulary vocabulary;
    private final TokenTrie trie;
    private final int[] tokenIds;
    private final State[] path;
    private final IntList escapes = new IntList();
    /// What is still to be walked for a place: the descendants of nodes.
    private final Readings readings = new Readings();
    private long steps;

    /// @param tokenIds of the grammar's token references
    MaskMaker(GrammarVocabulary vocabulary, int[] tokenIds) {
        this.vocabulary = vocabulary;
        this.tokenIds = tokenIds;
        trie = vocabulary.trie();
        path = new State[trie.maxDepth() + 1];
    }

    /// What a place allows.
    TokenMask mask(Place place) {
        TokenMask known = place.mask;
        if (known != null) {
            return known;
        }
        steps = 0;
        TokenMask made = isSimple(place) ? upperMask(place.automaton, place.groups[0].start()).mask() : make(place);
        place.mask = made;
        return made;
    }

    /// Whether all that counts is a single state.
    private boolean isSimple(Place place) {
        Automaton automaton = place.automaton;
        if (place.groups.length > 1 || place.isComplete()) {
            return false;
        }
        for (Frame top : place.tops) {
            if (automaton.rules().kind(top.position) != Item.CHARACTER) {
                return false;
            }
        }
        return place.groups[0].start() == State.DEAD
                || upperMask(automaton, place.groups[0].start()).escapes().length == 0;
    }

    private TokenMask make(Place place) {
        Automaton automaton = place.automaton;
        readings.clear();
        long[] words = vocabulary.newWords();
        if (place.isComplete()) {
            GrammarVocabulary.add(words, vocabulary.ends());
        }
        for (Frame top : place.tops) {
            if (top.position != Frame.EMPTY) {
                addReferenced(automaton.rules(), top.position, place.remaining, words);
            }
        }
        for (Group group : place.groups) {
            if (group.start() != State.DEAD) {
                UpperMask upper = upperMask(automaton, group.start());
                GrammarVocabulary.add(words, upper.mask().words());
                for (int node : upper.escapes()) {
                    readings.add(node, group.lower());
                }
            }
        }
        while (readings.next()) {
            int node = readings.place();
            for (Group group : automaton.groups(readings.stack())) {
                escapes.truncate(0);
                walk(automaton, group.base(), trie.depth(node), node + 1, trie.skip(node), words);
                for (int i = 0; i < escapes.size(); i++) {
                    readings.add(escapes.get(i), group.lower());
                }
            }
        }
        automaton.spend((long) words.length * Long.BYTES);
        return new TokenMask(vocabulary.size(), words);
    }

    private void addReferenced(Rules rules, int position, int remaining, long[] words) {
        int kind = rules.kind(position);
        if (kind != Item.TOKEN && kind != Item.OTHER_TOKEN) {
            return;
        }
        int token = tokenIds[rules.index(position)];
        long[] whole = vocabulary.whole(remaining);
        boolean fits = GrammarVocabulary.isSet(whole, token);
        if (kind == Item.TOKEN) {
            words[token >> 6] |= fits ? 1L << token : 0;
        } else {
            boolean before = GrammarVocabulary.isSet(words, token);
            GrammarVocabulary.add(words, whole);
            words[token >> 6] &= before ? -1L : ~(1L << token);
        }
    }

    private UpperMask upperMask(Automaton automaton, State start) {
        UpperMask known = start.mask;
        if (known != null) {
            return known;
        }
        long[] words = vocabulary.newWords();
        escapes.truncate(0);
        region(automaton, start, GrammarVocabulary.OTHER, words);
        PlainRun plain = start.remaining > 0 ? new PlainRun(0, false)
                : automaton.plainRun(start, GrammarVocabulary.FEW_CHARACTERS);
        GrammarVocabulary.add(words, vocabulary.plain(plain.characters()));
        if (!plain.isAll()) {
            if (plain.characters() < GrammarVocabulary.FEW_CHARACTERS) {
                region(automaton, start, GrammarVocabulary.PLAIN, words);
            }
            region(automaton, start, GrammarVocabulary.LONG_PLAIN, words);
        }
        TokenMask mask = new TokenMask(vocabulary.size(), words);
        UpperMask made = new UpperMask(mask.count() == 0 ? vocabulary.none() : mask, escapes.toArray());
        automaton.spend((mask.count() == 0 ? 0 : (long) words.length * Long.BYTES)
                + (long) escapes.size() * Integer.BYTES);
        start.mask = made;
        return made;
    }

    private void region(Automaton automaton, State start, int region, long[] words) {
        walk(automaton, start, 0, trie.regionStart(region), trie.regionEnd(region), words);
    }

    /// Allows the tokens of some nodes whose texts fit, and takes note of where lower parts begin to matter.
    ///
    /// @param depth of the node above the first
    private void walk(Automaton automaton, State start, int depth, int from, int to, long[] words) {
        path[depth] = start;
        int visited = 0;
        for (int node = from; node < to; visited++) {
            int below = trie.depth(node);
            int b = trie.label(node);
            State state = path[below - 1].next(b);
            if (state == null) {
                state = automaton.step(path[below - 1], b);
            }
            if (state == State.DEAD) {
                node = trie.skip(node);
                continue;
            }
            path[below] = state;
            int last = trie.firstToken(node + 1);
            for (int token = trie.firstToken(node); token < last && state.allowed; token++) {
                GrammarVocabulary.set(words, trie.token(token));
            }
            if (state.open && trie.skip(node) > node + 1) {
                escapes.add(node);
            }
            node++;
        }
        steps += visited;
        if (steps > MAX_STEPS) {
            throw new GrammarLimitException("a mask must take at most " + MAX_STEPS + " steps, and this grammar's text"
                    + " can be read in so many ways that it takes more; use a simpler grammar");
        }
    }
}
