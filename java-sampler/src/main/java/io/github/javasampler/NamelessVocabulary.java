package io.github.javasampler;

/// A vocabulary of which only the size is known.
record NamelessVocabulary(int size) implements Vocabulary {
    NamelessVocabulary {
        if (size < 1) {
            throw new IllegalArgumentException("vocabulary size must be at least 1, got " + size);
        }
    }

    @Override
    public byte[] piece(int token) {
        throw unknown();
    }

    @Override
    public byte[] text(int token) {
        throw unknown();
    }

    @Override
    public int[] tokenize(byte[] text) {
        throw unknown();
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        throw unknown();
    }

    @Override
    public int endOfTurn() {
        throw unknown();
    }

    private static IllegalArgumentException unknown() {
        return new IllegalArgumentException("a stage of the chain needs the tokens' texts, and the session was given"
                + " only their number; call SamplerChain.newSession with a vocabulary");
    }
}
