package io.github.javasampler.grammar;

/// Through how many plain characters a text may go on from somewhere, whichever they are.
///
/// @param characters [#ENDLESS] if there is no end of it
/// @param isAll whether no text goes on through more, not even through certain ones
record PlainRun(int characters, boolean isAll) {
    static final int ENDLESS = Integer.MAX_VALUE;
}
