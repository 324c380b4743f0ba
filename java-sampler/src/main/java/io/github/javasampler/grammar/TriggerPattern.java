package io.github.javasampler.grammar;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A regular expression as std::regex reads it, in Java's notation, and over bytes: each is a character of Latin-1.
final class TriggerPattern {
    /// Of bytes looked at in one search.
    private static final long MAX_STEPS = 50_000_000;
    private static final String ANY_BYTE = "[\\x00-\\xFF]";
    /// Letters that mean something after a backslash in both notations.
    private static final String COMMON_ESCAPES = "bBdDsSwWfnrt";
    private static final Map<String, String> NAMED_CLASSES = Map.ofEntries(
            Map.entry("alnum", "\\p{Alnum}"), Map.entry("alpha", "\\p{Alpha}"), Map.entry("blank", "\\p{Blank}"),
            Map.entry("cntrl", "\\p{Cntrl}"), Map.entry("digit", "\\p{Digit}"), Map.entry("graph", "\\p{Graph}"),
            Map.entry("lower", "\\p{Lower}"), Map.entry("print", "\\p{Print}"), Map.entry("punct", "\\p{Punct}"),
            Map.entry("space", "\\p{Space}"), Map.entry("upper", "\\p{Upper}"), Map.entry("xdigit", "\\p{XDigit}"),
            Map.entry("d", "\\d"), Map.entry("s", "\\s"), Map.entry("w", "\\w"));

    private final String source;
    private final Pattern pattern;
    private final boolean whole;

    TriggerPattern(String source) {
        this.source = source;
        whole = source.startsWith("^") && source.endsWith("$");
        String bytes = new String(source.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        try {
            pattern = Pattern.compile(translate(bytes));
        } catch (PatternSyntaxException e) {
            throw invalid(e.getDescription());
        }
    }

    /// Where the grammar begins in a text, or -1 if the pattern is not in it.
    int find(byte[] text, int length) {
        try {
            Matcher matcher = pattern.matcher(new Text(text, length));
            if (whole && matcher.matches() || matcher.reset().find()) {
                for (int group = 1; group <= matcher.groupCount(); group++) {
                    if (matcher.start(group) < matcher.end(group)) {
                        return matcher.start(group);
                    }
                }
                return matcher.start();
            }
            return -1;
        } catch (StackOverflowError e) {
            throw new GrammarLimitException("a trigger's pattern must not go too deep, and \"" + source + "\" does on a"
                    + " text of " + length + " bytes; repeat single characters rather than groups");
        }
    }

    private String translate(String from) {
        StringBuilder java = new StringBuilder();
        for (int i = 0; i < from.length();) {
            char c = from.charAt(i);
            switch (c) {
                case '\\' -> i = escape(from, i + 1, java);
                case '[' -> i = charClass(from, i + 1, java);
                case '.' -> {
                    java.append("[^\\n\\r]");
                    i++;
                }
                case '$' -> {
                    java.append("\\z");
                    i++;
                }
                case '(' -> {
                    boolean special = from.startsWith("?", i + 1);
                    if (special && (i + 2 == from.length() || ":=!".indexOf(from.charAt(i + 2)) < 0)) {
                        throw invalid("a group must begin with (, (?:, (?= or (?!");
                    }
                    java.append(from, i, special ? i + 3 : i + 1);
                    i += special ? 3 : 1;
                }
                case '*', '+', '?', '}' -> {
                    java.append(c);
                    i++;
                    if (from.startsWith("?", i)) {
                        java.append('?');
                        i++;
                    }
                    if (i < from.length() && "*+?{".indexOf(from.charAt(i)) >= 0) {
                        throw invalid("a repetition must not be repeated without a group");
                    }
                }
                default -> {
                    java.append(c);
                    i++;
                }
            }
        }
        return java.toString();
    }

    /// @param at what follows the backslash
    /// @return where to go on
    private int escape(String from, int at, StringBuilder java) {
        if (at == from.length()) {
            throw invalid("a backslash must be followed by something");
        }
        char c = from.charAt(at);
        if (c == 'x' || c == 'u') {
            int end = at + (c == 'x' ? 3 : 5);
            if (end > from.length()) {
                throw invalid("an escape must have " + (end - at - 1) + " hexadecimal digits");
            }
            java.append('\\').append(from, at, end);
            return end;
        }
        if (c == 'c' && at + 1 < from.length()) {
            java.append(String.format("\\x%02X", from.charAt(at + 1) & 0x1F));
            return at + 2;
        }
        if (c == 'v' || c == '0') {
            java.append(c == 'v' ? "\\x0B" : "\\x00");
        } else if (COMMON_ESCAPES.indexOf(c) >= 0 || !Character.isLetter(c)) {
            java.append('\\').append(c);
        } else {
            java.append(c);
        }
        return at + 1;
    }

    /// @param at what follows the bracket
    /// @return where to go on
    private int charClass(String from, int at, StringBuilder java) {
        boolean negated = from.startsWith("^", at);
        int i = negated ? at + 1 : at;
        if (from.startsWith("]", i)) {
            java.append(negated ? ANY_BYTE : "(?!)");
            return i + 1;
        }
        java.append(negated ? "[^" : "[");
        while (i < from.length() && from.charAt(i) != ']') {
            char c = from.charAt(i);
            if (c == '\\') {
                if (from.startsWith("b", i + 1)) {
                    java.append("\\x08");
                    i += 2;
                } else {
                    i = escape(from, i + 1, java);
                }
            } else if (c == '[' && i + 1 < from.length() && ":.=".indexOf(from.charAt(i + 1)) >= 0) {
                int end = from.indexOf(":]", i + 2);
                String name = end < 0 ? null : NAMED_CLASSES.get(from.substring(i + 2, end));
                if (name == null || from.charAt(i + 1) != ':') {
                    throw invalid("of the classes in brackets only [:alpha:] and the like are known");
                }
                java.append(name);
                i = end + 2;
            } else {
                java.append("[&^".indexOf(c) >= 0 ? "\\" : "").append(c);
                i++;
            }
        }
        if (i == from.length()) {
            throw invalid("a class must end with ]");
        }
        java.append(']');
        return i + 1;
    }

    private IllegalArgumentException invalid(String why) {
        return new IllegalArgumentException("a trigger's pattern must be a regular expression of ECMAScript, got \""
                + source + "\": " + why);
    }

    /// Bytes as characters; a search may look at so many of them.
    private static final class Text implements CharSequence {
        private final byte[] bytes;
        private final int length;
        private long steps;

        Text(byte[] bytes, int length) {
            this.bytes = bytes;
            this.length = length;
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public char charAt(int index) {
            if (++steps > MAX_STEPS) {
                throw new GrammarLimitException("a trigger's pattern must be found within " + MAX_STEPS + " steps, and"
                        + " takes more on a text of " + length + " bytes; use a simpler one");
            }
            return (char) (bytes[index] & 0xFF);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
        }
    }
}
