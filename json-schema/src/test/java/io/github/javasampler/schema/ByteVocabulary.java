package io.github.javasampler.schema;

import io.github.javasampler.Vocabulary;

/// A token for each byte, numbered by it; the byte 0 ends a generation.
record ByteVocabulary() implements Vocabulary {
    @Override
    public int size() {
        return 256;
    }

    @Override
    public byte[] piece(int token) {
        return token == 0 ? new byte[0] : new byte[] {(byte) token};
    }

    @Override
    public byte[] text(int token) {
        return piece(token);
    }

    @Override
    public int[] tokenize(byte[] text) {
        int[] tokens = new int[text.length];
        for (int i = 0; i < text.length; i++) {
            tokens[i] = text[i] & 0xFF;
        }
        return tokens;
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        return token == 0;
    }

    @Override
    public int endOfTurn() {
        return 0;
    }
}
