package io.github.javasampler.grammar;

import io.github.javasampler.grammar.GbnfExpression.Characters;
import io.github.javasampler.grammar.GbnfExpression.Choice;
import io.github.javasampler.grammar.GbnfExpression.Reference;
import io.github.javasampler.grammar.GbnfExpression.Repeat;
import io.github.javasampler.grammar.GbnfExpression.Sequence;
import io.github.javasampler.grammar.GbnfExpression.Text;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The rules of a grammar in the making, and their text in llama.cpp's notation (GBNF).
///
/// What can't be completed is cut: an alternative that needs a rule without a finite text, such as one that can only
/// go on for ever, leads a model nowhere. Not safe for threads.
public final class GbnfRules {
    /// The rule that a grammar starts with.
    public static final String ROOT = "root";

    private final Map<String, GbnfExpression> rules = new LinkedHashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private long elements;

    /// No rules yet.
    public GbnfRules() {}

    /// A name that no rule has yet, as near to the wish as GBNF's letters (`a-z A-Z 0-9 -`) and 40 characters allow.
    public String newName(String wish) {
        String base = wish.replaceAll("[^a-zA-Z0-9-]+", "-");
        base = base.substring(0, Math.min(base.length(), 40));
        String name = base.isEmpty() ? "rule" : base;
        while (!names.add(name)) {
            name = base + "-" + numbers.merge(base, 1, Integer::sum);
        }
        return name;
    }

    /// Sets what a rule matches.
    public void put(String name, GbnfExpression body) {
        names.add(name);
        rules.put(name, body);
        elements += elements(body);
    }

    /// The number of characters, texts and references so far, with every repetition written out up to its bounds.
    public long elements() {
        return elements;
    }

    private static long elements(GbnfExpression expression) {
        return switch (expression) {
            case Text _, Reference _ -> 1;
            case Characters characters -> 1 + characters.set().ranges();
            case Sequence sequence -> sum(sequence.parts());
            case Choice choice -> sum(choice.alternatives());
            case Repeat repeat -> Math.max(1, Math.max(repeat.min(), repeat.max())) * elements(repeat.item());
        };
    }

    private static long sum(List<GbnfExpression> expressions) {
        long sum = 0;
        for (GbnfExpression expression : expressions) {
            sum += elements(expression);
        }
        return sum;
    }

    /// The grammar: [#ROOT] first, then what it needs; empty when no finite text can match.
    ///
    /// @throws IllegalStateException when a rule is needed that was not put
    public Optional<String> toText() {
        Set<String> finite = finiteRules();
        if (!finite.contains(ROOT)) {
            return Optional.empty();
        }
        StringBuilder text = new StringBuilder();
        Set<String> seen = new HashSet<>(Set.of(ROOT));
        Deque<String> toWrite = new ArrayDeque<>(seen);
        while (!toWrite.isEmpty()) {
            String name = toWrite.remove();
            GbnfExpression body = pruned(rules.get(name), finite);
            text.append(name).append(" ::= ");
            append(text, body, Level.ALTERNATIVES);
            text.append('\n');
            for (String needed : references(body, new ArrayList<>())) {
                if (seen.add(needed)) {
                    toWrite.add(needed);
                }
            }
        }
        return Optional.of(text.toString());
    }

    /// The rules that match at least one finite text; each is looked at again only when one that it needs joins them.
    private Set<String> finiteRules() {
        Map<String, List<String>> users = new HashMap<>();
        rules.forEach((name, body) -> {
            for (String needed : references(body, new ArrayList<>())) {
                if (!rules.containsKey(needed)) {
                    throw new IllegalStateException("rule \"" + name + "\" needs \"" + needed + "\", which is missing");
                }
                users.computeIfAbsent(needed, _ -> new ArrayList<>()).add(name);
            }
        });
        Set<String> finite = new HashSet<>();
        Deque<String> toCheck = new ArrayDeque<>(rules.keySet());
        while (!toCheck.isEmpty()) {
            String name = toCheck.removeLast();
            if (!finite.contains(name) && isFinite(rules.get(name), finite)) {
                finite.add(name);
                toCheck.addAll(users.getOrDefault(name, List.of()));
            }
        }
        return finite;
    }

