package io.github.javasampler.grammar;

/// Stacks that share their lower part: the state of their upper parts, and that.
///
/// @param start the state to take a token from: `base`, or within a character after it
/// @param base the state after the last whole character
/// @param lower null if nothing is beneath the upper parts
record Group(State start, State base, Frame lower) {
}
