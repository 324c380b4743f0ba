package io.github.javasampler.grammar;

import io.github.javasampler.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A made-up vocabulary of any bytes: control tokens first, of which `</s>` ends a generation, then what is added.
final class TextVocabulary implements Vocabulary {
    static final int END = 0;
    static final int CONTROL = 1;
    static final int EMPTY = 2;

    private final List<byte[]> pieces = new ArrayList<>();

    TextVocabulary(String... texts) {
        pieces.addAll(List.of(new byte[0], new byte[0], new byte[0]));
        for (String text : texts) {
            add(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /// A token for each byte but NUL, in this order, the first of them [#EMPTY]` + 1`.
    static TextVocabulary ofBytes() {
        TextVocabulary vocabulary = new TextVocabulary();
        for (int i = 1; i < 256; i++) {
            vocabulary.add(new byte[] {(byte) i});
        }
        return vocabulary;
    }

    TextVocabulary add(byte[] piece) {
        pieces.add(piece);
        return this;
    }

    /// The token of exactly this text.
    int token(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < pieces.size(); i++) {
            if (bytes.length > 0 && Arrays.equals(pieces.get(i), bytes)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no token \"" + text + "\"");
    }

    @Override
    public int size() {
        return pieces.size();
    }

    @Override
    public byte[] piece(int token) {
        return pieces.get(token);
    }

    @Override
    public byte[] text(int token) {
        return token == END ? "</s>".getBytes(StandardCharsets.UTF_8)
                : token == CONTROL ? "<tool>".getBytes(StandardCharsets.UTF_8) : pieces.get(token);
    }

    @Override
    public int[] tokenize(byte[] text) {
        for (int i = 0; i < pieces.size(); i++) {
            if (Arrays.equals(pieces.get(i), text)) {
                return new int[] {i};
            }
        }
        return new int[] {NO_TOKEN, NO_TOKEN};
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        return token == END;
    }

    @Override
    public int endOfTurn() {
        return END;
    }
}
