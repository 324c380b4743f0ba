package io.github.javasampler.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// A set of texts that a regular expression can describe, as a deterministic automaton over code points.
///
/// Languages can be combined exactly, and become a grammar in which each character leaves one way on: no two
/// alternatives start alike. Immutable, safe for threads.
///
/// Source: K. Thompson, "Regular expression search algorithm", 1968; M. Rabin and D. Scott, "Finite automata and their
/// decision problems", 1959.
public final class RegularLanguage {
    /// The most states that an automaton may have.
    public static final int MAX_STATES = 4_096;

    private static final int DEAD = -1;
    private static final int MAX_TRANSITIONS = 1 << 20;

    /// Disjoint sets of characters between which no state tells a difference.
    private final CodePoints[] classes;
    /// By state and class: the next state, or [#DEAD].
    private final int[][] next;
    private final boolean[] accepting;

    private RegularLanguage(CodePoints[] classes, int[][] next, boolean[] accepting) {
        this.classes = classes;
        this.next = next;
        this.accepting = accepting;
    }

    /// The texts that a regular expression matches from start to end; see [RegexGrammar] for the dialect.
    ///
    /// @throws RegexException with the column, for what is not supported, or too large
    public static RegularLanguage ofRegex(String regex) {
        return of(new GbnfExpression.Choice(
                RegexParser.parse(regex, false).stream().map(RegexParser.Alternative::body).toList()));
    }

    /// The texts in which a regular expression finds something, as ECMAScript and JSON Schema search: an end without
    /// an anchor may be followed, or preceded, by anything. If `^` starts the whole and `$` ends it, then every
    /// alternative is taken to be anchored: `^A|B$` means `^(A|B)$` here, which is narrower and what people mean.
    ///
    /// @throws RegexException with the column, for what is not supported, or too large
    public static RegularLanguage ofSearch(String regex) {
        List<RegexParser.Alternative> alternatives = RegexParser.parse(regex, false);
        boolean whole = alternatives.getFirst().startsAnchored() && alternatives.getLast().endsAnchored();
        return ofSearch(alternatives, whole, GbnfExpression.EMPTY);
    }

    /// The texts in which a regular expression may find something, whatever dialect it is taken for: no fewer than
    /// those of [#ofSearch], and all that must be left out where it must not match.
    ///
    /// @throws RegexException with the column, for what is not supported, or too large
    public static RegularLanguage ofBroadSearch(String regex) {
        // Java and Python let $ stand before a line end that ends the text.
        GbnfExpression lineEnd = new GbnfExpression.Characters(CodePoints.of("\n\r\u0085\u2028\u2029")).times(0, 2);
        return ofSearch(RegexParser.parse(regex, true), false, lineEnd);
    }

    private static RegularLanguage ofSearch(List<RegexParser.Alternative> alternatives, boolean whole,
            GbnfExpression end) {
        GbnfExpression anything = new GbnfExpression.Characters(CodePoints.ALL).times(0, GbnfExpression.UNBOUNDED);
        List<GbnfExpression> found = new ArrayList<>();
        for (RegexParser.Alternative alternative : alternatives) {
            found.add(GbnfExpression.sequence(
                    whole || alternative.startsAnchored() ? GbnfExpression.EMPTY : anything,
                    alternative.body(),
                    whole || alternative.endsAnchored() ? end : anything));
        }
        return of(new GbnfExpression.Choice(found));
    }

    /// The texts of `min` to `max` code points; [GbnfExpression#UNBOUNDED] as `max` means without end.
    ///
    /// @throws RegexException when there are too many states
    public static RegularLanguage ofLengths(int min, int max) {
        return of(new GbnfExpression.Characters(CodePoints.ALL).times(min, max));
    }

    /// These texts.
    ///
    /// @throws RegexException when there are too many states
    public static RegularLanguage ofWords(Collection<String> words) {
        return of(new GbnfExpression.Choice(words.stream().map(GbnfExpression::text).toList()));
    }

