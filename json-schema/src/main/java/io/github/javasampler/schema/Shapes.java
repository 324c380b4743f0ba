package io.github.javasampler.schema;

import io.github.javasampler.schema.Shape.Obj;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// What each subschema comes down to: a list of shapes, one of which a value must have.
///
/// `allOf`, `$ref` and keywords beside each other multiply, `anyOf` adds, `oneOf` adds what no other alternative
/// accepts. All of it is exact, or narrower than the schema; never wider. What is taken away, by `oneOf` and `not`, is
/// read broadly for that: exact, or wider than the schema.
final class Shapes {
    private static final int MAX_SHAPES = 400;
    private static final int MAX_WORK = 200_000;

    private final SchemaDocument document;
    /// The same, read broadly; null for that itself.
    private final Shapes broad;
    private final KeywordReader reader;
    private final ShapeAlgebra algebra = new ShapeAlgebra(this);
    private final Map<String, List<Shape>> known = new HashMap<>();
    private final Set<String> inProgress = new HashSet<>();
    private int work;

    Shapes(SchemaDocument document) {
        this(document, new Shapes(document, null));
    }

    private Shapes(SchemaDocument document, Shapes broad) {
        this.document = document;
        this.broad = broad;
        this.reader = new KeywordReader(broad == null);
    }

    /// Thrown where a schema needs itself before any step into a value.
    private static final class EndlessException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String pointer;

