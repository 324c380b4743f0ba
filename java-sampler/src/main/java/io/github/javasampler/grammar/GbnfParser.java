package io.github.javasampler.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads GBNF as llama.cpp does, without recursion: groups wait in a stack of their own.
///
/// Repetitions are written out. `S{m,n}` becomes `S` m times and a rule for the rest, `R1 ::= S R2 |` and so on; `S*`
/// becomes `R ::= S R |`.
final class GbnfParser {
    private static final int UNLIMITED = -1;
    private static final int END_OF_TEXT = -1;
    /// As many digits as a `long` may be too small for.
    private static final int MAX_DIGITS = 19;

    private final String text;
    private int at;

    private final Map<String, Integer> symbols = new HashMap<>();
    private final List<Rule> rules = new ArrayList<>();
    private final Map<CharClass, Integer> classIndexes = new HashMap<>();
    private final List<CharClass> classes = new ArrayList<>();
    private final List<TokenReference> tokens = new ArrayList<>();
    private int elements;

    /// A name, and its alternates, each ended by [Item#END], once they are known.
    private static final class Rule {
        final String name;
        /// Where it is first mentioned, then where it is defined.
        int place;
        int[] items;

        Rule(String name, int place) {
            this.name = name;
            this.place = place;
        }
    }

    /// The alternates of a rule or a group while they are read.
    private static final class Body {
        final int rule;
        final boolean nested;
        final int symbolsBefore;
        final IntList items = new IntList();
        /// Where the last symbol begins, which a repetition repeats.
        int symbolStart;
        /// By how many rules it is made.
        long symbolRules = 1;

        Body(int rule, boolean nested, int symbolsBefore) {
            this.rule = rule;
            this.nested = nested;
            this.symbolsBefore = symbolsBefore;
        }

        void begin(long madeByRules) {
            symbolStart = items.size();
            symbolRules = madeByRules;
        }
    }

    GbnfParser(String text) {
        this.text = text;
    }

    Rules parse(String root) {
        if (text.length() > Grammar.MAX_CHARACTERS) {
            throw error(0, "a grammar must have at most " + Grammar.MAX_CHARACTERS + " characters, got "
                    + text.length());
        }
        skipSpace(true);
        while (at < text.length()) {
            parseRule();
        }
        if (rules.isEmpty()) {
            throw error(at, "a grammar must have a rule, got none");
        }
        for (Rule rule : rules) {
            if (rule.items == null) {
                throw error(rule.place, "a rule that is referred to must be defined, and \"" + rule.name
                        + "\" is not");
            }
        }
        Integer rootRule = symbols.get(root);
        if (rootRule == null) {
            throw error(text.length(), "a grammar must have its root, the rule \"" + root + "\", and has not");
        }
        return build(rootRule);
    }

    private Rules build(int root) {
        int[][] items = new int[rules.size()][];
        String[] names = new String[rules.size()];
        for (int i = 0; i < items.length; i++) {
            items[i] = rules.get(i).items;
            names[i] = rules.get(i).name;
        }
        int recursive = Recursion.leftRecursiveRule(items);
        if (recursive >= 0) {
            throw error(rules.get(recursive).place, "a rule must not begin with itself, which is left recursion, and \""
                    + names[recursive] + "\" does");
        }
        return new Rules(root, items, names, classes.toArray(new CharClass[0]), List.copyOf(tokens));
    }

    private void parseRule() {
        int place = at;
        int rule = symbol(name("a rule must begin with its name"), place);
        skipSpace(false);
        if (!text.startsWith("::=", at)) {
            throw expected(at, "a rule's name must be followed by ::=");
        }
        at += 3;
        skipSpace(true);
        rules.get(rule).place = place;
        parseBody(rule);
        if (at < text.length() && !isLineEnd(text.charAt(at))) {
            throw expected(at, "a rule must end with its line");
        }
        skipSpace(true);
    }

    private void parseBody(int rule) {
        Deque<Body> outer = new ArrayDeque<>();
        Body body = new Body(rule, false, 0);
        while (true) {
            int c = peek(0);
            if (c == '(') {
                if (outer.size() == Grammar.MAX_NESTING) {
                    throw error(at, "groups must be at most " + Grammar.MAX_NESTING + " deep");
                }
                at++;
                skipSpace(true);
                outer.push(body);
                int before = rules.size();
                body = new Body(generated(body.rule), true, before);
            } else if (c == '|') {
                at++;
                skipSpace(true);
                add(body, Item.END);
                body.begin(1);
            } else if (!parseElement(body, c)) {
                add(body, Item.END);
                rules.get(body.rule).items = body.items.toArray();
                if (outer.isEmpty()) {
                    return;
                }
                if (c != ')') {
                    throw expected(at, "a group must end with ')'");
                }
                at++;
                Body group = body;
                body = outer.pop();
                body.begin(Math.max(1, rules.size() - group.symbolsBefore));
                add(body, Item.of(Item.RULE, group.rule));
                skipSpace(body.nested);
            }
        }
    }