    /// The decimal integers without leading zeros that `divisor` divides, negative ones included.
    ///
    /// @param divisor 1 to 1,000
    public static RegularLanguage ofMultiples(int divisor) {
        if (divisor < 1 || divisor > 1_000) {
            throw new IllegalArgumentException("a divisor must be in [1, 1000], got " + divisor);
        }
        CodePoints[] digits = new CodePoints[11];
        for (int digit = 0; digit < 10; digit++) {
            digits[digit] = CodePoints.of('0' + digit);
        }
        digits[10] = CodePoints.of('-');
        // States: start, after the minus, the number 0, then one per remainder.
        int[][] next = new int[divisor + 3][11];
        boolean[] accepting = new boolean[divisor + 3];
        for (int state = 0; state < next.length; state++) {
            Arrays.fill(next[state], DEAD);
            for (int digit = 0; digit < 10 && state != 2; digit++) {
                int remainder = ((state < 3 ? 0 : state - 3) * 10 + digit) % divisor;
                next[state][digit] = state < 2 && digit == 0 ? 2 : 3 + remainder;
            }
            accepting[state] = state == 2 || state == 3;
        }
        next[0][10] = 1;
        return new RegularLanguage(digits, next, accepting).minimal();
    }

    private static RegularLanguage of(GbnfExpression expression) {
        Nfa nfa = new Nfa(expression);
        CodePoints[] classes = classesOf(nfa);
        Map<CodePoints, int[]> members = new HashMap<>();
        List<BitSet> sets = new ArrayList<>();
        Map<BitSet, Integer> states = new HashMap<>();
        List<int[]> next = new ArrayList<>();
        BitSet first = new BitSet();
        nfa.addClosure(nfa.start(), first);
        sets.add(first);
        states.put(first, 0);
        for (int state = 0; state < sets.size(); state++) {
            BitSet[] reached = new BitSet[classes.length];
            BitSet from = sets.get(state);
            for (int i = from.nextSetBit(0); i >= 0; i = from.nextSetBit(i + 1)) {
                if (nfa.label(i) != null) {
                    for (int member : members.computeIfAbsent(nfa.label(i), set -> membersOf(set, classes))) {
                        reached[member] = reached[member] == null ? new BitSet() : reached[member];
                        nfa.addClosure(nfa.target(i), reached[member]);
                    }
                }
            }
            int[] row = new int[classes.length];
            for (int i = 0; i < row.length; i++) {
                row[i] = reached[i] == null ? DEAD : states.computeIfAbsent(reached[i], set -> {
                    sets.add(set);
                    return checkedSize(sets.size(), classes.length) - 1;
                });
            }
            next.add(row);
        }
        boolean[] accepting = new boolean[sets.size()];
        for (int state = 0; state < accepting.length; state++) {
            accepting[state] = Nfa.accepts(sets.get(state));
        }
        return new RegularLanguage(classes, next.toArray(int[][]::new), accepting).trimmed();
    }

    private static int checkedSize(int states, int classes) {
        if (states > MAX_STATES || (long) states * classes > MAX_TRANSITIONS) {
            throw new RegexException("it is too large: its automaton needs more than " + MAX_STATES
                    + " states, or " + MAX_TRANSITIONS + " transitions; use fewer or smaller repetitions", 0);
        }
        return states;
    }

    /// Splits all characters that stand on a label so that each label is a union of classes.
    private static CodePoints[] classesOf(Nfa nfa) {
        List<CodePoints> labels = new ArrayList<>();
        for (int state = 0; state < nfa.states(); state++) {
            if (nfa.label(state) != null) {
                labels.add(nfa.label(state));
            }
        }
        labels = labels.stream().distinct().toList();
        int[] bounds = labels.stream().flatMapToInt(set -> Arrays.stream(set.bounds())).sorted().distinct().toArray();
        if ((long) bounds.length * labels.size() > 20_000_000) {
            throw new RegexException("it is too large: too many different characters", 0);
        }
        Map<BitSet, CodePoints> bySignature = new LinkedHashMap<>();
        for (int i = 0; i + 1 < bounds.length; i++) {
            BitSet signature = new BitSet();
            for (int label = 0; label < labels.size(); label++) {
                signature.set(label, labels.get(label).contains(bounds[i]));
            }
            if (!signature.isEmpty()) {
                bySignature.merge(signature, CodePoints.range(bounds[i], bounds[i + 1] - 1), CodePoints::or);
            }
        }
        return bySignature.values().toArray(CodePoints[]::new);
    }

