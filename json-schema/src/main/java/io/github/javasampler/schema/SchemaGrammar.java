package io.github.javasampler.schema;

import static io.github.javasampler.grammar.GbnfExpression.EMPTY;
import static io.github.javasampler.grammar.GbnfExpression.NEVER;
import static io.github.javasampler.grammar.GbnfExpression.UNBOUNDED;
import static io.github.javasampler.grammar.GbnfExpression.sequence;
import static io.github.javasampler.grammar.GbnfExpression.text;

import io.github.javasampler.grammar.CodePoints;
import io.github.javasampler.grammar.GbnfExpression;
import io.github.javasampler.grammar.GbnfExpression.Choice;
import io.github.javasampler.grammar.GbnfExpression.Reference;
import io.github.javasampler.grammar.GbnfRules;
import io.github.javasampler.grammar.RegularLanguage;
import io.github.javasampler.schema.Shape.Arr;
import io.github.javasampler.schema.Shape.Num;
import io.github.javasampler.schema.Shape.Obj;
import io.github.javasampler.schema.Shape.Str;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.NullNode;

/// Writes the rules of a schema: one for each combination of subschemas that a value must satisfy, one by one from a
/// queue, so that neither depth nor recursion of a schema matters.
final class SchemaGrammar {
    /// As in llama.cpp: more repetitions are refused by its grammar parser.
    static final int MAX_REPEATS = 2_000;

    private static final int MAX_RULES = 20_000;
    /// Within what the engine takes.
    private static final int MAX_ELEMENTS = 150_000;
    private static final int MAX_PREFIX = 200;

    private final Shapes shapes;
    private final GbnfRules rules = new GbnfRules();
    private final Map<Conjunction, Reference> known = new HashMap<>();
    private final Map<Object, GbnfExpression> texts = new HashMap<>();
    private final Deque<Runnable> toWrite = new ArrayDeque<>();
    private int written;

    private SchemaGrammar(SchemaDocument document) {
        this.shapes = new Shapes(document);
    }

    static String of(SchemaDocument document) {
        return new SchemaGrammar(document).write();
    }

    private String write() {
        JsonRules.putInto(rules);
        Conjunction root = Conjunction.of("#");
        known.put(root, new Reference(rules.newName(GbnfRules.ROOT)));
        toWrite.add(() -> put(GbnfRules.ROOT, "#", body(root, GbnfRules.ROOT)));
        while (!toWrite.isEmpty()) {
            toWrite.remove().run();
        }
        return rules.toText().orElseThrow(() -> new SchemaException("#", "no finite value satisfies the schema",
                "look for required properties that are forbidden or need themselves, types that exclude each other, "
                + "and enum values that the rest does not accept"));
    }

    private void put(String name, String place, GbnfExpression body) {
        rules.put(name, body);
        if (++written > MAX_RULES || rules.elements() > MAX_ELEMENTS) {
            throw new SchemaException(place, "the grammar of the schema would have more than " + MAX_RULES
                    + " rules, or " + MAX_ELEMENTS + " elements with repetitions written out",
                    "use a smaller schema, or smaller bounds");
        }
    }

    /// What a value must satisfy, as the rule that will be written for it.
    private GbnfExpression valueOf(Conjunction conjunction, String name) {
        if (conjunction.pointers().isEmpty()) {
            return JsonRules.VALUE;
        }
        if (conjunction.isNothing()) {
            return NEVER;
        }
        return known.computeIfAbsent(conjunction, _ -> {
            String rule = rules.newName(name);
            toWrite.add(() -> put(rule, conjunction.place(), body(conjunction, rule)));
            return new Reference(rule);
        });
    }

    private GbnfExpression body(Conjunction conjunction, String name) {
        List<Shape> all = shapes.of(conjunction);
        if (all.equals(ShapeAlgebra.ANYTHING)) {
            return JsonRules.VALUE;
        }
        List<GbnfExpression> alternatives = new ArrayList<>();
        for (Shape shape : ShapeAlgebra.meant(all)) {
            alternatives.add(switch (shape) {
                case Shape.Null _ -> JsonRules.NULL;
                case Shape.Bool _ -> JsonRules.BOOLEAN;
                case Shape.Literal literal -> text(literal(literal.value()));
                case Num number -> number(number, conjunction.place());
                case Str string -> string(string, conjunction.place());
                case Arr array -> array(array, conjunction.place(), name);
                case Obj object -> new ObjectRules(object, conjunction.place(), name).body();
            });
        }
        return new Choice(alternatives.stream().distinct().toList());
    }

