package io.github.javasampler;

import io.github.javasampler.random.Mt19937;

/// Tokens to warm up with: every byte, then short words and signs as texts and JSON have them, and an end.
final class MadeUpVocabulary implements Vocabulary {
    private static final int BYTES = 256;
    private static final int LONGEST = 6;
    private static final String CHARACTERS = "etaoinshrdlucmfwypvbgkqjxz  ETAOIN0123456789\"\":,{}[].-_\n";

    private final byte[][] pieces;

    /// @param size more than 257
    MadeUpVocabulary(int size) {
        pieces = new byte[size][];
        Mt19937 random = new Mt19937(1);
        for (int token = 0; token < size - 1; token++) {
            pieces[token] = token < BYTES ? new byte[] {(byte) token} : word(random);
        }
        pieces[size - 1] = new byte[0];
    }

    private static byte[] word(Mt19937 random) {
        byte[] word = new byte[1 + (int) (random.nextFloat() * LONGEST)];
        for (int i = 0; i < word.length; i++) {
            word[i] = (byte) CHARACTERS.charAt((int) (random.nextFloat() * CHARACTERS.length()));
        }
        return word;
    }

    @Override
    public int size() {
        return pieces.length;
    }

    @Override
    public byte[] piece(int token) {
        return pieces[token];
    }

    @Override
    public byte[] text(int token) {
        return pieces[token];
    }

    /// By bytes.
    @Override
    public int[] tokenize(byte[] text) {
        int[] tokens = new int[text.length];
        for (int i = 0; i < text.length; i++) {
            tokens[i] = text[i] & 0xff;
        }
        return tokens;
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        return token == endOfTurn();
    }

    @Override
    public int endOfTurn() {
        return pieces.length - 1;
    }
}