    private static int[] membersOf(CodePoints set, CodePoints[] classes) {
        int[] members = new int[classes.length];
        int size = 0;
        for (int i = 0; i < classes.length; i++) {
            if (set.contains(classes[i].first(0))) {
                members[size++] = i;
            }
        }
        return Arrays.copyOf(members, size);
    }

    /// The texts in both.
    ///
    /// @throws RegexException when there are too many states
    public RegularLanguage and(RegularLanguage other) {
        return combine(other, Combination.AND);
    }

    /// The texts in either.
    ///
    /// @throws RegexException when there are too many states
    public RegularLanguage or(RegularLanguage other) {
        return combine(other, Combination.OR);
    }

    /// The texts that are not in the other.
    ///
    /// @throws RegexException when there are too many states
    public RegularLanguage minus(RegularLanguage other) {
        return combine(other, Combination.MINUS);
    }

    private RegularLanguage combine(RegularLanguage other, Combination combination) {
        List<CodePoints> shared = new ArrayList<>();
        List<int[]> origins = new ArrayList<>();
        addClasses(other, shared, origins);
        List<int[]> pairs = new ArrayList<>();
        Map<Long, Integer> states = new HashMap<>();
        List<int[]> rows = new ArrayList<>();
        pairs.add(new int[] {0, 0});
        states.put(0L, 0);
        for (int state = 0; state < pairs.size(); state++) {
            int[] pair = pairs.get(state);
            int[] row = new int[shared.size()];
            for (int i = 0; i < row.length; i++) {
                int a = step(pair[0], origins.get(i)[0]);
                int b = other.step(pair[1], origins.get(i)[1]);
                boolean hopeless = a == DEAD && (b == DEAD || combination != Combination.OR)
                        || b == DEAD && combination == Combination.AND;
                row[i] = hopeless ? DEAD : states.computeIfAbsent((long) a << 32 | b & 0xFFFF_FFFFL, _ -> {
                    pairs.add(new int[] {a, b});
                    return checkedSize(pairs.size(), row.length) - 1;
                });
            }
            rows.add(row);
        }
        boolean[] accepts = new boolean[pairs.size()];
        for (int state = 0; state < accepts.length; state++) {
            int[] pair = pairs.get(state);
            accepts[state] = combination.keeps(pair[0] != DEAD && accepting[pair[0]],
                    pair[1] != DEAD && other.accepting[pair[1]]);
        }
        return new RegularLanguage(shared.toArray(CodePoints[]::new), rows.toArray(int[][]::new), accepts).trimmed();
    }

    private int step(int state, int characterClass) {
        return state == DEAD || characterClass == DEAD ? DEAD : next[state][characterClass];
    }

    /// The classes of both, cut so finely that each is within one of either or outside of it.
    private void addClasses(RegularLanguage other, List<CodePoints> shared, List<int[]> origins) {
        CodePoints[] restOfOther = other.classes.clone();
        for (int i = 0; i < classes.length; i++) {
            CodePoints rest = classes[i];
            for (int j = 0; j < restOfOther.length && !rest.isEmpty(); j++) {
                CodePoints both = rest.and(restOfOther[j]);
                if (!both.isEmpty()) {
                    shared.add(both);
                    origins.add(new int[] {i, j});
                    rest = rest.minus(both);
                    restOfOther[j] = restOfOther[j].minus(both);
                }
            }
            if (!rest.isEmpty()) {
                shared.add(rest);
                origins.add(new int[] {i, DEAD});
            }
        }
        for (int j = 0; j < restOfOther.length; j++) {
            if (!restOfOther[j].isEmpty()) {
                shared.add(restOfOther[j]);
                origins.add(new int[] {DEAD, j});
            }
        }
    }

