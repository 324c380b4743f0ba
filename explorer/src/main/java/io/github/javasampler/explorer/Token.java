package io.github.javasampler.explorer;

/// A token for people.
///
/// @param text its text, a control token's name; bytes that are no whole character as `<E2>`
/// @param special whether it is a control token or ends a generation
record Token(int id, String text, boolean special) {}
