package io.github.javasampler.schema;

import static io.github.javasampler.grammar.GbnfExpression.UNBOUNDED;
import static io.github.javasampler.grammar.GbnfExpression.choice;
import static io.github.javasampler.grammar.GbnfExpression.sequence;
import static io.github.javasampler.grammar.GbnfExpression.text;

import io.github.javasampler.grammar.CodePoints;
import io.github.javasampler.grammar.GbnfExpression;
import io.github.javasampler.grammar.GbnfExpression.Characters;
import io.github.javasampler.grammar.GbnfExpression.Choice;
import io.github.javasampler.grammar.GbnfExpression.Reference;
import io.github.javasampler.grammar.GbnfRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// JSON itself: the rules that every schema shares, named and shaped as in llama.cpp's converter, and the spelling of
/// characters within strings.
///
/// Narrower than JSON where readers differ: no halves of surrogate pairs, at most 16 digits before and after the
/// point, exponents of two digits, and white space that ends.
final class JsonRules {
    static final Reference SPACE = new Reference("space");
    static final Reference VALUE = new Reference("value");
    static final Reference STRING = new Reference("string");
    static final Reference CHAR = new Reference("char");
    static final Reference NUMBER = new Reference("number");
    static final Reference INTEGER = new Reference("integer");
    static final Reference OBJECT = new Reference("object");
    static final Reference ARRAY = new Reference("array");
    static final Reference BOOLEAN = new Reference("boolean");
    static final Reference NULL = new Reference("null");
    static final GbnfExpression QUOTE = text("\"");

    private static final CodePoints CONTROL = CodePoints.range(0, 0x1F).or(CodePoints.of(0x7F));
    private static final CodePoints PLAIN = CodePoints.ALL.minus(CONTROL).minus(CodePoints.of("\"\\"));
    private static final Map<Integer, String> SHORT = Map.of((int) '"', "\\\"", (int) '\\', "\\\\",
            (int) '\b', "\\b", (int) '\f', "\\f", (int) '\n', "\\n", (int) '\r', "\\r", (int) '\t', "\\t");

    private JsonRules() {}

    /// Puts the rules that are shared.
    static void putInto(GbnfRules rules) {
        CodePoints digits = CodePoints.range('0', '9');
        CodePoints hexDigits = digits.or(CodePoints.range('a', 'f')).or(CodePoints.range('A', 'F'));
        GbnfExpression digit = new Characters(digits);
        GbnfExpression hex = new Characters(hexDigits);
        GbnfExpression integral = new Reference("integral-part");
        GbnfExpression sign = text("-").optional();
        rules.put("space", choice(GbnfExpression.EMPTY, text(" "),
                sequence(text("\n").times(1, 2), new Characters(CodePoints.of(" \t")).times(0, 20))));
        rules.put("integral-part", choice(text("0"), sequence(oneOf('1', '9'), digit.times(0, 15))));
        rules.put("integer", sequence(sign, integral));
        rules.put("number", sequence(sign, integral, sequence(text("."), digit.times(1, 16)).optional(),
                sequence(new Characters(CodePoints.of("eE")), new Characters(CodePoints.of("+-")).optional(),
                        choice(text("0"), sequence(oneOf('1', '9'), digit.optional()))).optional()));
        GbnfExpression high = sequence(new Characters(CodePoints.of("dD")), new Characters(CodePoints.of("89abAB")));
        GbnfExpression low = sequence(new Characters(CodePoints.of("dD")), new Characters(CodePoints.of("cdefCDEF")));
        GbnfExpression two = hex.times(2, 2);
        GbnfExpression unit = choice(sequence(new Characters(hexDigits.minus(CodePoints.of("dD"))), hex, two),
                sequence(new Characters(CodePoints.of("dD")), oneOf('0', '7'), two),
                sequence(high, two, text("\\u"), low, two));
        rules.put("char", choice(new Characters(PLAIN), sequence(text("\\"),
                choice(new Characters(CodePoints.of("\"\\bfnrt")), sequence(text("u"), unit)))));
        rules.put("string", sequence(QUOTE, CHAR.times(0, UNBOUNDED), QUOTE));
        rules.put("boolean", choice(text("true"), text("false")));
        rules.put("null", text("null"));
        rules.put("value", choice(OBJECT, ARRAY, STRING, NUMBER, BOOLEAN, NULL));
        rules.put("object", object(sequence(member(STRING, VALUE),
                sequence(text(","), SPACE, member(STRING, VALUE)).times(0, UNBOUNDED)).optional()));
        rules.put("array", array(sequence(VALUE, sequence(text(","), SPACE, VALUE).times(0, UNBOUNDED)).optional()));
    }

    static GbnfExpression object(GbnfExpression members) {
        return members.equals(GbnfExpression.EMPTY) ? sequence(text("{"), SPACE, text("}"))
                : sequence(text("{"), SPACE, members, SPACE, text("}"));
    }

    static GbnfExpression array(GbnfExpression items) {
        return sequence(text("["), SPACE, items, SPACE, text("]"));
    }

    static GbnfExpression member(GbnfExpression key, GbnfExpression value) {
        return sequence(key, SPACE, text(":"), SPACE, value);
    }

    private static GbnfExpression oneOf(char first, char last) {
        return new Characters(CodePoints.range(first, last));
    }

    /// How one of these characters stands within a JSON string: in one way only, so that texts that are written
    /// differently are different.
    static GbnfExpression spelled(CodePoints set) {
        List<GbnfExpression> ways = new ArrayList<>();
        CodePoints plain = set.and(PLAIN);
        if (!plain.isEmpty()) {
            ways.add(new Characters(plain));
        }
        CodePoints letters = CodePoints.NONE;
        CodePoints[] lowDigits = new CodePoints[8];
        CodePoints rest = set.minus(PLAIN);
        for (int i = 0; i < rest.ranges(); i++) {
            for (int c = rest.first(i); c <= rest.last(i); c++) {
                if (SHORT.containsKey(c)) {
                    letters = letters.or(CodePoints.of(SHORT.get(c).charAt(1)));
                } else {
                    CodePoints digit = CodePoints.of(Character.forDigit(c & 15, 16));
                    lowDigits[c >> 4] = lowDigits[c >> 4] == null ? digit : lowDigits[c >> 4].or(digit);
                }
            }
        }
        if (!letters.isEmpty()) {
            ways.add(sequence(text("\\"), new Characters(letters)));
        }
        for (int i = 0; i < lowDigits.length; i++) {
            if (lowDigits[i] != null) {
                ways.add(sequence(text("\\u00" + i), new Characters(lowDigits[i])));
            }
        }
        return ways.size() == 1 ? ways.getFirst() : new Choice(ways);
    }

    /// A text as a JSON string, spelled in the same way.
    static String quoted(String content) {
        StringBuilder json = new StringBuilder("\"");
        content.codePoints().forEach(c -> {
            if (PLAIN.contains(c)) {
                json.appendCodePoint(c);
            } else {
                json.append(SHORT.getOrDefault(c, "\\u%04x".formatted(c)));
            }
        });
        return json.append('"').toString();
    }
}