        EndlessException(String pointer) {
            super(null, null, false, false);
            this.pointer = pointer;
        }
    }

    ShapeAlgebra algebra() {
        return algebra;
    }

    /// The shapes of a value that satisfies all of these.
    ///
    /// @throws SchemaException for what is no schema, not supported, too large or endless
    List<Shape> of(Conjunction conjunction) {
        try {
            return unguarded(conjunction);
        } catch (EndlessException e) {
            inProgress.clear();
            throw new SchemaException(e.pointer, "the schema refers to itself without a step into a value",
                    "let the reference go through properties or items");
        }
    }

    /// Whether it is certain that no value satisfies both.
    boolean areDisjoint(Conjunction a, Conjunction b, int depth) {
        if (depth == 0) {
            return false;
        }
        Set<String> before = new HashSet<>(inProgress);
        try {
            return algebra.areDisjoint(unguarded(a), unguarded(b), depth - 1);
        } catch (EndlessException e) {
            // It is being worked out at this very moment, so nothing is certain.
            inProgress.retainAll(before);
            return false;
        }
    }

    private List<Shape> unguarded(Conjunction conjunction) {
        if (conjunction.isNothing()) {
            return List.of();
        }
        List<Shape> shapes = ShapeAlgebra.ANYTHING;
        for (String pointer : conjunction.pointers()) {
            shapes = meet(conjunction.place(), shapes, at(pointer));
        }
        return shapes;
    }

    private List<Shape> at(String pointer) {
        List<Shape> shapes = known.get(pointer);
        if (shapes == null) {
            if (!inProgress.add(pointer)) {
                throw new EndlessException(pointer);
            }
            shapes = read(pointer, document.at(pointer));
            inProgress.remove(pointer);
            known.put(pointer, shapes);
        }
        return shapes;
    }

    private List<Shape> read(String pointer, JsonNode schema) {
        if (schema.isBoolean()) {
            return schema.booleanValue() ? ShapeAlgebra.ANYTHING : List.of();
        }
        if (!schema.isObject()) {
            throw new SchemaException(pointer, "a schema must be an object, true or false, got "
                    + schema.getNodeType(), "correct it");
        }
        List<Shape> shapes = reader.read(pointer, schema).stream().filter(shape -> !algebra.isEmpty(shape)).toList();
        if (schema.has("const")) {
            shapes = meet(pointer, shapes, List.of(new Shape.Literal(schema.get("const"))));
        }
        if (schema.has("enum")) {
            List<Shape> values = new ArrayList<>();
            for (JsonNode value : list(pointer, schema, "enum")) {
                values.add(new Shape.Literal(value));
            }
            // A list of values is no list of combinations, so it may be long.
            shapes = algebra.values(shapes, values);
        }
        if (schema.has("$ref")) {
            if (!schema.get("$ref").isString()) {
                throw new SchemaException(pointer + "/$ref", "$ref must be a string", "correct it");
            }
            String target = document.resolve(pointer + "/$ref", schema.get("$ref").stringValue());
            shapes = meet(pointer, shapes, at(target));
        }
        for (String child : children(pointer, schema, "allOf")) {
            shapes = meet(pointer, shapes, at(child));
        }
        if (schema.has("anyOf")) {
            shapes = meet(pointer, shapes, any(children(pointer, schema, "anyOf")));
        }
        if (schema.has("oneOf")) {
            List<String> children = children(pointer, schema, "oneOf");
            shapes = broad == null ? meet(pointer, shapes, any(children)) : one(pointer, shapes, children);
        }
        shapes = dependent(pointer, schema, shapes);
        if (broad == null) {
            return shapes;
        }
        if (schema.has("not")) {
            shapes = not(pointer + "/not", schema.get("not"), shapes);
        }
        return closed(pointer, schema, shapes);
    }

    private static JsonNode list(String pointer, JsonNode schema, String keyword) {
        JsonNode list = schema.get(keyword);
        if (!list.isArray() || list.isEmpty()) {
            throw new SchemaException(pointer + "/" + keyword, keyword + " must be a list that is not empty",
                    "correct it");
        }
        return list;
    }

    private static List<String> children(String pointer, JsonNode schema, String keyword) {
        List<String> children = new ArrayList<>();
        if (schema.has(keyword)) {
            int size = list(pointer, schema, keyword).size();
            for (int i = 0; i < size; i++) {
                children.add(pointer + "/" + keyword + "/" + i);
            }
        }
        return children;
    }

    private List<Shape> any(List<String> children) {
        Set<Shape> all = new LinkedHashSet<>();
        for (String child : children) {
            all.addAll(at(child));
        }
        return new ArrayList<>(all);
    }

    private List<Shape> one(String pointer, List<Shape> shapes, List<String> children) {
        List<List<Shape>> alternatives = new ArrayList<>();
        for (String child : children) {
            alternatives.add(meet(pointer, shapes, at(child)));
        }
        Set<Shape> all = new LinkedHashSet<>();
        for (int i = 0; i < alternatives.size(); i++) {
            List<Shape> rest = ShapeAlgebra.meant(alternatives.get(i));
            for (int j = 0; j < alternatives.size(); j++) {
                if (j != i) {
                    for (Shape other : broad.at(children.get(j))) {
                        rest = without(pointer + "/oneOf", i, j, rest, other);
                    }
                }
            }
            all.addAll(rest);
        }
        return new ArrayList<>(all);
    }

    private List<Shape> without(String pointer, int i, int j, List<Shape> shapes, Shape other) {
        List<Shape> rest = new ArrayList<>();
        for (Shape shape : shapes) {
            spend(pointer);
            List<Shape> parts = broad.algebra.minus(pointer, shape, other);
            if (parts == null) {
                throw new SchemaException(pointer, "alternatives " + i + " and " + j
                        + " may accept the same value, which oneOf forbids",
                        "use anyOf, or tell them apart by a required property with different const values");
            }
            rest.addAll(parts);
        }
        return rest;
    }

    /// `dependentRequired`, `dependentSchemas`, and `dependencies`, which was both.
    private List<Shape> dependent(String pointer, JsonNode schema, List<Shape> shapes) {
        List<Shape> result = shapes;
        for (String keyword : List.of("dependentRequired", "dependentSchemas", "dependencies")) {
            for (String name : KeywordReader.members(pointer, schema, keyword)) {
                String place = SchemaDocument.child(pointer + "/" + keyword, name);
                JsonNode demand = schema.get(keyword).get(name);
                boolean names = demand.isArray() && !keyword.equals("dependentSchemas");
                List<Shape> with = new ArrayList<>();
                List<Shape> without = new ArrayList<>();
                for (Shape shape : result) {
                    if (shape instanceof Obj object) {
                        Set<String> required = new LinkedHashSet<>(Set.of(name));
                        required.addAll(names ? KeywordReader.names(place, demand) : Set.of());
                        with.add(object.requiring(required));
                        if (!object.required().contains(name)) {
                            without.add(object.forbidding(name));
                        }
                    } else if (broad != null && shape instanceof Shape.Literal literal && literal.value().has(name)) {
                        throw new SchemaException(place, "it is not supported beside enum or const",
                                "leave it out");
                    } else {
                        without.add(shape);
                    }
                }
                List<Shape> all = new ArrayList<>(names ? with : meet(place, with, at(place)));
                all.addAll(without);
                all.removeIf(algebra::isEmpty);
                result = limited(pointer, all);
            }
        }
        return result;
    }

    private List<Shape> not(String pointer, JsonNode schema, List<Shape> shapes) {
        Set<String> keywords = schema.isObject() ? Set.copyOf(schema.propertyNames()) : Set.of();
        List<Shape> result = new ArrayList<>();
        if (keywords.equals(Set.of("required")) || keywords.equals(Set.of("type", "required"))
                && schema.get("type").asString("").equals("object")) {
            Set<String> names = KeywordReader.names(pointer + "/required", schema.get("required"));
            for (Shape shape : shapes) {
                if (shape instanceof Obj object) {
                    names.stream().filter(name -> !object.required().contains(name))
                            .forEach(name -> result.add(object.forbidding(name)));
                } else if (keywords.size() == 2) {
                    result.add(shape);
                }
            }
            return limited(pointer, result);
        }
        if (!Set.of("type", "const", "enum").containsAll(keywords) || keywords.size() != 1) {
            throw new SchemaException(pointer, "not is supported with nothing but required, type, const or enum",
                    "say what must hold instead");
        }
        List<Shape> rest = shapes;
        for (Shape unwanted : broad.read(pointer, schema)) {
            List<Shape> kept = new ArrayList<>();
            for (Shape shape : rest) {
                List<Shape> parts = broad.algebra.minus(pointer, shape, unwanted);
                if (parts == null) {
                    throw new SchemaException(pointer, "what is left can't be told", "say what must hold instead");
                }
                kept.addAll(parts);
            }
            rest = kept;
        }
        return rest;
    }

    /// `unevaluatedProperties` and `unevaluatedItems`: what they say holds for all that nothing beside them spoke of.
    private static List<Shape> closed(String pointer, JsonNode schema, List<Shape> shapes) {
        List<Shape> result = shapes;
        if (schema.has("unevaluatedProperties")) {
            Conjunction others = KeywordReader.conjunction(pointer, schema, "unevaluatedProperties");
            result = result.stream().map(shape -> shape instanceof Obj object ? object.closedBy(others) : shape)
                    .toList();
        }
        if (schema.has("unevaluatedItems")) {
            Conjunction others = KeywordReader.conjunction(pointer, schema, "unevaluatedItems");
            result = result.stream().map(shape -> shape instanceof Shape.Arr array && array.items() == null
                    ? new Shape.Arr(array.prefix(), others, array.min(), array.max(), array.unique(), array.chosen())
                    : shape).toList();
        }
        return result;
    }

    private List<Shape> meet(String pointer, List<Shape> first, List<Shape> second) {
        if (first == ShapeAlgebra.ANYTHING) {
            return second;
        }
        if (second == ShapeAlgebra.ANYTHING) {
            return first;
        }
        Set<Shape> both = new LinkedHashSet<>();
        for (Shape a : first) {
            for (Shape b : second) {
                spend(pointer);
                Shape shape = algebra.meet(pointer, a, b);
                if (shape != null) {
                    both.add(shape);
                }
            }
        }
        return limited(pointer, new ArrayList<>(both));
    }

    private void spend(String pointer) {
        if (++work > MAX_WORK) {
            throw tooMany(pointer);
        }
    }

    private static List<Shape> limited(String pointer, List<Shape> shapes) {
        if (shapes.stream().filter(shape -> !(shape instanceof Shape.Literal)).count() > MAX_SHAPES) {
            throw tooMany(pointer);
        }
        return shapes;
    }

    private static SchemaException tooMany(String pointer) {
        return new SchemaException(pointer, "allOf, anyOf, oneOf and their like multiply to more than " + MAX_SHAPES
                + " combinations here, or " + MAX_WORK + " steps in all", "write the combinations out");
    }
}
