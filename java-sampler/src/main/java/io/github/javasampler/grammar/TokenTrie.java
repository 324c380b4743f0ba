package io.github.javasampler.grammar;

import java.util.Arrays;

/// Tokens by their bytes: nodes in the order of a walk from top to bottom, so that a node's descendants follow it, and
/// the tokens likewise. Several tries in one, a region each. Immutable.
final class TokenTrie {
    private static final int LABEL_BITS = 8;
    private static final int LABEL_MASK = (1 << LABEL_BITS) - 1;

    /// Of a node: its depth, from 1, and the byte that leads to it.
    private final int[] heads;
    /// Of a node: the first one that is not beneath it.
    private final int[] skips;
    /// Of a node and one more: the index of the first token at it or beneath it.
    private final int[] firstTokens;
    private final int[] tokens;
    /// Where the regions begin, and the last ends.
    private final int[] regions;
    private final int maxDepth;

    /// @param pieces of all tokens, each that is named not empty
    /// @param tokensOfRegions which tokens each region holds
    TokenTrie(byte[][] pieces, int[][] tokensOfRegions) {
        Builder builder = new Builder(pieces);
        regions = new int[tokensOfRegions.length + 1];
        for (int i = 0; i < tokensOfRegions.length; i++) {
            builder.addRegion(tokensOfRegions[i]);
            regions[i + 1] = builder.heads.size();
        }
        builder.firstTokens.add(builder.tokens.size());
        heads = builder.heads.toArray();
        skips = Arrays.copyOf(builder.skips, heads.length);
        firstTokens = builder.firstTokens.toArray();
        tokens = builder.tokens.toArray();
        maxDepth = builder.maxDepth;
    }

    int regionStart(int region) {
        return regions[region];
    }

    int regionEnd(int region) {
        return regions[region + 1];
    }

    int maxDepth() {
        return maxDepth;
    }

    int depth(int node) {
        return heads[node] >>> LABEL_BITS;
    }

    /// The byte that leads to a node, 0 to 255.
    int label(int node) {
        return heads[node] & LABEL_MASK;
    }

    /// The first node that is not beneath a node.
    int skip(int node) {
        return skips[node];
    }

    /// The index of a node's first token; its last one precedes that of the next node.
    int firstToken(int node) {
        return firstTokens[node];
    }

    int token(int index) {
        return tokens[index];
    }

    private static final class Builder {
        private final byte[][] pieces;
        private final IntList heads = new IntList();
        private final IntList firstTokens = new IntList();
        private final IntList tokens = new IntList();
        private int[] skips = new int[1 << 12];
        private int maxDepth;

        Builder(byte[][] pieces) {
            this.pieces = pieces;
        }

        void addRegion(int[] ids) {
            Integer[] sorted = new Integer[ids.length];
            Arrays.setAll(sorted, i -> ids[i]);
            Arrays.sort(sorted, (a, b) -> Arrays.compareUnsigned(pieces[a], pieces[b]));
            IntList path = new IntList();
            byte[] last = {};
            for (int id : sorted) {
                byte[] piece = pieces[id];
                int mismatch = Arrays.mismatch(last, piece);
                int common = mismatch < 0 ? piece.length : mismatch;
                close(path, common);
                for (int depth = common; depth < piece.length; depth++) {
                    path.add(heads.size());
                    heads.add(depth + 1 << LABEL_BITS | piece[depth] & LABEL_MASK);
                    firstTokens.add(tokens.size());
                }
                maxDepth = Math.max(maxDepth, piece.length);
                tokens.add(id);
                last = piece;
            }
            close(path, 0);
        }

        /// Ends the nodes that are deeper.
        private void close(IntList path, int depth) {
            if (skips.length < heads.size()) {
                skips = Arrays.copyOf(skips, 2 * heads.size());
            }
            while (path.size() > depth) {
                skips[path.removeLast()] = heads.size();
            }
        }
    }
}
