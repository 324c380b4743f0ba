package io.github.javasampler.grammar;

/// How two sets are combined into one.
enum Combination {
    AND, OR, MINUS;

    boolean keeps(boolean inFirst, boolean inSecond) {
        return switch (this) {
            case AND -> inFirst && inSecond;
            case OR -> inFirst || inSecond;
            case MINUS -> inFirst && !inSecond;
        };
    }
}
