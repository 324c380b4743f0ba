package io.github.javasampler.llama;

import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.abi.llama_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// A model's tokenizer: from text to token ids and back. Token ids are in [0, [#size]).
///
/// Any thread may use it, until its model is closed.
public final class Tokenizer {
    /// Stands for a token that a vocabulary does not have.
    public static final int NO_TOKEN = -1;

    private static final int PIECE_BYTES = 64;

    private final NativePointer owner;
    private final MemorySegment vocabulary;
    private final int size;
    private final boolean present;
    private final AtomicReferenceArray<byte[]> pieces;

    Tokenizer(NativePointer owner, MemorySegment vocabulary, int size) {
        this.owner = owner;
        this.vocabulary = vocabulary;
        this.size = size;
        // enum llama_vocab_type llama_vocab_type(const struct llama_vocab * vocab);
        present = llama_h.llama_vocab_type(vocabulary) != llama_h.LLAMA_VOCAB_TYPE_NONE();
        pieces = new AtomicReferenceArray<>(present ? size : 0);
    }

    /// llama.cpp aborts when a vocabulary without tokens is asked for one.
    void check() {
        owner.get();
        if (!present) {
            throw new LlamaException("a tokenizer needs a vocabulary, and the model has none; pass token ids instead");
        }
    }

    /// llama.cpp's `llama_vocab`, to be passed to a native function at once.
    MemorySegment pointer() {
        check();
        return vocabulary;
    }

    /// The tokens as stages of a chain need them: for `SamplerChain.newSession`. It keeps the pieces it was asked for.
    public Vocabulary vocabulary() {
        check();
        return new ModelVocabulary(this);
    }

    /// How many tokens there are.
    public int size() {
        return size;
    }

