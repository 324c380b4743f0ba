package io.github.javasampler.llama;

import io.github.javasampler.Vocabulary;

/// A model's tokens as the stages of a chain see them. Two of one tokenizer are equal.
record ModelVocabulary(Tokenizer tokenizer) implements Vocabulary {
    @Override
    public int size() {
        return tokenizer.size();
    }

    @Override
    public byte[] piece(int token) {
        return tokenizer.cachedPiece(token);
    }

    @Override
    public byte[] text(int token) {
        return tokenizer.bytes(new int[] {token}, false, true);
    }

    @Override
    public int[] tokenize(byte[] text) {
        return tokenizer.tokenize(text, false, false);
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        return tokenizer.isEndOfGeneration(token);
    }

    @Override
    public int endOfTurn() {
        int endOfTurn = tokenizer.eot();
        return endOfTurn == NO_TOKEN ? tokenizer.eos() : endOfTurn;
    }
}
