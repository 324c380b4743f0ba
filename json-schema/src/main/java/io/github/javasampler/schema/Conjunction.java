package io.github.javasampler.schema;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/// What a value must satisfy: the subschemas at all of these pointers. None: any value will do.
record Conjunction(List<String> pointers) {
    static final Conjunction ANYTHING = new Conjunction(List.of());
    /// No pointer, so never that of a subschema: the schema `false`.
    static final String FALSE = "false";
    static final Conjunction NOTHING = new Conjunction(List.of(FALSE));

    static Conjunction of(String pointer) {
        return new Conjunction(List.of(pointer));
    }

    Conjunction and(Conjunction other) {
        LinkedHashSet<String> all = new LinkedHashSet<>(pointers);
        all.addAll(other.pointers);
        return all.contains(FALSE) ? NOTHING : new Conjunction(new ArrayList<>(all));
    }

    boolean isNothing() {
        return pointers.contains(FALSE);
    }

    /// Where to point to when something is wrong.
    String place() {
        return pointers.isEmpty() || isNothing() ? "#" : pointers.getFirst();
    }
}