    private static String literal(JsonNode value) {
        if (value.isString()) {
            return JsonRules.quoted(value.stringValue());
        }
        if (value.isArray()) {
            return "[" + String.join(",", value.valueStream().map(SchemaGrammar::literal).toList()) + "]";
        }
        if (value.isObject()) {
            return "{" + String.join(",", value.properties().stream().map(entry ->
                    JsonRules.quoted(entry.getKey()) + ":" + literal(entry.getValue())).toList()) + "}";
        }
        return value.toString();
    }

    private GbnfExpression number(Num number, String place) {
        if (number.low() == null && number.high() == null && number.divisors().isEmpty()) {
            return number.integer() ? JsonRules.INTEGER : JsonRules.NUMBER;
        }
        return texts.computeIfAbsent(number, _ -> {
            RegularLanguage language = KeywordReader.sized(place, () -> NumberText.of(number));
            return ruleOf(language, place, number.integer() ? "integer" : "number",
                    GbnfExpression.Characters::new);
        });
    }

    private GbnfExpression string(Str string, String place) {
        int max = string.max() == Shape.NO_MAX ? UNBOUNDED : string.max();
        if (string.language() == null && string.min() == 0 && max == UNBOUNDED) {
            return JsonRules.STRING;
        }
        return texts.computeIfAbsent(string, _ -> {
            if (string.language() != null) {
                return sequence(JsonRules.QUOTE,
                        ruleOf(sized(string, place), place, "text", JsonRules::spelled), JsonRules.QUOTE);
            }
            checkRepeats(string.min(), place, "minLength");
            String rule = rules.newName("string");
            put(rule, place, sequence(JsonRules.QUOTE, JsonRules.CHAR.times(string.min(),
                    max == UNBOUNDED ? UNBOUNDED : Math.min(max, MAX_REPEATS)), JsonRules.QUOTE));
            return new Reference(rule);
        });
    }

    /// The texts of allowed length. An upper bound is lowered where the automaton would grow too large.
    private static RegularLanguage sized(Str string, String place) {
        if (string.min() == 0 && string.max() == Shape.NO_MAX) {
            return string.language();
        }
        checkRepeats(string.min(), place, "minLength");
        int most = Math.max(string.min(), (RegularLanguage.MAX_STATES - 1) / string.language().states() - 1);
        int max = string.max() == Shape.NO_MAX ? UNBOUNDED : Math.min(string.max(), most);
        return KeywordReader.sized(place,
                () -> string.language().and(RegularLanguage.ofLengths(string.min(), max)));
    }

    private static void checkRepeats(int min, String place, String keyword) {
        if (min > MAX_REPEATS) {
            throw new SchemaException(place, keyword + " may be up to " + MAX_REPEATS + ", got " + min, "lower it");
        }
    }

    private GbnfExpression ruleOf(RegularLanguage language, String place, String name,
            Function<CodePoints, GbnfExpression> spelling) {
        if (written + language.states() > MAX_RULES) {
            throw new SchemaException(place, "the texts of the schema need more than " + MAX_RULES + " rules",
                    "use simpler patterns or smaller bounds");
        }
        GbnfExpression result = language.toGbnf(rules, name, spelling);
        written += language.states();
        return result;
    }

    private GbnfExpression array(Arr array, String place, String name) {
        int size = array.prefix().size();
        Conjunction items = array.items() != null ? array.items()
                : size == 0 ? Conjunction.ANYTHING : Conjunction.NOTHING;
        if (array.unique() && array.max() != 0 && array.max() != 1) {
            return new UniqueItems(array, items, place).body();
        }
        int max = array.max() == Shape.NO_MAX ? UNBOUNDED : array.max();
        // As in llama.cpp, all of a prefix is written unless the schema says how many items are enough.
        int min = array.min() != null ? array.min() : max == UNBOUNDED ? size : Math.min(size, max);
        if (size > MAX_PREFIX) {
            throw new SchemaException(place, "prefixItems may hold " + MAX_PREFIX + " schemas, got " + size,
                    "use fewer");
        }
        checkRepeats(min, place, "minItems");
        GbnfExpression rest = EMPTY;
        if (max == UNBOUNDED || max > size) {
            GbnfExpression item = valueOf(items, name + "-item");
            rest = items(item, size > 0, Math.max(0, min - size), max == UNBOUNDED ? UNBOUNDED
                    : Math.min(max - size, MAX_REPEATS));
        }
        for (int i = Math.min(size, max == UNBOUNDED ? size : max) - 1; i >= 0; i--) {
            GbnfExpression item = sequence(i > 0 ? sequence(text(","), JsonRules.SPACE) : EMPTY,
                    valueOf(array.prefix().get(i), name + "-" + i), rest);
            rest = i < min ? item : item.optional();
        }
        return JsonRules.array(rest);
    }

