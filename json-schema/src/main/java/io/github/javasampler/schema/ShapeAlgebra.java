package io.github.javasampler.schema;

import io.github.javasampler.grammar.RegularLanguage;
import io.github.javasampler.schema.Shape.Arr;
import io.github.javasampler.schema.Shape.Bool;
import io.github.javasampler.schema.Shape.Literal;
import io.github.javasampler.schema.Shape.NamePattern;
import io.github.javasampler.schema.Shape.Null;
import io.github.javasampler.schema.Shape.Num;
import io.github.javasampler.schema.Shape.Obj;
import io.github.javasampler.schema.Shape.Str;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.StringNode;

/// What shapes have in common, what is left of one without another, and which values they accept.
final class ShapeAlgebra {
    /// The shapes of any value.
    static final List<Shape> ANYTHING = List.of(new Null(false), new Bool(false),
            new Num(false, null, null, Set.of(), false), new Str(null, 0, Shape.NO_MAX, false),
            new Arr(List.of(), null, null, Shape.NO_MAX, false, false),
            new Obj(Map.of(), Set.of(), List.of(), null, Conjunction.ANYTHING, 0, Shape.NO_MAX, false));

    private static final int DEPTH_OF_PROOFS = 6;

    private final Shapes shapes;

    ShapeAlgebra(Shapes shapes) {
        this.shapes = shapes;
    }

    /// Those of the types that the schema speaks of; all when it speaks of none.
    static List<Shape> meant(List<Shape> shapes) {
        List<Shape> chosen = shapes.stream().filter(Shape::chosen).toList();
        return chosen.isEmpty() ? shapes : chosen;
    }

    /// Those of the values that a shape accepts.
    List<Shape> values(List<Shape> allowed, List<Shape> values) {
        return values.stream().distinct().filter(value -> allowed.stream()
                .anyMatch(shape -> accepts(shape, ((Literal) value).value()))).toList();
    }

    /// Null when they have nothing in common.
    Shape meet(String pointer, Shape a, Shape b) {
        if (a instanceof Literal literal) {
            return accepts(b, literal.value()) ? a : null;
        }
        if (b instanceof Literal) {
            return meet(pointer, b, a);
        }
        boolean chosen = a.chosen() || b.chosen();
        Shape both = switch (a) {
            case Null _ when b instanceof Null -> new Null(chosen);
            case Bool _ when b instanceof Bool -> new Bool(chosen);
            case Num x when b instanceof Num y -> meet(x, y, chosen);
            case Str x when b instanceof Str y -> meet(pointer, x, y, chosen);
            case Arr x when b instanceof Arr y -> meet(x, y, chosen);
            case Obj x when b instanceof Obj y -> meet(pointer, x, y, chosen);
            default -> null;
        };
        return both == null || isEmpty(both) ? null : both;
    }

    private static Num meet(Num a, Num b, boolean chosen) {
        Set<Integer> divisors = new LinkedHashSet<>(a.divisors());
        divisors.addAll(b.divisors());
        return new Num(a.integer() || b.integer(), Bound.higher(a.low(), b.low()), Bound.lower(a.high(), b.high()),
                divisors, chosen);
    }

    private static Str meet(String pointer, Str a, Str b, boolean chosen) {
        return new Str(both(pointer, a.language(), b.language()),
                Math.max(a.min(), b.min()), lower(a.max(), b.max()), chosen);
    }

    private static RegularLanguage both(String pointer, RegularLanguage a, RegularLanguage b) {
        return a == null || a == b ? b : b == null ? a : KeywordReader.sized(pointer, () -> a.and(b));
    }

    private static int lower(int a, int b) {
        return a == Shape.NO_MAX ? b : b == Shape.NO_MAX ? a : Math.min(a, b);
    }

    private static Arr meet(Arr a, Arr b, boolean chosen) {
        List<Conjunction> prefix = new ArrayList<>();
        for (int i = 0; i < Math.max(a.prefix().size(), b.prefix().size()); i++) {
            prefix.add(a.item(i).and(b.item(i)));
        }
        Conjunction items = a.items() == null ? b.items() : b.items() == null ? a.items() : a.items().and(b.items());
        Integer min = a.min() == null ? b.min() : b.min() == null ? a.min()
                : Integer.valueOf(Math.max(a.min(), b.min()));
        return new Arr(prefix, items, min, lower(a.max(), b.max()), a.unique() || b.unique(), chosen);
    }

