package io.github.javasampler.grammar;

/// A token that a grammar names by its number, or by its text with the angle brackets.
///
/// @param text null if it is named by its number
/// @param place the index in the grammar's text
record TokenReference(String text, int id, int place) {
}