    private static GbnfExpression items(GbnfExpression item, boolean follows, int min, int max) {
        GbnfExpression next = sequence(text(","), JsonRules.SPACE, item);
        if (follows) {
            return next.times(min, max);
        }
        GbnfExpression all = sequence(item,
                next.times(Math.max(0, min - 1), max == UNBOUNDED ? UNBOUNDED : Math.max(0, max - 1)));
        return min == 0 ? all.optional() : all;
    }

    /// Arrays whose items differ. Of a few values, any selection in any order; of strings, each longer than the one
    /// before, which is what can be told without remembering them. Nothing else.
    private final class UniqueItems {
        private static final int MAX_VALUES = 8;
        private static final int MAX_LENGTH = 40;

        private final Arr array;
        private final List<Shape> all;
        private final String place;
        private final int max;
        private final Map<Object, Reference> states = new HashMap<>();

        UniqueItems(Arr array, Conjunction items, String place) {
            this.array = array;
            this.place = place;
            this.all = values(shapes.of(items));
            this.max = array.max() == Shape.NO_MAX ? Integer.MAX_VALUE : array.max();
        }

        /// true and false are values like others.
        private static List<Shape> values(List<Shape> shapes) {
            List<Shape> values = new ArrayList<>();
            for (Shape shape : ShapeAlgebra.meant(shapes)) {
                if (shape instanceof Shape.Bool) {
                    values.add(new Shape.Literal(BooleanNode.TRUE));
                    values.add(new Shape.Literal(BooleanNode.FALSE));
                } else {
                    values.add(shape instanceof Shape.Null
                            ? new Shape.Literal(NullNode.getInstance()) : shape);
                }
            }
            return values.stream().distinct().toList();
        }

        GbnfExpression body() {
            boolean simple = array.prefix().isEmpty();
            if (simple && all.stream().allMatch(shape -> shape instanceof Shape.Literal)) {
                return JsonRules.array(all.size() <= MAX_VALUES ? selection(0) : ascending());
            }
            if (simple && all.size() == 1 && all.getFirst() instanceof Str string && string.language() == null) {
                checkRepeats(string.min(), place, "minLength");
                return JsonRules.array(longer(string, 0, string.min()));
            }
            throw new SchemaException(place, "uniqueItems is supported for strings without pattern or format, "
                    + "and for the values of an enum, without prefixItems", "leave it out, or use an enum");
        }

        private GbnfExpression selection(int taken) {
            Reference known = states.get(taken);
            if (known != null) {
                return known;
            }
            Reference rule = new Reference(rules.newName("selection"));
            states.put(taken, rule);
            int count = Integer.bitCount(taken);
            List<GbnfExpression> ways = new ArrayList<>();
            for (int i = 0; i < all.size() && count < max; i++) {
                if ((taken & 1 << i) == 0) {
                    ways.add(sequence(comma(count), value(i), selection(taken | 1 << i)));
                }
            }
            ways.add(count >= array.least() ? EMPTY : NEVER);
            put(rule.rule(), place, new Choice(ways));
            return rule;
        }

        /// In the order of the schema.
        private GbnfExpression ascending() {
            int least = array.least();
            if (least > 1 || max < all.size()) {
                throw new SchemaException(place, "uniqueItems of more than " + MAX_VALUES
                        + " values is not supported beside minItems above 1 or maxItems", "leave one out");
            }
            GbnfExpression after = EMPTY;
            List<GbnfExpression> ways = new ArrayList<>(List.of(least == 0 ? EMPTY : NEVER));
            for (int i = all.size() - 1; i >= 0; i--) {
                String rule = rules.newName("selection");
                ways.add(sequence(value(i), after));
                put(rule, place, sequence(sequence(comma(1), value(i)).optional(), after));
                after = new Reference(rule);
            }
            return new Choice(ways);
        }

        private GbnfExpression value(int index) {
            return text(literal(((Shape.Literal) all.get(index)).value()));
        }