    /// Whether there was one.
    private boolean parseElement(Body body, int c) {
        switch (c) {
            case '"' -> parseLiteral(body);
            case '[' -> parseClass(body);
            case '<', '!' -> parseToken(body, c == '!');
            case '.' -> {
                at++;
                body.begin(1);
                add(body, character(CharClass.ANY));
            }
            case '*', '+', '?' -> {
                int place = at++;
                repeat(body, place, c == '+' ? 1 : 0, c == '?' ? 1 : UNLIMITED);
            }
            case '{' -> parseRepetition(body);
            default -> {
                if (c == END_OF_TEXT || !isWord((char) c)) {
                    return false;
                }
                int place = at;
                int rule = symbol(name(""), place);
                body.begin(1);
                add(body, Item.of(Item.RULE, rule));
            }
        }
        skipSpace(body.nested);
        return true;
    }

    private void parseLiteral(Body body) {
        at++;
        body.begin(1);
        while (peek(0) != '"') {
            add(body, character(CharClass.of((int) Math.min(parseCharacter("a literal must end with '\"'"),
                    CharClass.LAST + 1))));
        }
        at++;
    }

    private void parseClass(Body body) {
        at++;
        boolean negated = peek(0) == '^';
        at += negated ? 1 : 0;
        body.begin(1);
        long[] bounds = new long[8];
        int count = 0;
        while (peek(0) != ']') {
            long first = parseCharacter("a class must end with ']'");
            long last = first;
            if (peek(0) == '-' && peek(1) != ']') {
                at++;
                last = parseCharacter("a range must have a last character");
            }
            if (count == bounds.length) {
                bounds = Arrays.copyOf(bounds, 2 * count);
            }
            bounds[count++] = first;
            bounds[count++] = last;
        }
        at++;
        // As in llama.cpp an empty class, even a negated one, is nothing at all.
        if (count > 0) {
            add(body, character(CharClass.of(negated, Arrays.copyOf(bounds, count))));
        }
    }

    private void parseToken(Body body, boolean other) {
        int place = at;
        at += other ? 1 : 0;
        if (peek(0) != '<') {
            throw expected(at, "'!' must be followed by a token, such as <[17]> or <think>");
        }
        int start = at++;
        String name = null;
        int id = 0;
        if (peek(0) == '[') {
            at++;
            id = (int) Math.min(parseNumber("a token's number must be a whole number"), Integer.MAX_VALUE);
            if (!text.startsWith("]>", at)) {
                throw expected(at, "a token's number must be followed by ]>");
            }
            at += 2;
        } else {
            int end = text.indexOf('>', at);
            if (end < 0) {
                throw expected(text.length(), "a token's text must end with '>'");
            }
            at = end + 1;
            name = text.substring(start, at);
        }
        body.begin(1);
        add(body, Item.of(other ? Item.OTHER_TOKEN : Item.TOKEN, tokens.size()));
        tokens.add(new TokenReference(name, id, place));
    }

    private void parseRepetition(Body body) {
        int place = at++;
        skipSpace(body.nested);
        long least = parseNumber("a repetition must begin with a whole number");
        skipSpace(body.nested);
        long most = least;
        if (peek(0) == ',') {
            at++;
            skipSpace(body.nested);
            most = UNLIMITED;
            if (isDigit(peek(0))) {
                most = parseNumber("");
                skipSpace(body.nested);
            }
            if (peek(0) != '}') {
                throw expected(at, "a repetition must end with '}'");
            }
        } else if (peek(0) != '}') {
            throw expected(at, "a repetition must go on with ',' or '}'");
        }
        at++;
        if (least > Grammar.MAX_REPETITIONS) {
            throw error(place, "something must be repeated at least " + Grammar.MAX_REPETITIONS
                    + " times or less often, got " + least);
        }
        if (most != UNLIMITED && most < least) {
            throw error(place, "a repetition's second bound must not be below its first, got " + least + " and "
                    + most);
        }
        repeat(body, place, (int) least, most > Grammar.MAX_REPETITIONS ? UNLIMITED : (int) most);
    }

    private void repeat(Body body, int place, int least, int most) {
        if (body.symbolStart == body.items.size()) {
            throw error(place, "a repetition must follow what it repeats, got nothing before it");
        }
        int copies = most > 0 ? most : least > 0 ? least : 1;
        if (body.symbolRules * copies > Grammar.MAX_REPETITIONS) {
            throw error(place, "repetitions must make at most " + Grammar.MAX_REPETITIONS + " rules of one, got "
                    + body.symbolRules + " times " + copies + "; repeat less often");
        }
        body.symbolRules *= copies;
        int[] repeated = body.items.from(body.symbolStart);
        if (least == 0) {
            body.items.truncate(body.symbolStart);
        }
        for (int i = 1; i < least; i++) {
            addAll(body.items, repeated, place);
        }
        if (most == UNLIMITED) {
            int rule = generated(body.rule);
            define(rule, repeated, rule, place);
            add(body, Item.of(Item.RULE, rule));
            return;
        }
        int rest = UNLIMITED;
        for (int i = least; i < most; i++) {
            int rule = generated(body.rule);
            define(rule, repeated, rest, place);
            rest = rule;
        }
        if (rest != UNLIMITED) {
            add(body, Item.of(Item.RULE, rest));
        }
    }

