package io.github.javasampler.grammar;

import java.util.Arrays;

/// What rules lead to which: left recursion, and the groups of rules that lead to each other. Every walk is a loop with
/// a stack of its own, and takes a time linear in the rules.
final class Recursion {
    private Recursion() {
    }

    /// A rule that begins with itself, or -1. As in llama.cpp: what precedes may be left out only where a rule says so
    /// itself. Beyond that only those are found that would have to be written on forever.
    static int leftRecursiveRule(int[][] rules) {
        boolean[] empty = new boolean[rules.length];
        for (int rule = 0; rule < rules.length; rule++) {
            empty[rule] = hasEmptyAlternate(rules[rule]);
        }
        Graph direct = leftGraph(rules, empty);
        int[] components = direct.components();
        for (int rule = 0; rule < rules.length; rule++) {
            if (direct.isInCycle(rule, components)) {
                return rule;
            }
        }
        Graph hidden = leftGraph(rules, nullable(rules));
        components = hidden.components();
        for (int rule = 0; rule < rules.length; rule++) {
            if (hidden.growsInCycle(rule, components)) {
                return rule;
            }
        }
        return -1;
    }

    /// For each rule a number, the same for those that lead to each other.
    static int[] components(int[][] rules) {
        Graph graph = new Graph(rules.length);
        for (int[] rule : rules) {
            for (int item : rule) {
                if (Item.kind(item) == Item.RULE) {
                    graph.add(Item.index(item), false);
                }
            }
            graph.endNode();
        }
        return graph.components();
    }

    private static boolean hasEmptyAlternate(int[] rule) {
        for (int i = 0; i < rule.length; i++) {
            if (rule[i] == Item.END && (i == 0 || rule[i - 1] == Item.END)) {
                return true;
            }
        }
        return false;
    }

    /// To which rules a text of one may come before it has a character.
    private static Graph leftGraph(int[][] rules, boolean[] empty) {
        Graph graph = new Graph(rules.length);
        for (int[] rule : rules) {
            boolean left = true;
            for (int i = 0; i < rule.length; i++) {
                if (rule[i] == Item.END) {
                    left = true;
                } else if (left && Item.kind(rule[i]) == Item.RULE) {
                    graph.add(Item.index(rule[i]), rule[i + 1] != Item.END);
                    left = empty[Item.index(rule[i])];
                } else {
                    left = false;
                }
            }
            graph.endNode();
        }
        return graph;
    }

    /// Which rules have the empty text.
    private static boolean[] nullable(int[][] rules) {
        // Alternates of nothing but rules wait until the last of these is known to be nullable.
        IntList owners = new IntList();
        IntList missing = new IntList();
        int[] uses = new int[rules.length + 1];
        for (int[] rule : rules) {
            for (int item : rule) {
                if (Item.kind(item) == Item.RULE) {
                    uses[Item.index(item) + 1]++;
                }
            }
        }
        for (int i = 1; i < uses.length; i++) {
            uses[i] += uses[i - 1];
        }
        int[] users = new int[uses[rules.length]];
        int[] filled = Arrays.copyOf(uses, rules.length);
        boolean[] nullable = new boolean[rules.length];
        IntList known = new IntList();
        for (int owner = 0; owner < rules.length; owner++) {
            int[] rule = rules[owner];
            for (int start = 0; start < rule.length;) {
                int end = start;
                boolean onlyRules = true;
                for (; rule[end] != Item.END; end++) {
                    onlyRules &= Item.kind(rule[end]) == Item.RULE;
                }
                for (int i = start; i < end; i++) {
                    if (Item.kind(rule[i]) == Item.RULE) {
                        users[filled[Item.index(rule[i])]++] = owners.size();
                    }
                }
                owners.add(owner);
                missing.add(onlyRules ? end - start : Integer.MAX_VALUE);
                if (start == end && !nullable[owner]) {
                    nullable[owner] = true;
                    known.add(owner);
                }
                start = end + 1;
            }
        }
        int[] left = missing.toArray();
        while (known.size() > 0) {
            int rule = known.removeLast();
            for (int i = uses[rule]; i < uses[rule + 1]; i++) {
                int owner = owners.get(users[i]);
                if (--left[users[i]] == 0 && !nullable[owner]) {
                    nullable[owner] = true;
                    known.add(owner);
                }
            }
        }
        return nullable;
    }

    /// A graph whose nodes get their edges in order.
    private static final class Graph {
        private final int[] firstEdge;
        private final IntList targets = new IntList();
        private final IntList growing = new IntList();
        private int node;

        Graph(int nodes) {
            firstEdge = new int[nodes + 1];
        }

        /// @param grows whether something is left to do after the target
        void add(int target, boolean grows) {
            targets.add(target);
            growing.add(grows ? 1 : 0);
        }

        void endNode() {
            firstEdge[++node] = targets.size();
        }

        boolean isInCycle(int from, int[] components) {
            for (int edge = firstEdge[from]; edge < firstEdge[from + 1]; edge++) {
                if (components[targets.get(edge)] == components[from]) {
                    return true;
                }
            }
            return false;
        }

        boolean growsInCycle(int from, int[] components) {
            for (int edge = firstEdge[from]; edge < firstEdge[from + 1]; edge++) {
                if (growing.get(edge) == 1 && components[targets.get(edge)] == components[from]) {
                    return true;
                }
            }
            return false;
        }

        /// Tarjan's strongly connected components: a number for each node.
        int[] components() {
            int nodes = firstEdge.length - 1;
            int[] component = new int[nodes];
            int[] order = new int[nodes];
            int[] lowest = new int[nodes];
            int[] edge = new int[nodes];
            Arrays.fill(component, -1);
            IntList path = new IntList();
            IntList open = new IntList();
            int visited = 0;
            for (int start = 0; start < nodes; start++) {
                if (order[start] == 0) {
                    path.add(start);
                }
                while (path.size() > 0) {
                    int at = path.get(path.size() - 1);
                    if (order[at] == 0) {
                        order[at] = lowest[at] = ++visited;
                        edge[at] = firstEdge[at];
                        open.add(at);
                    }
                    if (edge[at] < firstEdge[at + 1]) {
                        int target = targets.get(edge[at]);
                        if (order[target] == 0) {
                            path.add(target);
                            continue;
                        }
                        if (component[target] < 0) {
                            lowest[at] = Math.min(lowest[at], lowest[target]);
                        }
                        edge[at]++;
                        continue;
                    }
                    path.removeLast();
                    if (lowest[at] == order[at]) {
                        int member;
                        do {
                            member = open.removeLast();
                            component[member] = at;
                        } while (member != at);
                    }
                }
            }
            return component;
        }
    }
}