    /// Without the states from which no text can be completed.
    private RegularLanguage trimmed() {
        BitSet alive = alive();
        alive.set(0);
        int[] renamed = new int[next.length];
        Arrays.fill(renamed, DEAD);
        int size = 0;
        for (int state = alive.nextSetBit(0); state >= 0; state = alive.nextSetBit(state + 1)) {
            renamed[state] = size++;
        }
        int[][] rows = new int[size][];
        boolean[] accepts = new boolean[size];
        for (int state = alive.nextSetBit(0); state >= 0; state = alive.nextSetBit(state + 1)) {
            rows[renamed[state]] = Arrays.stream(next[state]).map(to -> to == DEAD ? DEAD : renamed[to]).toArray();
            accepts[renamed[state]] = accepting[state];
        }
        return new RegularLanguage(classes, rows, accepts);
    }

    private BitSet alive() {
        List<List<Integer>> sources = new ArrayList<>();
        for (int state = 0; state < next.length; state++) {
            sources.add(new ArrayList<>());
        }
        int[] pending = new int[next.length];
        int size = 0;
        BitSet alive = new BitSet();
        for (int state = 0; state < next.length; state++) {
            for (int to : Arrays.stream(next[state]).filter(to -> to != DEAD).distinct().toArray()) {
                sources.get(to).add(state);
            }
            if (accepting[state]) {
                alive.set(state);
                pending[size++] = state;
            }
        }
        while (size > 0) {
            for (int source : sources.get(pending[--size])) {
                if (!alive.get(source)) {
                    alive.set(source);
                    pending[size++] = source;
                }
            }
        }
        return alive;
    }

    /// The same texts with the fewest states (J. Hopcroft, 1971): blocks of states are split by which of their
    /// members a class of characters leads into another block, the smaller part of each split being looked at next.
    private RegularLanguage minimal() {
        int states = next.length;
        int[] block = new int[states + 1];
        List<BitSet> blocks = new ArrayList<>(List.of(new BitSet(), new BitSet()));
        for (int state = 0; state <= states; state++) {
            // The last is the dead state, which the table leaves out.
            block[state] = state < states && accepting[state] ? 1 : 0;
            blocks.get(block[state]).set(state);
        }
        int[][][] sources = sources();
        ArrayDeque<int[]> splitters = new ArrayDeque<>();
        for (int i = 0; i < classes.length; i++) {
            splitters.add(new int[] {0, i});
            splitters.add(new int[] {1, i});
        }
        while (!splitters.isEmpty()) {
            int[] splitter = splitters.remove();
            Map<Integer, BitSet> reaching = new LinkedHashMap<>();
            BitSet targets = blocks.get(splitter[0]);
            for (int to = targets.nextSetBit(0); to >= 0; to = targets.nextSetBit(to + 1)) {
                for (int source : sources[splitter[1]][to]) {
                    reaching.computeIfAbsent(block[source], _ -> new BitSet()).set(source);
                }
            }
            reaching.forEach((number, part) -> {
                BitSet rest = blocks.get(number);
                int left = rest.cardinality() - part.cardinality();
                if (left > 0) {
                    BitSet smaller = part;
                    rest.andNot(part);
                    if (left < part.cardinality()) {
                        smaller = rest;
                        blocks.set(number, part);
                    }
                    smaller.stream().forEach(state -> block[state] = blocks.size());
                    for (int i = 0; i < classes.length; i++) {
                        splitters.add(new int[] {blocks.size(), i});
                    }
                    blocks.add(smaller);
                }
            });
        }
        // The start stays the first.
        int first = block[0];
        for (int state = 0; state < states; state++) {
            block[state] = block[state] == first ? 0 : block[state] == 0 ? first : block[state];
        }
        return merged(block, blocks.size());
    }

    /// By class and state, the dead one last: the states that lead there.
    private int[][][] sources() {
        int[][][] sources = new int[classes.length][][];
        for (int i = 0; i < classes.length; i++) {
            int[] counts = new int[next.length + 1];
            for (int state = 0; state <= next.length; state++) {
                counts[target(state, i)]++;
            }
            sources[i] = new int[next.length + 1][];
            for (int to = 0; to <= next.length; to++) {
                sources[i][to] = new int[counts[to]];
            }
            for (int state = 0; state <= next.length; state++) {
                int to = target(state, i);
                sources[i][to][--counts[to]] = state;
            }
        }
        return sources;
    }