    private static Obj meet(String pointer, Obj a, Obj b, boolean chosen) {
        Set<String> names = new LinkedHashSet<>(a.properties().keySet());
        names.addAll(b.properties().keySet());
        Map<String, Conjunction> properties = new LinkedHashMap<>();
        for (String name : names) {
            properties.put(name, a.value(name).and(b.value(name)));
        }
        Set<String> required = new LinkedHashSet<>(a.required());
        required.addAll(b.required());
        Conjunction additional = a.additional() == null ? b.additional()
                : b.additional() == null ? a.additional() : a.additional().and(b.additional());
        return new Obj(properties, required, patterns(pointer, a, b), additional, a.names().and(b.names()),
                Math.max(a.min(), b.min()), lower(a.max(), b.max()), chosen);
    }

    /// What one object allows by a pattern the other must allow among its additional properties.
    private static List<NamePattern> patterns(String pointer, Obj a, Obj b) {
        if (a.patterns().equals(b.patterns()) || a.patterns().isEmpty() && b.patterns().isEmpty()) {
            return a.patterns();
        }
        if (!a.patterns().isEmpty() && !b.patterns().isEmpty()) {
            if (a.additional() != null || b.additional() != null) {
                throw new SchemaException(pointer, "patternProperties beside others, with additionalProperties, are "
                        + "not supported", "put them into one schema");
            }
            List<NamePattern> all = new ArrayList<>(a.patterns());
            all.addAll(b.patterns());
            return all;
        }
        Conjunction other = a.patterns().isEmpty() ? a.additional() : b.additional();
        List<NamePattern> patterns = a.patterns().isEmpty() ? b.patterns() : a.patterns();
        return other == null ? patterns : patterns.stream().map(pattern -> new NamePattern(pattern.pattern(),
                pattern.language(), pattern.outer(), pattern.value().and(other))).toList();
    }

    /// Whether it is plain that no value has this shape.
    boolean isEmpty(Shape shape) {
        return switch (shape) {
            case Num number -> Bound.isEmpty(number.low(), number.high());
            case Str string -> string.max() != Shape.NO_MAX && string.max() < string.min()
                    || string.language() != null && string.language().isEmpty();
            case Arr array -> array.max() != Shape.NO_MAX && array.max() < array.least();
            case Obj object -> object.max() != Shape.NO_MAX
                    && object.max() < Math.max(object.min(), object.required().size())
                    || object.required().stream().anyMatch(name -> object.value(name).isNothing());
            default -> false;
        };
    }

    /// Whether a value has this shape.
    boolean accepts(Shape shape, JsonNode value) {
        return switch (shape) {
            case Literal literal -> sameValue(literal.value(), value);
            case Null _ -> value.isNull();
            case Bool _ -> value.isBoolean();
            case Num number -> value.isNumber() && accepts(number, value.decimalValue());
            case Str string -> value.isString() && accepts(string, value.stringValue());
            case Arr array -> value.isArray() && accepts(array, value);
            case Obj object -> value.isObject() && accepts(object, value);
        };
    }

    private boolean accepts(Conjunction conjunction, JsonNode value) {
        return shapes.of(conjunction).stream().anyMatch(shape -> accepts(shape, value));
    }

    private static boolean accepts(Num number, BigDecimal value) {
        return (!number.integer() || value.stripTrailingZeros().scale() <= 0)
                && (number.low() == null || number.low().allowsFromAbove(value))
                && (number.high() == null || number.high().allowsFromBelow(value))
                && number.divisors().stream()
                        .allMatch(divisor -> value.remainder(BigDecimal.valueOf(divisor)).signum() == 0);
    }

    private static boolean accepts(Str string, String value) {
        int length = value.codePointCount(0, value.length());
        return length >= string.min() && (string.max() == Shape.NO_MAX || length <= string.max())
                && (string.language() == null || string.language().accepts(value));
    }

