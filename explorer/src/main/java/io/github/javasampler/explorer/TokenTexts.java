package io.github.javasampler.explorer;

import io.github.javasampler.llama.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;

/// The tokens of a model as people read them. Thread-safe; keeps what it was asked for.
final class TokenTexts {
    private final Tokenizer tokenizer;
    private final AtomicReferenceArray<Token> known;

    TokenTexts(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        known = new AtomicReferenceArray<>(tokenizer.size());
    }

    /// @param id in [0, vocabulary size)
    Token of(int id) {
        Token token = known.get(id);
        if (token == null) {
            token = new Token(id, readable(tokenizer.piece(id, true)),
                    tokenizer.isControl(id) || tokenizer.isEndOfGeneration(id));
            known.set(id, token);
        }
        return token;
    }

    List<Token> of(int[] ids) {
        return IntStream.of(ids).mapToObj(this::of).toList();
    }

    /// The text of bytes in UTF-8; each that is not part of a whole character as `<E2>`.
    static String readable(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        StringBuilder text = new StringBuilder();
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            text.append(out.flip());
            out.clear();
            if (result.isUnderflow()) {
                return text.toString();
            }
            for (int i = 0; i < result.length(); i++) {
                text.append(String.format(Locale.ROOT, "<%02X>", in.get()));
            }
            decoder.reset();
        }
    }
}