    private static boolean isFinite(GbnfExpression expression, Set<String> finite) {
        return switch (expression) {
            case Text _ -> true;
            case Characters characters -> !characters.set().isEmpty();
            case Reference reference -> finite.contains(reference.rule());
            case Sequence sequence -> sequence.parts().stream().allMatch(part -> isFinite(part, finite));
            case Choice choice -> choice.alternatives().stream().anyMatch(part -> isFinite(part, finite));
            case Repeat repeat -> repeat.min() == 0 || isFinite(repeat.item(), finite);
        };
    }

    private static List<String> references(GbnfExpression expression, List<String> found) {
        switch (expression) {
            case Reference reference -> found.add(reference.rule());
            case Sequence sequence -> sequence.parts().forEach(part -> references(part, found));
            case Choice choice -> choice.alternatives().forEach(part -> references(part, found));
            case Repeat repeat -> references(repeat.item(), found);
            case Text _, Characters _ -> { }
        }
        return found;
    }

    private static GbnfExpression pruned(GbnfExpression expression, Set<String> finite) {
        return switch (expression) {
            case Sequence sequence -> new Sequence(
                    sequence.parts().stream().map(part -> pruned(part, finite)).toList());
            case Choice choice -> new Choice(choice.alternatives().stream()
                    .filter(part -> isFinite(part, finite)).map(part -> pruned(part, finite)).toList());
            case Repeat repeat -> isFinite(repeat.item(), finite) && repeat.max() != 0
                    ? new Repeat(pruned(repeat.item(), finite), repeat.min(), repeat.max()) : GbnfExpression.EMPTY;
            default -> expression;
        };
    }

    /// How tightly the place binds in which an expression is written.
    private enum Level { ALTERNATIVES, SEQUENCE, ITEM }

    private static void append(StringBuilder text, GbnfExpression expression, Level level) {
        switch (expression) {
            case Text part -> appendText(text, part.text());
            case Characters part when part.set().isSingle() -> appendText(text, asText(part));
            case Characters part -> text.append(part.set());
            case Reference reference -> text.append(reference.rule());
            case Repeat repeat -> {
                append(text, repeat.item(), Level.ITEM);
                text.append(quantifier(repeat.min(), repeat.max()));
            }
            case Sequence sequence -> appendSequence(text, flat(sequence.parts(), new ArrayList<>()), level);
            case Choice choice -> {
                if (choice.alternatives().size() == 1) {
                    append(text, choice.alternatives().getFirst(), level);
                } else {
                    appendChoice(text, choice, level);
                }
            }
        }
    }

    private static void appendChoice(StringBuilder text, Choice choice, Level level) {
        text.append(level == Level.ALTERNATIVES ? "" : "(");
        String separator = "";
        for (GbnfExpression alternative : choice.alternatives()) {
            append(text.append(separator), alternative, Level.SEQUENCE);
            separator = " | ";
        }
        text.append(level == Level.ALTERNATIVES ? "" : ")");
    }

    private static void appendSequence(StringBuilder text, List<GbnfExpression> parts, Level level) {
        if (parts.isEmpty()) {
            text.append("\"\"");
            return;
        }
        boolean grouped = level == Level.ITEM && parts.size() > 1;
        text.append(grouped ? "(" : "");
        String separator = "";
        for (GbnfExpression part : parts) {
            append(text.append(separator), part, parts.size() == 1 ? level : Level.ITEM);
            separator = " ";
        }
        text.append(grouped ? ")" : "");
    }

    /// Sequences within sequences unfolded, and texts that stand side by side joined.
    private static List<GbnfExpression> flat(List<GbnfExpression> parts, List<GbnfExpression> result) {
        for (GbnfExpression part : parts) {
            if (part instanceof Sequence sequence) {
                flat(sequence.parts(), result);
            } else if (asText(part) instanceof String next && !result.isEmpty()
                    && asText(result.getLast()) instanceof String before) {
                result.set(result.size() - 1, new Text(before + next));
            } else {
                result.add(part);
            }
        }
        return result;
    }

    private static String asText(GbnfExpression expression) {
        return switch (expression) {
            case Text text -> text.text();
            case Characters characters when characters.set().isSingle() ->
                Character.toString(characters.set().first(0));
            default -> null;
        };
    }

    private static void appendText(StringBuilder text, String literal) {
        GbnfText.appendLiteral(text.append('"'), literal);
        text.append('"');
    }

    private static String quantifier(int min, int max) {
        if (max == GbnfExpression.UNBOUNDED) {
            return min == 0 ? "*" : min == 1 ? "+" : "{" + min + ",}";
        }
        return min == 0 && max == 1 ? "?" : min == max ? "{" + min + "}" : "{" + min + "," + max + "}";
    }
}
