package io.github.javasampler.schema;

import io.github.javasampler.grammar.RegularLanguage;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Values of one JSON type, with all that is demanded of them; a schema is one of several shapes.
///
/// `chosen` tells that the schema speaks of the type: by `type`, by a value, or by a keyword for it. A schema that
/// says `minLength` and nothing else allows numbers too, but means a string.
sealed interface Shape {
    /// A bound that is none.
    int NO_MAX = -1;

    boolean chosen();

    /// The value null.
    record Null(boolean chosen) implements Shape {}

    /// true or false.
    record Bool(boolean chosen) implements Shape {}

    /// One value of any type.
    record Literal(JsonNode value) implements Shape {
        @Override
        public boolean chosen() {
            return true;
        }
    }

    /// A number; all of the divisors divide it.
    record Num(boolean integer, Bound low, Bound high, Set<Integer> divisors, boolean chosen) implements Shape {}

    /// A string of `min` to `max` code points; `language` is null when they may be any.
    record Str(RegularLanguage language, int min, int max, boolean chosen) implements Shape {}

    /// An array. `items` is what follows the prefix, null when nothing is said of it; so is `min`.
    record Arr(List<Conjunction> prefix, Conjunction items, Integer min, int max, boolean unique, boolean chosen)
            implements Shape {
        Conjunction item(int index) {
            return index < prefix.size() ? prefix.get(index) : items == null ? Conjunction.ANYTHING : items;
        }

        int least() {
            return min == null ? 0 : min;
        }
    }

    /// What the values of properties must satisfy whose names match a pattern: for certain those in `language`,
    /// perhaps those in `outer`.
    record NamePattern(String pattern, RegularLanguage language, RegularLanguage outer, Conjunction value) {}

    /// An object. `additional` is null when nothing is said of other properties.
    record Obj(Map<String, Conjunction> properties, Set<String> required, List<NamePattern> patterns,
            Conjunction additional, Conjunction names, int min, int max, boolean chosen) implements Shape {
        /// What the value of a property must satisfy.
        Conjunction value(String name) {
            Conjunction value = properties.getOrDefault(name, Conjunction.ANYTHING);
            boolean known = properties.containsKey(name);
            for (NamePattern pattern : patterns) {
                known |= pattern.language().accepts(name);
                value = pattern.outer().accepts(name) ? value.and(pattern.value()) : value;
            }
            return known || additional == null ? value : value.and(additional);
        }

        /// Whether nothing is said of any property, so that all are welcome.
        boolean isOpen() {
            return additional == null && properties.isEmpty() && required.isEmpty() && patterns.isEmpty();
        }

        Obj with(Map<String, Conjunction> newProperties, Set<String> newRequired) {
            return new Obj(newProperties, newRequired, patterns, additional, names, min, max, chosen);
        }

        Obj closedBy(Conjunction others) {
            return additional != null ? this
                    : new Obj(properties, required, patterns, others, names, min, max, chosen);
        }

        /// Without the property.
        Obj forbidding(String name) {
            Map<String, Conjunction> changed = new LinkedHashMap<>(properties);
            changed.put(name, Conjunction.NOTHING);
            return with(changed, required);
        }

        Obj requiring(Set<String> others) {
            Set<String> changed = new LinkedHashSet<>(required);
            changed.addAll(others);
            return with(properties, changed);
        }
    }
}
