package io.github.javasampler.llama;

import java.util.List;
import java.util.SplittableRandom;

/// Small grammars at random: every construct of GBNF, nested, recursive and ambiguous, over few characters.
final class MadeUpGrammars {
    private static final List<String> TERMINALS = List.of("\"a\"", "\"ab\"", "\"x\"", "\"\"", "[ab]", "[a-x]", "[^a]",
            "[^\\u00e9]", "[^\\u4e16x]", "[\\u00e8-\\u00e9]", "\"\\u00e9\"", "\"\\u4e16\"", "[\\u4e00-\\u9fff]", ".",
            "\" \"", "[ \"]", "\"\\\"\"", "\"(\"", "\")\"", "[\\x00-\\x1f]", "[^\\x00-\\x7f]",
            "[\\U00010000-\\U0010ffff]", "[\\u0080-\\uffff]", "[]");
    private static final List<String> REPETITIONS = List.of("", "", "", "*", "+", "?", "{2}", "{0,3}", "{1,2}", "{2,}");
    private static final List<String> NAMES = List.of("root", "one", "two", "three");

    private MadeUpGrammars() {
    }

    static String next(SplittableRandom random) {
        StringBuilder gbnf = new StringBuilder();
        for (int rule = 0; rule < NAMES.size(); rule++) {
            gbnf.append(NAMES.get(rule)).append(" ::= ");
            alternates(gbnf, random, rule, 2);
            gbnf.append('\n');
        }
        return gbnf.toString();
    }

    /// @param rule the one that they are of: before a terminal only later ones are referred to
    private static void alternates(StringBuilder gbnf, SplittableRandom random, int rule, int depth) {
        for (int count = random.nextInt(1, 4); count > 0; count--) {
            int items = random.nextInt(random.nextInt(4) == 0 ? 0 : 1, 4);
            boolean terminal = false;
            for (int i = 0; i < items; i++) {
                terminal |= item(gbnf, random, rule, terminal, depth);
            }
            gbnf.append(items == 0 ? "\"\"" : "").append(count > 1 ? " | " : "");
        }
    }

    /// Whether it is a terminal that may not be left out.
    private static boolean item(StringBuilder gbnf, SplittableRandom random, int rule, boolean terminal, int depth) {
        int kind = random.nextInt(10);
        int firstName = terminal || random.nextInt(50) == 0 ? 0 : rule + 1;
        String repetition = REPETITIONS.get(random.nextInt(REPETITIONS.size()));
        if (kind < 2 && depth > 0) {
            gbnf.append('(');
            alternates(gbnf, random, rule, depth - 1);
            gbnf.append(')').append(repetition).append(' ');
            return false;
        }
        if (kind < 4 && firstName < NAMES.size()) {
            gbnf.append(NAMES.get(random.nextInt(firstName, NAMES.size()))).append(repetition).append(' ');
            return false;
        }
        String character = TERMINALS.get(random.nextInt(TERMINALS.size()));
        boolean empty = character.equals("\"\"") || character.equals("[]");
        gbnf.append(character).append(empty ? "" : repetition).append(' ');
        return !empty && !repetition.matches("[*?]|.0.*");
    }
}
