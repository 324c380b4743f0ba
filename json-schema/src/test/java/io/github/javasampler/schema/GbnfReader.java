package io.github.javasampler.schema;

import io.github.javasampler.grammar.CodePoints;
import io.github.javasampler.grammar.GbnfExpression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads GBNF, one rule a line, without regard for how it was made.
final class GbnfReader {
    private final String line;
    private int at;

    private GbnfReader(String line) {
        this.line = line;
    }

    static Map<String, GbnfExpression> read(String gbnf) {
        Map<String, GbnfExpression> rules = new LinkedHashMap<>();
        gbnf.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> {
            GbnfReader reader = new GbnfReader(line);
            String name = reader.name();
            reader.expect("::=");
            rules.put(name, reader.alternatives());
            if (reader.at < line.length()) {
                throw new IllegalArgumentException("at " + reader.at + " of " + line);
            }
        });
        return rules;
    }

    private GbnfExpression alternatives() {
        List<GbnfExpression> all = new ArrayList<>();
        do {
            List<GbnfExpression> parts = new ArrayList<>();
            skipSpace();
            while (at < line.length() && "|)".indexOf(line.charAt(at)) < 0) {
                parts.add(repeated(item()));
                skipSpace();
            }
            all.add(new GbnfExpression.Sequence(parts));
        } while (skip("|"));
        return new GbnfExpression.Choice(all);
    }

    private GbnfExpression item() {
        if (skip("(")) {
            GbnfExpression group = alternatives();
            expect(")");
            return group;
        }
        if (skip("\"")) {
            StringBuilder text = new StringBuilder();
            while (!skip("\"")) {
                text.appendCodePoint(character());
            }
            return new GbnfExpression.Text(text.toString());
        }
        if (skip("[")) {
            boolean negated = skip("^");
            CodePoints set = CodePoints.NONE;
            while (!skip("]")) {
                int first = character();
                set = set.or(CodePoints.range(first, skip("-") ? character() : first));
            }
            return new GbnfExpression.Characters(negated ? CodePoints.ALL.minus(set) : set);
        }
        return new GbnfExpression.Reference(name());
    }

    private GbnfExpression repeated(GbnfExpression item) {
        if (skip("*")) {
            return item.times(0, GbnfExpression.UNBOUNDED);
        }
        if (skip("+")) {
            return item.times(1, GbnfExpression.UNBOUNDED);
        }
        if (skip("?")) {
            return item.optional();
        }
        if (!skip("{")) {
            return item;
        }
        String[] bounds = line.substring(at, line.indexOf('}', at)).split(",", -1);
        at = line.indexOf('}', at) + 1;
        int min = Integer.parseInt(bounds[0]);
        return item.times(min, bounds.length == 1 ? min
                : bounds[1].isEmpty() ? GbnfExpression.UNBOUNDED : Integer.parseInt(bounds[1]));
    }

    private int character() {
        int c = line.codePointAt(at);
        at += Character.charCount(c);
        if (c != '\\') {
            return c;
        }
        char escape = line.charAt(at++);
        int digits = "x.u...U".indexOf(escape) < 0 || escape == '.' ? 0 : escape == 'x' ? 2 : escape == 'u' ? 4 : 8;
        if (digits > 0) {
            at += digits;
            return Integer.parseInt(line, at - digits, at, 16);
        }
        return switch (escape) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '\\', '"', '[', ']', '-' -> escape;
            default -> throw new IllegalArgumentException("\\" + escape + " in " + line);
        };
    }

    private String name() {
        int start = at;
        while (at < line.length() && (Character.isLetterOrDigit(line.charAt(at)) || line.charAt(at) == '-')) {
            at++;
        }
        if (at == start) {
            throw new IllegalArgumentException("a name must stand at " + at + " of " + line);
        }
        return line.substring(start, at);
    }

    private void expect(String text) {
        skipSpace();
        if (!skip(text)) {
            throw new IllegalArgumentException(text + " must stand at " + at + " of " + line);
        }
    }

    private boolean skip(String text) {
        boolean found = line.startsWith(text, at);
        at += found ? text.length() : 0;
        return found;
    }

    private void skipSpace() {
        while (at < line.length() && line.charAt(at) == ' ') {
            at++;
        }
    }
}
