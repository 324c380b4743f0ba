package io.github.javasampler.grammar;

import java.util.ArrayList;
import java.util.List;

/// Reads a regular expression. What is said of its anchors is kept beside it, for those who search.
final class RegexParser {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_LENGTH = 10_000;
    private static final int MAX_REPEATS = 2_000;

    private final String regex;
    private final boolean broad;
    private int at;
    private int depth;

    private RegexParser(String regex, boolean broad) {
        this.regex = regex;
        this.broad = broad;
    }

    /// One alternative at the top, and whether `^` stands before and `$` behind it.
    record Alternative(GbnfExpression body, boolean startsAnchored, boolean endsAnchored) {}

    /// @param broad whether classes hold what they do in some dialect, not only what they do in all
    /// @throws RegexException for what is no regular expression, or not supported
    static List<Alternative> parse(String regex, boolean broad) {
        if (regex.length() > MAX_LENGTH) {
            throw new RegexException("a regular expression may have " + MAX_LENGTH + " characters, got "
                    + regex.length(), 0);
        }
        RegexParser parser = new RegexParser(regex, broad);
        List<Alternative> alternatives = new ArrayList<>();
        do {
            boolean startsAnchored = parser.skip("^");
            GbnfExpression body = parser.sequence();
            alternatives.add(new Alternative(body, startsAnchored, parser.skip("$")));
            if (parser.at < regex.length() && regex.charAt(parser.at) != '|') {
                throw parser.error(regex.charAt(parser.at) == ')' ? "\")\" without its \"(\""
                        : "\"$\" may stand at the end only");
            }
        } while (parser.skip("|"));
        return alternatives;
    }

    private GbnfExpression alternatives() {
        List<GbnfExpression> all = new ArrayList<>();
        do {
            all.add(sequence());
        } while (skip("|"));
        return all.size() == 1 ? all.getFirst() : new GbnfExpression.Choice(all);
    }

    private GbnfExpression sequence() {
        List<GbnfExpression> parts = new ArrayList<>();
        while (at < regex.length() && "|)$".indexOf(regex.charAt(at)) < 0) {
            parts.add(repeated(item()));
        }
        return new GbnfExpression.Sequence(parts);
    }

    private GbnfExpression repeated(GbnfExpression item) {
        GbnfExpression result;
        if (skip("*")) {
            result = item.times(0, GbnfExpression.UNBOUNDED);
        } else if (skip("+")) {
            result = item.times(1, GbnfExpression.UNBOUNDED);
        } else if (skip("?")) {
            result = item.optional();
        } else if (skip("{")) {
            result = counted(item);
        } else {
            return item;
        }
        if (at < regex.length() && "*+?{".indexOf(regex.charAt(at)) >= 0) {
            throw error("a quantifier may not follow another (lazy and possessive ones are not supported, and change "
                    + "no match of a whole text); leave it out, or put the first into a group");
        }
        return result;
    }

    private GbnfExpression counted(GbnfExpression item) {
        int start = at;
        int min = number();
        int max = min;
        if (skip(",")) {
            max = at < regex.length() && regex.charAt(at) == '}' ? GbnfExpression.UNBOUNDED : number();
        }
        if (!skip("}")) {
            throw error("a repetition must read {m}, {m,} or {m,n}; write \\{ for the character");
        }
        if (max != GbnfExpression.UNBOUNDED && max < min) {
            at = start;
            throw error("a repetition must ascend, got " + min + " to " + max);
        }
        return item.times(min, max);
    }