    /// Splits a text into tokens.
    ///
    /// @param addSpecial whether the model's own tokens for the beginning and the end of a text are added
    /// @param parseSpecial whether text such as `<|im_start|>` becomes the control token of that name. Never for text
    ///     that somebody else wrote
    /// @return token ids, none for an empty text without special tokens
    public int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) {
        return tokenize(text.getBytes(StandardCharsets.UTF_8), addSpecial, parseSpecial);
    }

    /// The same for bytes, which need not be UTF-8.
    int[] tokenize(byte[] bytes, boolean addSpecial, boolean parseSpecial) {
        check();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment utf8 = NativeMemory.copy(bytes, arena);
            // A token is mostly some bytes, so this is mostly enough; if not, llama.cpp says how many there are.
            int capacity = bytes.length + 8;
            while (true) {
                MemorySegment tokens = arena.allocate(ValueLayout.JAVA_INT, capacity);
                // int32_t llama_tokenize(const struct llama_vocab * vocab, const char * text, int32_t text_len,
                //         llama_token * tokens, int32_t n_tokens_max, bool add_special, bool parse_special);
                int count = llama_h.llama_tokenize(vocabulary, utf8, bytes.length, tokens, capacity, addSpecial,
                        parseSpecial);
                if (count >= 0) {
                    return tokens.asSlice(0, (long) count * Integer.BYTES).toArray(ValueLayout.JAVA_INT);
                }
                if (count == Integer.MIN_VALUE || -count <= capacity) {
                    throw new LlamaException("a text must have at most 2^31 - 1 tokens, and one of " + bytes.length
                            + " bytes has more; split it");
                }
                capacity = -count;
            }
        }
    }

    /// The bytes that a token stands for in a text: often, but not always, whole characters ([Utf8Stream] puts them
    /// together). Empty for control tokens.
    ///
    /// @throws IllegalArgumentException if the token is out of range
    public byte[] piece(int token) {
        return cachedPiece(token).clone();
    }

    /// The bytes of a token, not to be changed. Kept once fetched, so that a generation loop makes none.
    byte[] cachedPiece(int token) {
        check(token);
        byte[] piece = pieces.get(token);
        if (piece == null) {
            piece = piece(token, false);
            pieces.set(token, piece);
        }
        return piece;
    }

    /// The bytes of a token.
    ///
    /// @param special whether a control token gives its name, such as `<|im_end|>`, instead of nothing
    /// @throws IllegalArgumentException if the token is out of range
    public byte[] piece(int token, boolean special) {
        check(token);
        try (Arena arena = Arena.ofConfined()) {
            int capacity = PIECE_BYTES;
            while (true) {
                MemorySegment buffer = arena.allocate(capacity);
                // int32_t llama_token_to_piece(const struct llama_vocab * vocab, llama_token token, char * buf,
                //         int32_t length, int32_t lstrip, bool special);
                int length = llama_h.llama_token_to_piece(vocabulary, token, buffer, capacity, 0, special);
                if (length >= 0) {
                    return buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
                }
                capacity = -length;
            }
        }
    }

    /// The text of many tokens, with the spaces that the tokenizer's rules take away or put in.
    ///
    /// @param removeSpecial whether the tokens for the beginning and the end of a text are left out
    /// @param unparseSpecial whether control tokens give their names
    /// @throws IllegalArgumentException if a token is out of range
    public String detokenize(int[] tokens, boolean removeSpecial, boolean unparseSpecial) {
        return new String(bytes(tokens, removeSpecial, unparseSpecial), StandardCharsets.UTF_8);
    }

    /// The same as bytes: a few tokens may be only a part of a character.
    byte[] bytes(int[] tokens, boolean removeSpecial, boolean unparseSpecial) {
        check();
        for (int token : tokens) {
            check(token);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ids = arena.allocate(ValueLayout.JAVA_INT, Math.max(1, tokens.length));
            MemorySegment.copy(tokens, 0, ids, ValueLayout.JAVA_INT, 0, tokens.length);
            int capacity = Math.max(PIECE_BYTES, (int) Math.min(Integer.MAX_VALUE, 8L * tokens.length));
            while (true) {
                MemorySegment buffer = arena.allocate(capacity);
                // int32_t llama_detokenize(const struct llama_vocab * vocab, const llama_token * tokens,
                //         int32_t n_tokens, char * text, int32_t text_len_max, bool remove_special,
                //         bool unparse_special);
                int length = llama_h.llama_detokenize(vocabulary, ids, tokens.length, buffer, capacity, removeSpecial,
                        unparseSpecial);
                if (length >= 0) {
                    return buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
                }
                capacity = -length;
            }
        }
    }

    /// Whether a token ends a generation: end of text, end of turn and the like.
    ///
    /// @throws IllegalArgumentException if the token is out of range
    public boolean isEndOfGeneration(int token) {
        check(token);
        // bool llama_vocab_is_eog(const struct llama_vocab * vocab, llama_token token);
        return llama_h.llama_vocab_is_eog(vocabulary, token);
    }

    /// Whether a token is a control token, which stands for no text.
    ///
    /// @throws IllegalArgumentException if the token is out of range
    public boolean isControl(int token) {
        check(token);
        // bool llama_vocab_is_control(const struct llama_vocab * vocab, llama_token token);
        return llama_h.llama_vocab_is_control(vocabulary, token);
    }

    /// The token for the beginning of a text, or [#NO_TOKEN].
    public int bos() {
        check();
        // llama_token llama_vocab_bos(const struct llama_vocab * vocab);
        return llama_h.llama_vocab_bos(vocabulary);
    }

    /// The token for the end of a text, or [#NO_TOKEN].
    public int eos() {
        check();
        // llama_token llama_vocab_eos(const struct llama_vocab * vocab);
        return llama_h.llama_vocab_eos(vocabulary);
    }

    /// The token for the end of a turn, or [#NO_TOKEN].
    public int eot() {
        check();
        // llama_token llama_vocab_eot(const struct llama_vocab * vocab);
        return llama_h.llama_vocab_eot(vocabulary);
    }

    private void check(int token) {
        check();
        if (token < 0 || token >= size) {
            throw new IllegalArgumentException("a token must be in [0, " + size + "), got " + token);
        }
    }
}
