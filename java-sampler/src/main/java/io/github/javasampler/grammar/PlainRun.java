package io.github.javasampler.grammar;

/// Through how many plain characters a text may go on from somewhere, whichever they are.
///
/// @param isAll whether no text goes on through more, not even through certain ones
record PlainRun(int characters, boolean isAll) {
    static final PlainRun ENDLESS = new PlainRun(Integer.MAX_VALUE, true);
}