    /// Defines `rule ::= repeated rest |`.
    private void define(int rule, int[] repeated, int rest, int place) {
        IntList items = new IntList();
        addAll(items, repeated, place);
        if (rest >= 0) {
            items.add(Item.of(Item.RULE, rest));
        }
        items.add(Item.END);
        items.add(Item.END);
        rules.get(rule).items = items.toArray();
    }

    private void add(Body body, int item) {
        count(1, at);
        body.items.add(item);
    }

    private void addAll(IntList items, int[] more, int place) {
        count(more.length, place);
        items.addAll(more);
    }

    private void count(int more, int place) {
        elements += more;
        if (elements > Grammar.MAX_ELEMENTS) {
            throw error(place, "a grammar must have at most " + Grammar.MAX_ELEMENTS + " elements, repetitions"
                    + " written out; repeat less");
        }
    }

    private int character(CharClass of) {
        Integer known = classIndexes.get(of);
        if (known == null) {
            known = classes.size();
            classIndexes.put(of, known);
            classes.add(of);
        }
        return Item.of(Item.CHARACTER, known);
    }

    private int symbol(String name, int place) {
        Integer known = symbols.get(name);
        if (known != null) {
            return known;
        }
        int rule = newRule(name, place);
        symbols.put(name, rule);
        return rule;
    }

    /// A rule for a part of another, which goes by its name.
    private int generated(int rule) {
        return newRule(rules.get(rule).name, rules.get(rule).place);
    }

    private int newRule(String name, int place) {
        if (rules.size() == Grammar.MAX_RULES) {
            throw error(at, "a grammar must have at most " + Grammar.MAX_RULES + " rules, repetitions written out");
        }
        rules.add(new Rule(name, place));
        return rules.size() - 1;
    }

    private String name(String rule) {
        int start = at;
        while (at < text.length() && isWord(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw expected(at, rule);
        }
        return text.substring(start, at);
    }

    private long parseNumber(String rule) {
        int start = at;
        while (isDigit(peek(0))) {
            at++;
        }
        if (at == start) {
            throw expected(at, rule);
        }
        int significant = start;
        while (significant < at - 1 && text.charAt(significant) == '0') {
            significant++;
        }
        if (at - significant >= MAX_DIGITS) {
            throw error(start, "a number must have fewer than " + MAX_DIGITS + " digits, got " + (at - significant));
        }
        return Long.parseLong(text, significant, at, 10);
    }

    /// A code point, or what an escape stands for, up to 2^32 - 1.
    private long parseCharacter(String ifMissing) {
        int c = peek(0);
        if (c == END_OF_TEXT) {
            throw expected(at, ifMissing);
        }
        if (c != '\\') {
            int codePoint = text.codePointAt(at);
            if (codePoint == 0 || codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                throw error(at, "a grammar must be without NUL and half surrogate pairs, got U+"
                        + String.format("%04X", codePoint) + "; escape it");
            }
            at += Character.charCount(codePoint);
            return codePoint;
        }
        int escape = peek(1);
        switch (escape) {
            case 'x':
                return parseHex(2);
            case 'u':
                return parseHex(4);
            case 'U':
                return parseHex(8);
            case 't', 'r', 'n':
                at += 2;
                return escape == 't' ? '\t' : escape == 'r' ? '\r' : '\n';
            case '\\', '"', '[', ']', '-':
                at += 2;
                return escape;
            default:
                throw expected(at + 1, "a backslash must be followed by one of x u U t r n \\ \" [ ] -");
        }
    }

    private long parseHex(int digits) {
        at += 2;
        long value = 0;
        for (int i = 0; i < digits; i++) {
            int c = peek(0);
            int digit = c >= 0 && c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw expected(at, "an escape must have " + digits + " hexadecimal digits");
            }
            value = value << 4 | digit;
            at++;
        }
        return value;
    }

    private void skipSpace(boolean lines) {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                while (at < text.length() && !isLineEnd(text.charAt(at))) {
                    at++;
                }
            } else if (c == ' ' || c == '\t' || lines && isLineEnd(c)) {
                at++;
            } else {
                return;
            }
        }
    }

    private int peek(int ahead) {
        return at + ahead < text.length() ? text.charAt(at + ahead) : END_OF_TEXT;
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isWord(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || isDigit(c);
    }

    private static boolean isLineEnd(char c) {
        return c == '\r' || c == '\n';
    }

    private GrammarException expected(int place, String rule) {
        return error(place, rule + ", got " + (place < text.length() ? shown(text.codePointAt(place))
                : "the end of the text"));
    }

    private static String shown(int codePoint) {
        return codePoint == '\n' || codePoint == '\r' ? "the end of the line"
                : codePoint > ' ' && codePoint < 127 ? "'" + (char) codePoint + "'"
                : String.format("U+%04X", codePoint);
    }

    private GrammarException error(int place, String message) {
        return GrammarException.at(text, place, message);
    }
}