    private int target(int state, int characterClass) {
        int to = state == next.length ? DEAD : next[state][characterClass];
        return to == DEAD ? next.length : to;
    }

    private RegularLanguage merged(int[] block, int blocks) {
        int[][] rows = new int[blocks][];
        boolean[] accepts = new boolean[blocks];
        Arrays.setAll(rows, _ -> new int[0]);
        for (int state = 0; state < next.length; state++) {
            rows[block[state]] = Arrays.stream(next[state]).map(to -> to == DEAD ? DEAD : block[to]).toArray();
            accepts[block[state]] = accepting[state];
        }
        return new RegularLanguage(classes, rows, accepts).trimmed();
    }

    /// Whether there is no text in it.
    public boolean isEmpty() {
        return alive().isEmpty();
    }

    /// Whether this text is in it.
    public boolean accepts(String text) {
        int state = 0;
        for (int i = 0; i < text.length() && state != DEAD; i += Character.charCount(text.codePointAt(i))) {
            int at = 0;
            while (at < classes.length && !classes[at].contains(text.codePointAt(i))) {
                at++;
            }
            state = at == classes.length ? DEAD : next[state][at];
        }
        return state != DEAD && accepting[state];
    }

    /// The number of states.
    public int states() {
        return next.length;
    }

    /// Puts the rules of this language.
    ///
    /// @param rules takes them
    /// @param name what their names start with
    /// @param spelling how a character of a set is written, such as with the escapes of a JSON string; different
    ///         characters must not be written alike, nor one be the start of another
    /// @return what matches one text of the language
    public GbnfExpression toGbnf(GbnfRules rules, String name, Function<CodePoints, GbnfExpression> spelling) {
        return minimal().written(rules, name, spelling);
    }

    private GbnfExpression written(GbnfRules rules, String name, Function<CodePoints, GbnfExpression> spelling) {
        List<Map<Integer, CodePoints>> ways = new ArrayList<>();
        int[] sources = new int[next.length];
        sources[0] = 2;
        for (int[] row : next) {
            Map<Integer, CodePoints> targets = new LinkedHashMap<>();
            for (int i = 0; i < row.length; i++) {
                if (row[i] != DEAD) {
                    targets.merge(row[i], classes[i], CodePoints::or);
                }
            }
            ways.add(targets);
            targets.keySet().forEach(target -> sources[target]++);
        }
        String[] names = new String[next.length];
        for (int state = 0; state < names.length; state++) {
            names[state] = isWritten(state, sources, ways) ? rules.newName(name) : null;
        }
        for (int state = 0; state < names.length; state++) {
            if (names[state] != null) {
                rules.put(names[state], ruleOf(state, names, ways, spelling));
            }
        }
        return new GbnfExpression.Reference(names[0]);
    }

    /// Whether a state needs a rule of its own: several lead here, or from here.
    private boolean isWritten(int state, int[] sources, List<Map<Integer, CodePoints>> ways) {
        boolean isEnd = accepting[state] && ways.get(state).isEmpty();
        return state == 0 || !isEnd && (sources[state] > 1 || accepting[state] || ways.get(state).size() > 1);
    }

    private GbnfExpression ruleOf(int state, String[] names, List<Map<Integer, CodePoints>> ways,
            Function<CodePoints, GbnfExpression> spelling) {
        List<GbnfExpression> alternatives = new ArrayList<>();
        ways.get(state).forEach((target, set) -> {
            List<GbnfExpression> parts = new ArrayList<>(List.of(spelling.apply(set)));
            int at = target;
            while (names[at] == null && !ways.get(at).isEmpty()) {
                Map.Entry<Integer, CodePoints> only = ways.get(at).entrySet().iterator().next();
                parts.add(spelling.apply(only.getValue()));
                at = only.getKey();
            }
            if (names[at] != null) {
                parts.add(new GbnfExpression.Reference(names[at]));
            }
            alternatives.add(new GbnfExpression.Sequence(parts));
        });
        if (accepting[state]) {
            alternatives.add(GbnfExpression.EMPTY);
        }
        return new GbnfExpression.Choice(alternatives);
    }
}