    private boolean accepts(Arr array, JsonNode value) {
        if (value.size() < array.least() || array.max() != Shape.NO_MAX && value.size() > array.max()) {
            return false;
        }
        for (int i = 0; i < value.size(); i++) {
            if (!accepts(array.item(i), value.get(i))) {
                return false;
            }
            for (int j = 0; j < i && array.unique(); j++) {
                if (sameValue(value.get(i), value.get(j))) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean accepts(Obj object, JsonNode value) {
        if (value.size() < object.min() || object.max() != Shape.NO_MAX && value.size() > object.max()
                || !object.required().stream().allMatch(value::has)) {
            return false;
        }
        return value.properties().stream().allMatch(entry -> accepts(object.value(entry.getKey()), entry.getValue())
                && acceptsName(object.names(), entry.getKey()));
    }

    /// Whether a property may be called so.
    boolean acceptsName(Conjunction names, String name) {
        return names.pointers().isEmpty() || accepts(names, StringNode.valueOf(name));
    }

    /// Equality as JSON Schema has it: 1 and 1.0 are the same number.
    private static boolean sameValue(JsonNode a, JsonNode b) {
        return a.equals((x, y) -> x.isNumber() && y.isNumber() ? x.decimalValue().compareTo(y.decimalValue())
                : x.equals(y) ? 0 : 1, b);
    }

    /// Whether it is certain that no value has a shape of either list.
    boolean areDisjoint(List<Shape> a, List<Shape> b, int depth) {
        return a.stream().allMatch(x -> b.stream().allMatch(y -> areDisjoint(x, y, depth)));
    }

    private boolean areDisjoint(Shape a, Shape b, int depth) {
        if (a instanceof Literal literal) {
            return !accepts(b, literal.value());
        }
        if (b instanceof Literal literal) {
            return !accepts(a, literal.value());
        }
        if (a.getClass() != b.getClass()) {
            return true;
        }
        return switch (a) {
            case Num x when b instanceof Num y ->
                Bound.isEmpty(Bound.higher(x.low(), y.low()), Bound.lower(x.high(), y.high()));
            case Str x when b instanceof Str y -> isEmpty(meet("#", x, y, true));
            case Arr x when b instanceof Arr y -> areDisjoint(x, y, depth);
            case Obj x when b instanceof Obj y -> areDisjoint(x, y, depth);
            default -> false;
        };
    }

    private boolean areDisjoint(Arr a, Arr b, int depth) {
        if (isEmpty(meet(a, b, true))) {
            return true;
        }
        for (int i = 0; i < Math.min(8, Math.max(a.least(), b.least())); i++) {
            if (shapes.areDisjoint(a.item(i), b.item(i), depth)) {
                return true;
            }
        }
        return false;
    }

    private boolean areDisjoint(Obj a, Obj b, int depth) {
        Set<String> required = new LinkedHashSet<>(a.required());
        required.addAll(b.required());
        return required.stream().anyMatch(name -> a.value(name).isNothing() || b.value(name).isNothing()
                || shapes.areDisjoint(a.value(name), b.value(name), depth));
    }

    /// Shapes whose values are values of `a`, and none of `b`; null when that can't be told.
    ///
    /// @param b must be read broadly
    List<Shape> minus(String pointer, Shape a, Shape b) {
        if (areDisjoint(a, b, DEPTH_OF_PROOFS)) {
            return List.of(a);
        }
        return switch (a) {
            case Literal _, Null _ -> List.of();
            case Bool _ when b instanceof Bool -> List.of();
            case Bool _ when b instanceof Literal(JsonNode value) -> List.of(new Literal(
                    BooleanNode.valueOf(!value.booleanValue())));
            case Str x when b instanceof Literal || b instanceof Str -> minus(pointer, x, b);
            case Num x when b instanceof Num y && isWhole(y) && (x.integer() || !y.integer()) -> List.of();
            case Arr _ when b instanceof Arr y && y.equals(anyArray(y)) -> List.of();
            case Obj x when b instanceof Obj y -> isWhole(y) ? List.of() : minus(x, y);
            default -> null;
        };
    }

    private static boolean isWhole(Num number) {
        return number.low() == null && number.high() == null && number.divisors().isEmpty();
    }

    private static boolean isWhole(Obj object) {
        return object.isOpen() && object.names().pointers().isEmpty() && object.min() == 0
                && object.max() == Shape.NO_MAX;
    }

    /// The arrays of any kind.
    private static Arr anyArray(Arr array) {
        return new Arr(List.of(), null, null, Shape.NO_MAX, false, array.chosen());
    }

    private static List<Shape> minus(String pointer, Str string, Shape other) {
        RegularLanguage rest = KeywordReader.sized(pointer, () -> language(string).minus(other instanceof Str unwanted
                ? language(unwanted) : RegularLanguage.ofWords(List.of(((Literal) other).value().stringValue()))));
        return rest.isEmpty() ? List.of() : List.of(new Str(rest, string.min(), string.max(), string.chosen()));
    }

    private static RegularLanguage language(Str string) {
        RegularLanguage lengths = RegularLanguage.ofLengths(string.min(), string.max());
        return string.language() == null ? lengths : string.language().and(lengths);
    }

    /// A property that only `b` demands is forbidden in `a`, even if `a` would not have it anyway: what is combined
    /// with `a` later may bring it in.
    private static List<Shape> minus(Obj a, Obj b) {
        String least = null;
        for (String name : b.required()) {
            if (!a.required().contains(name) && (least == null || !a.properties().containsKey(name))) {
                least = name;
            }
        }
        return least == null ? null : List.of(a.forbidding(least));
    }
}
