package io.github.javasampler.cli;

import io.github.javasampler.Vocabulary;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;

/// A vocabulary as large as that of the widest models, for those who have none at hand: a model's own tokens, and then
/// two or three of them in one, in a fixed random order. As a GGUF file without weights, so that llama.cpp has it too.
///
/// **Source** of the format: GGUF version 3, llama.cpp's `ggml/include/gguf.h`.
final class WideVocabulary {
    private static final int VERSION = 3;
    private static final int UINT32 = 4;
    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int STRING = 8;
    private static final int ARRAY = 9;
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int BYTE = 6;
    private static final int BYTES = 256;
    private static final int LONGEST = 32;
    private static final String SPACE = "\u2581";

    private final Vocabulary source;
    private final int size;
    private final SplittableRandom random = new SplittableRandom(42);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    /// llama.cpp bears no text twice: all that stand there, and those that its own tokens had first.
    private final Set<String> texts;
    private final Set<String> own = new HashSet<>();
    private int keys;

    private WideVocabulary(Vocabulary source, int size) {
        this.source = source;
        this.size = size;
        texts = HashSet.newHashSet(size);
        for (int token = 0; token < source.size(); token++) {
            texts.add(decoded(source.piece(token)));
        }
    }

    /// Writes one.
    ///
    /// @param source smaller than `size` by 256 or more
    static void write(Vocabulary source, int size, Path file) throws IOException {
        WideVocabulary vocabulary = new WideVocabulary(source, size);
        vocabulary.keys();
        try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file))) {
            ByteBuffer header = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
            header.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(VERSION).putLong(0).putLong(vocabulary.keys);
            stream.write(header.array());
            vocabulary.out.writeTo(stream);
        }
    }

    private void keys() {
        key("general.architecture", STRING);
        text("llama");
        key("tokenizer.ggml.model", STRING);
        text("llama");
        for (String end : new String[] {"bos", "eos"}) {
            key("tokenizer.ggml." + end + "_token_id", UINT32);
            number(end());
        }
        array("tokenizer.ggml.tokens", STRING);
        for (int token = 0; token < size; token++) {
            text(token < source.size() ? own(token) : token < source.size() + BYTES
                    ? "<0x%02X>".formatted(token - source.size()) : newOne());
        }
        array("tokenizer.ggml.scores", FLOAT32);
        for (int token = 0; token < size; token++) {
            number(Float.floatToRawIntBits(-token));
        }
        array("tokenizer.ggml.token_type", INT32);
        for (int token = 0; token < size; token++) {
            boolean isOwn = token < source.size();
            number(isOwn && source.piece(token).length == 0 ? CONTROL
                    : isOwn || token >= source.size() + BYTES ? NORMAL : BYTE);
        }
    }

    private int end() {
        int token = 0;
        while (!source.isEndOfGeneration(token)) {
            token++;
        }
        return token;
    }

    /// What is no whole text becomes another one.
    private String own(int token) {
        byte[] piece = source.piece(token);
        if (piece.length == 0) {
            return new String(source.text(token), StandardCharsets.UTF_8);
        }
        String text = decoded(piece);
        return !text.isEmpty() && own.add(text) ? text : newOne();
    }

    private String newOne() {
        String text;
        do {
            text = random() + random() + (random.nextBoolean() ? random() : "");
        } while (text.isEmpty() || text.length() > LONGEST || !texts.add(text));
        return text;
    }

    private String random() {
        return decoded(source.piece(random.nextInt(source.size())));
    }

    /// Empty if these bytes are no whole text, or hold what llama.cpp takes for the end of one.
    private static String decoded(byte[] piece) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(piece)).toString();
            return text.indexOf('\0') >= 0 ? "" : text.replace(" ", SPACE);
        } catch (CharacterCodingException e) {
            return "";
        }
    }

    private void key(String name, int type) {
        text(name);
        number(type);
        keys++;
    }

    private void array(String name, int type) {
        key(name, ARRAY);
        number(type);
        count(size);
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        count(bytes.length);
        out.writeBytes(bytes);
    }

    private void count(long count) {
        out.writeBytes(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(count).array());
    }

    private void number(int number) {
        out.writeBytes(ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array());
    }
}