        /// The items after `count` of them, each of at least `length` characters.
        private GbnfExpression longer(Str string, int count, int length) {
            GbnfExpression end = count >= array.least() ? EMPTY : NEVER;
            if (length > longest(string) || count >= max) {
                return end;
            }
            return state("longer", count, length, () -> new Choice(List.of(sequence(comma(count), JsonRules.QUOTE,
                    JsonRules.CHAR.times(length, length), tail(string, count, length)), end)));
        }

        /// The end of an item that has `length` characters by now.
        private GbnfExpression tail(Str string, int count, int length) {
            return state("longer-tail", count, length, () -> new Choice(List.of(
                    sequence(JsonRules.QUOTE, longer(string, count + 1, length + 1)),
                    length < longest(string) ? sequence(JsonRules.CHAR, tail(string, count, length + 1)) : NEVER)));
        }

        private static int longest(Str string) {
            int longest = string.min() + MAX_LENGTH;
            return string.max() == Shape.NO_MAX ? longest : Math.min(string.max(), longest);
        }

        private Reference state(String kind, int count, int length, Supplier<GbnfExpression> body) {
            boolean counted = array.least() > 1 || max != Integer.MAX_VALUE;
            List<Object> key = List.of(kind, counted ? count : Math.min(count, 1), length);
            Reference known = states.get(key);
            if (known == null) {
                known = new Reference(rules.newName(kind));
                states.put(key, known);
                put(known.rule(), place, body.get());
            }
            return known;
        }
    }

    private static GbnfExpression comma(int before) {
        return before == 0 ? EMPTY : sequence(text(","), JsonRules.SPACE);
    }

    /// The members of an object: required ones first, then optional ones, each in the schema's order, then others.
    private final class ObjectRules {
        private static final int MAX_PATTERNS = 4;

        private final Obj object;
        private final String place;
        private final String name;
        private final List<GbnfExpression> optional = new ArrayList<>();
        private final Map<Integer, GbnfExpression> states = new HashMap<>();
        private final int max;
        private GbnfExpression other = NEVER;
        private boolean hasOthers;

        ObjectRules(Obj object, String place, String name) {
            this.object = object;
            this.place = place;
            this.name = name;
            this.max = object.max() == Shape.NO_MAX ? Integer.MAX_VALUE : object.max();
        }

        GbnfExpression body() {
            boolean free = object.isOpen() && object.names().pointers().isEmpty();
            if (free && object.min() == 0 && max == Integer.MAX_VALUE) {
                return JsonRules.OBJECT;
            }
            List<GbnfExpression> required = new ArrayList<>();
            for (String key : object.properties().keySet()) {
                if (object.required().contains(key)) {
                    required.add(member(key));
                } else if (shapes.algebra().acceptsName(object.names(), key) && !object.value(key).isNothing()) {
                    optional.add(member(key));
                }
            }
            for (String key : object.required()) {
                if (!object.properties().containsKey(key)) {
                    required.add(member(key));
                }
            }
            setOthers();
            int reachable = required.size() + optional.size() + (hasOthers ? 1 : 0);
            if (object.min() > reachable && hasOthers) {
                throw new SchemaException(place, "minProperties " + object.min() + " needs property names that differ, "
                        + "of which only those in properties can be told apart",
                        "name " + object.min() + " properties");
            }
            List<GbnfExpression> parts = new ArrayList<>();
            for (int i = 0; i < required.size(); i++) {
                parts.add(sequence(comma(i), required.get(i)));
            }
            GbnfExpression rest = rest(0, required.size());
            if (!rest.equals(EMPTY)) {
                parts.add(rest);
            }
            return JsonRules.object(new GbnfExpression.Sequence(parts));
        }

        private GbnfExpression member(String key) {
            if (!shapes.algebra().acceptsName(object.names(), key)) {
                return NEVER;
            }
            return JsonRules.member(text(JsonRules.quoted(key)), valueOf(object.value(key), ruleName(key)));
        }

        private String ruleName(String key) {
            return name.equals(GbnfRules.ROOT) ? key : name + "-" + key;
        }

        /// What may follow when `count` members stand there and the optional ones from `index` on are still to come.
        private GbnfExpression rest(int index, int count) {
            if (count >= max && count >= object.min()) {
                return EMPTY;
            }
            if (index == optional.size()) {
                return others(count);
            }
            int enough = Math.max(object.min(), 1);
            int counted = max == Integer.MAX_VALUE ? Math.min(count, enough) : count;
            int key = index * 10_000 + counted;
            GbnfExpression known = states.get(key);
            if (known == null) {
                Reference rule = new Reference(rules.newName(name + "-rest"));
                states.put(key, rule);
                known = rule;
                toWrite.add(() -> put(rule.rule(), place, ruleOf(index, count, counted)));
            }
            return known;
        }

