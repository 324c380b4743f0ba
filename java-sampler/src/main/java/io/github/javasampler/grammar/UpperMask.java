package io.github.javasampler.grammar;

/// What a state of upper parts allows, whatever is beneath them.
///
/// @param mask the tokens that fit
/// @param escapes the trie's nodes at which a lower part begins to matter for those below
record UpperMask(TokenMask mask, int[] escapes) {
}
