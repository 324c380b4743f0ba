package io.github.javasampler.llama;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Writes a model that llama.cpp loads in a few milliseconds: one layer of random weights, and a vocabulary of the 256
/// bytes and some words. What it says is nonsense, but the same nonsense every time.
///
/// The format is GGUF version 3, see llama.cpp's `ggml/include/gguf.h`.
final class TinyModel {
    static final int UNKNOWN = 0;
    static final int BOS = 1;
    static final int EOS = 2;
    static final int FIRST_BYTE = 3;
    static final int CONTEXT_LENGTH = 512;
    static final String CHAT_TEMPLATE = "{% for m in messages %}<|im_start|>{{ m.role }}{% endfor %}";
    static final List<String> WORDS = List.of("\u2581the", "\u2581cat", "\u2581sat", "on", "a", "b", "c", "\u2581");
    static final int VOCABULARY_SIZE = FIRST_BYTE + 256 + 8;

    private static final int VERSION = 3;
    private static final int UINT32 = 4;
    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int STRING = 8;
    private static final int ARRAY = 9;
    private static final int ALIGNMENT = 32;
    private static final int WIDTH = 32;
    private static final int FEED_FORWARD = 64;
    private static final int NORMAL = 1;
    private static final int UNKNOWN_TYPE = 2;
    private static final int CONTROL = 3;
    private static final int BYTE = 6;

    private final ByteArrayOutputStream header = new ByteArrayOutputStream();
    private final ByteArrayOutputStream tensorInfos = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private final Random random = new Random(1);
    private final String chatTemplate;
    private final int vocabularySize;
    private int keys;
    private int tensors;

    private TinyModel(String chatTemplate, int vocabularySize) {
        this.chatTemplate = chatTemplate;
        this.vocabularySize = vocabularySize;
    }

    /// Writes the model, with a chat template or without (null).
    static Path write(Path file, String chatTemplate) throws IOException {
        return Files.write(file, new TinyModel(chatTemplate, VOCABULARY_SIZE).bytes());
    }

    /// Writes a model with more words, made-up ones.
    ///
    /// @param vocabularySize at least [#VOCABULARY_SIZE]
    static Path write(Path file, int vocabularySize) throws IOException {
        return Files.write(file, new TinyModel(null, vocabularySize).bytes());
    }

    private byte[] bytes() {
        key("general.architecture", "llama");
        key("llama.context_length", UINT32, CONTEXT_LENGTH);
        key("llama.embedding_length", UINT32, WIDTH);
        key("llama.block_count", UINT32, 1);
        key("llama.feed_forward_length", UINT32, FEED_FORWARD);
        key("llama.attention.head_count", UINT32, 2);
        key("llama.rope.dimension_count", UINT32, WIDTH / 2);
        key("llama.attention.layer_norm_rms_epsilon", FLOAT32, Float.floatToIntBits(1e-5f));
        vocabulary();
        if (chatTemplate != null) {
            key("tokenizer.chat_template", chatTemplate);
        }
        tensor("token_embd.weight", WIDTH, vocabularySize);
        tensor("output_norm.weight", WIDTH);
        tensor("output.weight", WIDTH, vocabularySize);
        tensor("blk.0.attn_norm.weight", WIDTH);
        tensor("blk.0.attn_q.weight", WIDTH, WIDTH);
        tensor("blk.0.attn_k.weight", WIDTH, WIDTH);
        tensor("blk.0.attn_v.weight", WIDTH, WIDTH);
        tensor("blk.0.attn_output.weight", WIDTH, WIDTH);
        tensor("blk.0.ffn_norm.weight", WIDTH);
        tensor("blk.0.ffn_gate.weight", WIDTH, FEED_FORWARD);
        tensor("blk.0.ffn_up.weight", WIDTH, FEED_FORWARD);
        tensor("blk.0.ffn_down.weight", FEED_FORWARD, WIDTH);

        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        file.writeBytes(le(4).putInt(VERSION).array());
        file.writeBytes(le(16).putLong(tensors).putLong(keys).array());
        file.writeBytes(header.toByteArray());
        file.writeBytes(tensorInfos.toByteArray());
        file.writeBytes(new byte[(ALIGNMENT - file.size() % ALIGNMENT) % ALIGNMENT]);
        file.writeBytes(data.toByteArray());
        return file.toByteArray();
    }

    private void vocabulary() {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        List<Integer> types = new ArrayList<>(List.of(UNKNOWN_TYPE, CONTROL, CONTROL));
        for (int value = 0; value < 256; value++) {
            tokens.add(String.format("<0x%02X>", value));
            types.add(BYTE);
        }
        for (String word : WORDS) {
            tokens.add(word);
            types.add(NORMAL);
        }
        for (int id = tokens.size(); id < vocabularySize; id++) {
            tokens.add("word" + id);
            types.add(NORMAL);
        }
        key("tokenizer.ggml.model", "llama");
        array("tokenizer.ggml.tokens", STRING, tokens.size());
        tokens.forEach(token -> string(header, token));
        array("tokenizer.ggml.scores", FLOAT32, tokens.size());
        tokens.forEach(token -> header.writeBytes(le(4).putFloat(-1).array()));
        array("tokenizer.ggml.token_type", INT32, types.size());
        types.forEach(type -> header.writeBytes(le(4).putInt(type).array()));
        key("tokenizer.ggml.bos_token_id", UINT32, BOS);
        key("tokenizer.ggml.eos_token_id", UINT32, EOS);
        key("tokenizer.ggml.unknown_token_id", UINT32, UNKNOWN);
    }

    private void key(String name, int type, int bits) {
        string(header, name);
        header.writeBytes(le(8).putInt(type).putInt(bits).array());
        keys++;
    }

    private void key(String name, String value) {
        string(header, name);
        header.writeBytes(le(4).putInt(STRING).array());
        string(header, value);
        keys++;
    }

    private void array(String name, int type, int count) {
        string(header, name);
        header.writeBytes(le(16).putInt(ARRAY).putInt(type).putLong(count).array());
        keys++;
    }

    private void tensor(String name, int... shape) {
        string(tensorInfos, name);
        tensorInfos.writeBytes(le(4).putInt(shape.length).array());
        int size = 1;
        for (int length : shape) {
            tensorInfos.writeBytes(le(8).putLong(length).array());
            size *= length;
        }
        // Type 0 is float32. Every size is a multiple of the alignment, so offsets need no padding.
        tensorInfos.writeBytes(le(12).putInt(0).putLong(data.size()).array());
        ByteBuffer values = le(size * Float.BYTES);
        for (int i = 0; i < size; i++) {
            values.putFloat(shape.length == 1 ? 1 : (float) random.nextGaussian() * 0.3f);
        }
        data.writeBytes(values.array());
        tensors++;
    }

    private static void string(ByteArrayOutputStream out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeBytes(le(8).putLong(utf8.length).array());
        out.writeBytes(utf8);
    }

    private static ByteBuffer le(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