        private GbnfExpression ruleOf(int index, int count, int counted) {
            GbnfExpression member = sequence(comma(count), optional.get(index));
            GbnfExpression without = rest(index + 1, count);
            GbnfExpression with = rest(index + 1, count + 1);
            return with.equals(without) ? sequence(member.optional(), without)
                    : GbnfExpression.choice(sequence(member, with), without);
        }

        private GbnfExpression others(int count) {
            GbnfExpression end = count >= object.min() ? EMPTY : NEVER;
            if (!hasOthers || count + 1 < object.min()) {
                return end;
            }
            int room = max == Integer.MAX_VALUE ? UNBOUNDED : Math.min(max - count - 1, MAX_REPEATS);
            GbnfExpression some = sequence(comma(count), other, sequence(comma(1), other).times(0, room));
            return count >= object.min() ? some.optional() : some;
        }

        private void setOthers() {
            Conjunction additional = object.additional() != null ? object.additional()
                    : object.isOpen() ? Conjunction.ANYTHING : Conjunction.NOTHING;
            List<String> declared = new ArrayList<>(object.properties().keySet());
            object.required().stream().filter(key -> !declared.contains(key)).forEach(declared::add);
            hasOthers = !additional.isNothing() || !object.patterns().isEmpty();
            if (!hasOthers) {
                return;
            }
            boolean free = object.patterns().isEmpty() && object.names().pointers().isEmpty() && declared.isEmpty();
            String rule = rules.newName(ruleName("other"));
            other = new Reference(rule);
            put(rule, place, free ? JsonRules.member(JsonRules.STRING, valueOf(additional, rule))
                    : new Choice(others(additional, declared, rule)));
        }

        /// One way for each set of patterns that a name may match at once, with all that they demand of the value.
        private List<GbnfExpression> others(Conjunction additional, List<String> declared, String rule) {
            if (object.patterns().size() > MAX_PATTERNS) {
                throw new SchemaException(place, "patternProperties may hold " + MAX_PATTERNS + " patterns, got "
                        + object.patterns().size(), "use fewer");
            }
            RegularLanguage names = KeywordReader.sized(place,
                    () -> names().minus(RegularLanguage.ofWords(declared)));
            List<GbnfExpression> ways = new ArrayList<>();
            for (int matched = 0; matched < 1 << object.patterns().size(); matched++) {
                RegularLanguage here = names;
                Conjunction value = matched == 0 ? additional : Conjunction.ANYTHING;
                for (int i = 0; i < object.patterns().size(); i++) {
                    boolean matches = (matched & 1 << i) != 0;
                    RegularLanguage before = here;
                    Shape.NamePattern pattern = object.patterns().get(i);
                    here = KeywordReader.sized(place, () -> matches ? before.and(pattern.language())
                            : before.minus(pattern.outer()));
                    value = matches ? value.and(object.patterns().get(i).value()) : value;
                }
                if (!here.isEmpty() && !value.isNothing()) {
                    GbnfExpression key = sequence(JsonRules.QUOTE,
                            SchemaGrammar.this.ruleOf(here, place, "key", JsonRules::spelled), JsonRules.QUOTE);
                    ways.add(JsonRules.member(key, valueOf(value, rule)));
                }
            }
            return ways;
        }

        /// The names that `propertyNames` allows.
        private RegularLanguage names() {
            if (object.names().pointers().isEmpty()) {
                return RegularLanguage.ofLengths(0, UNBOUNDED);
            }
            RegularLanguage names = RegularLanguage.ofWords(List.of());
            for (Shape shape : shapes.of(object.names())) {
                RegularLanguage some = shape instanceof Str string ? language(string)
                        : shape instanceof Shape.Literal literal && literal.value().isString()
                        ? RegularLanguage.ofWords(List.of(literal.value().stringValue())) : null;
                names = some == null ? names : names.or(some);
            }
            return names;
        }

        private RegularLanguage language(Str string) {
            return sized(string.language() != null ? string
                    : new Str(RegularLanguage.ofLengths(0, UNBOUNDED), string.min(), string.max(), true), place);
        }
    }
}