    private int number() {
        int start = at;
        while (at < regex.length() && isDigit(regex.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw error("a number of repetitions must stand here; write \\{ for the character {");
        }
        if (at - start > 6 || Integer.parseInt(regex, start, at, 10) > MAX_REPEATS) {
            at = start;
            throw error("a repetition may go up to " + MAX_REPEATS);
        }
        return Integer.parseInt(regex, start, at, 10);
    }

    private GbnfExpression item() {
        int start = at;
        int c = next();
        return switch (c) {
            case '(' -> group();
            case '[' -> characters(characterClass());
            case '.' -> characters(RegexClass.ANY_BUT_LINE_ENDS);
            case '\\' -> characters(escape(false));
            case '*', '+', '?', '{' -> throw error(start, "nothing to repeat; write \\" + (char) c
                    + " for the character");
            case '^' -> throw error(start, "\"^\" may stand at the start only");
            case ']', '}' -> throw error(start, "write \\" + (char) c + " for the character");
            default -> new GbnfExpression.Characters(scalar(start, c));
        };
    }

    private GbnfExpression characters(RegexClass set) {
        return new GbnfExpression.Characters(broad ? set.broad() : set.narrow());
    }

    private GbnfExpression group() {
        if (!skip("?:") && at < regex.length() && regex.charAt(at) == '?') {
            throw error("lookaround, named groups and flags are not supported; (...) and (?:...) are");
        }
        if (++depth > MAX_DEPTH) {
            throw error("groups may be nested " + MAX_DEPTH + " deep");
        }
        GbnfExpression body = alternatives();
        if (!skip(")")) {
            throw error(at < regex.length() ? "an anchor may stand at the ends only" : "\")\" is missing");
        }
        depth--;
        return body;
    }

    private RegexClass characterClass() {
        int start = at - 1;
        boolean negated = skip("^");
        RegexClass all = RegexClass.of(CodePoints.NONE);
        while (!skip("]")) {
            if (at == regex.length()) {
                throw error(start, "\"]\" is missing");
            }
            int first = at;
            RegexClass member = classMember();
            if (at + 1 < regex.length() && regex.charAt(at) == '-' && regex.charAt(at + 1) != ']') {
                at++;
                member = range(first, member, classMember());
            }
            all = all.or(member);
        }
        RegexClass result = negated ? all.negated() : all;
        if (result.narrow().isEmpty()) {
            throw error(start, "a class must hold a character");
        }
        return result;
    }

    private RegexClass classMember() {
        int start = at;
        int c = next();
        return c == '\\' ? escape(true) : RegexClass.of(scalar(start, c));
    }

    private RegexClass range(int start, RegexClass first, RegexClass last) {
        if (!first.narrow().isSingle() || !last.narrow().isSingle()) {
            throw error(start, "a range must go from one character to another; write \\- for the character");
        }
        int from = first.narrow().first(0);
        int to = last.narrow().first(0);
        if (from > to) {
            throw error(start, "a range must ascend");
        }
        return RegexClass.of(CodePoints.range(from, to));
    }

    private RegexClass escape(boolean inClass) {
        int start = at - 1;
        int c = next();
        return switch (c) {
            case 'd' -> RegexClass.DIGITS;
            case 'D' -> RegexClass.DIGITS.negated();
            case 'w' -> RegexClass.WORD;
            case 'W' -> RegexClass.WORD.negated();
            case 's' -> RegexClass.SPACE;
            case 'S' -> RegexClass.SPACE.negated();
            case 'n' -> RegexClass.of(CodePoints.of('\n'));
            case 'r' -> RegexClass.of(CodePoints.of('\r'));
            case 't' -> RegexClass.of(CodePoints.of('\t'));
            case 'f' -> RegexClass.of(CodePoints.of('\f'));
            case 'v' -> RegexClass.of(CodePoints.of(0x0B));
            case 'x' -> RegexClass.of(scalar(start, hex(2)));
            case 'u' -> RegexClass.of(scalar(start, unicode()));
            default -> {
                if (c > '~' || Character.isLetterOrDigit(c) || c < ' ') {
                    throw error(start, inClass ? "this escape is not supported in a class"
                            : "this escape is not supported (no backreferences, \\b, \\p)");
                }
                yield RegexClass.of(CodePoints.of(c));
            }
        };
    }

    private int unicode() {
        if (skip("{")) {
            int start = at;
            while (at < regex.length() && Character.digit(regex.charAt(at), 16) >= 0 && at - start < 6) {
                at++;
            }
            if (at == start || !skip("}")) {
                throw error("\\u{...} must hold 1 to 6 hexadecimal digits");
            }
            return Integer.parseInt(regex, start, at - 1, 16);
        }
        int first = hex(4);
        if (Character.isHighSurrogate((char) first) && skip("\\u")) {
            int second = hex(4);
            return Character.isLowSurrogate((char) second) ? Character.toCodePoint((char) first, (char) second) : -1;
        }
        return first;
    }

    private int hex(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++, at++) {
            int digit = at < regex.length() && regex.charAt(at) <= 'f' ? Character.digit(regex.charAt(at), 16) : -1;
            if (digit < 0) {
                throw error("a hexadecimal digit must stand here");
            }
            value = value * 16 + digit;
        }
        return value;
    }

    private CodePoints scalar(int start, int codePoint) {
        if (!CodePoints.ALL.contains(codePoint)) {
            throw error(start, "half a surrogate pair, or no code point");
        }
        return CodePoints.of(codePoint);
    }

    private int next() {
        if (at == regex.length()) {
            throw error("the regular expression ends too early");
        }
        int c = regex.codePointAt(at);
        at += Character.charCount(c);
        return c;
    }

    private boolean skip(String expected) {
        boolean found = regex.startsWith(expected, at);
        at += found ? expected.length() : 0;
        return found;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private RegexException error(String problem) {
        return error(at, problem);
    }

    private RegexException error(int index, String problem) {
        return new RegexException(problem, index + 1);
    }
}
