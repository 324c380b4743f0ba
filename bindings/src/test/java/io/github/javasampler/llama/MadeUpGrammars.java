package io.github.javasampler.llama;

import java.util.List;
import java.util.SplittableRandom;

/// Small grammars at random: every construct of GBNF, nested, recursive and ambiguous, over few characters.
final class MadeUpGrammars {
    private static final List<String> TERMINALS = List.of("\"a\"", "\"ab\"", "\"x\"", "\"\"", "[ab]", "[a-x]", "[^a]",
            "[^\\u00e9]", "[^\\u4e16x]", "[\\u00e8-\\u00e9]", "\"\\u00e9\"", "\"\\u4e16\"", "[\\u4e00-\\u9fff]", ".",
            "\" \"", "[ \"]", "\"\\\"\"", "\"(\"", "\")\"", "[\\x00-\\x1f]", "[^\\x00-\\x7f]", "[\\U00010000-\\U0010ffff]",
            "[\\u0080-\\uffff]", "[]");
    private static final List<String> REPETITIONS = List.of("", "", "", "*", "+", "?", "{2}", "{0,3}", "{1,2}", "{2,}");
    private static final List<String> NAMES = List.of("root", "one", "two", "three");

    private MadeUpGrammars() {
    }

    static String next(SplittableRandom random) {
        StringBuilder gbnf = new StringBuilder();
        for (String name : NAMES) {
            gbnf.append(name).append(" ::= ");
            alternates(gbnf, random, 2);
            gbnf.append('\n');
        }
        return gbnf.toString();
    }

    private static void alternates(StringBuilder gbnf, SplittableRandom random, int depth) {
        for (int count = random.nextInt(1, 4); count > 0; count--) {
            for (int items = random.nextInt(random.nextInt(4) == 0 ? 0 : 1, 4); items > 0; items--) {
                item(gbnf, random, depth);
            }
            gbnf.append(count > 1 ? " | " : "");
        }
    }

    private static void item(StringBuilder gbnf, SplittableRandom random, int depth) {
        int kind = random.nextInt(10);
        if (kind < 2 && depth > 0) {
            gbnf.append('(');
            alternates(gbnf, random, depth - 1);
            gbnf.append(')');
        } else if (kind < 4) {
            gbnf.append(NAMES.get(random.nextInt(NAMES.size())));
        } else {
            String terminal = TERMINALS.get(random.nextInt(TERMINALS.size()));
            gbnf.append(terminal);
            if (terminal.equals("\"\"") || terminal.equals("[]")) {
                gbnf.append(' ');
                return;
            }
        }
        gbnf.append(REPETITIONS.get(random.nextInt(REPETITIONS.size()))).append(' ');
    }
}
