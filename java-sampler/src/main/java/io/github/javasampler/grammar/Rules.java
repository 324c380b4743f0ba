package io.github.javasampler.grammar;

import java.util.List;

/// The rules of a grammar in a row: every alternate is a run of items that ends with [Item#END]. A position is an index
/// of that row.
final class Rules {
    private final int root;
    private final String[] names;
    private final CharClass[] classes;
    private final byte[] byteClasses;
    private final List<TokenReference> tokens;
    private final int[] items;
    private final int[] ruleOf;
    /// Of each rule: where its alternates' first positions begin in `alternates`.
    private final int[] firstAlternate;
    private final int[] alternates;
    private final boolean[] levels;

    /// @param ruleItems of each rule, its alternates, each ended by [Item#END]
    Rules(int root, int[][] ruleItems, String[] names, CharClass[] classes, List<TokenReference> tokens) {
        this.root = root;
        this.names = names;
        this.classes = classes;
        byteClasses = ByteClasses.ofFirst(classes);
        this.tokens = tokens;
        int length = 0;
        for (int[] rule : ruleItems) {
            length += rule.length;
        }
        items = new int[length];
        ruleOf = new int[length];
        levels = new boolean[length];
        firstAlternate = new int[ruleItems.length + 1];
        IntList starts = new IntList();
        int[] components = Recursion.components(ruleItems);
        int position = 0;
        for (int rule = 0; rule < ruleItems.length; rule++) {
            firstAlternate[rule] = starts.size();
            boolean start = true;
            for (int item : ruleItems[rule]) {
                if (start) {
                    starts.add(position);
                }
                int before = start ? Item.END : items[position - 1];
                levels[position] = Item.kind(before) == Item.RULE
                        && components[Item.index(before)] == components[rule];
                start = item == Item.END;
                items[position] = item;
                ruleOf[position] = rule;
                position++;
            }
        }
        firstAlternate[ruleItems.length] = starts.size();
        alternates = starts.toArray();
    }

    int root() {
        return root;
    }

    int size() {
        return items.length;
    }

    int kind(int position) {
        return Item.kind(items[position]);
    }

    int index(int position) {
        return Item.index(items[position]);
    }

    CharClass charClass(int position) {
        return classes[Item.index(items[position])];
    }

    /// Of the bytes that begin a character: which of them no class of characters here tells apart.
    byte[] byteClasses() {
        return byteClasses;
    }

    boolean endsAfter(int position) {
        return items[position + 1] == Item.END;
    }

    /// How many alternates a rule has, at least one.
    int alternates(int rule) {
        return firstAlternate[rule + 1] - firstAlternate[rule];
    }

    /// The first position of an alternate, that of [Item#END] if it is empty.
    int alternate(int rule, int index) {
        return alternates[firstAlternate[rule] + index];
    }

    /// Whether what precedes this position is a rule that may lead back to this one, so that texts nest here.
    boolean isLevel(int position) {
        return levels[position];
    }

    /// The name of the rule at a position, or that of which it is a part.
    String name(int position) {
        return names[ruleOf[position]];
    }

    List<TokenReference> tokens() {
        return tokens;
    }
}
