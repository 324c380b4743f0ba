package io.github.javasampler.llama;

import io.github.javasampler.llama.abi.llama_h;
import io.github.javasampler.llama.abi.llama_model_params;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A model that was loaded from a GGUF file. Owns llama.cpp's `llama_model`.
///
/// Any thread may use it. Its contexts must be closed before it; afterwards every call is an `IllegalStateException`.
/// While it is open its file must not be cut short: the weights are mapped, not read.
public final class LlamaModel implements AutoCloseable {
    private static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
    private static final int DESCRIPTION_BYTES = 256;

    private final LlamaRuntime runtime;
    private final Path file;
    private final ModelOptions options;
    private final NativePointer pointer;
    private final Tokenizer tokenizer;
    private final int vocabularySize;
    private final int trainedContextLength;
    private int openContexts;
    private int openChains;

    private LlamaModel(LlamaRuntime runtime, Path file, ModelOptions options, MemorySegment address) {
        this.runtime = runtime;
        this.file = file;
        this.options = options;
        // void llama_model_free(struct llama_model * model);
        pointer = new NativePointer("the model " + file, address, llama_h::llama_model_free);
        // const struct llama_vocab * llama_model_get_vocab(const struct llama_model * model);
        MemorySegment vocabulary = pointer.inside(llama_h.llama_model_get_vocab(pointer.get()));
        // int32_t llama_vocab_n_tokens(const struct llama_vocab * vocab);
        vocabularySize = llama_h.llama_vocab_n_tokens(vocabulary);
        // int32_t llama_model_n_ctx_train(const struct llama_model * model);
        trainedContextLength = llama_h.llama_model_n_ctx_train(pointer.get());
        tokenizer = new Tokenizer(pointer, vocabulary, vocabularySize);
    }

    /// Loads a model with [ModelOptions#DEFAULT].
    ///
    /// @throws ModelLoadException if the file does not exist, is no GGUF, or cannot be loaded
    public static LlamaModel load(LlamaRuntime runtime, Path file) {
        return load(runtime, file, ModelOptions.DEFAULT);
    }

    /// Loads a model. Loads of several threads happen one after the other.
    ///
    /// @throws ModelLoadException if the file does not exist, is no GGUF, or cannot be loaded
    public static LlamaModel load(LlamaRuntime runtime, Path file, ModelOptions options) {
        Objects.requireNonNull(runtime, "runtime");
        checkFile(file);
        List<String> reasons = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            // struct llama_model_params llama_model_default_params(void);
            MemorySegment parameters = llama_h.llama_model_default_params(arena);
            llama_model_params.vocab_only(parameters, options.vocabularyOnly());
            llama_model_params.n_gpu_layers(parameters, options.gpuLayers());
            MemorySegment path = arena.allocateFrom(file.toString());
            // struct llama_model * llama_model_load_from_file(const char * path_model,
            //         struct llama_model_params params);
            MemorySegment address =
                    LlamaLog.record(() -> llama_h.llama_model_load_from_file(path, parameters), reasons);
            if (NativeMemory.isNull(address)) {
                throw new ModelLoadException(file + " must be a model that llama.cpp " + runtime.version()
                        + " can load, and is not: it is damaged or of an unknown kind" + LlamaLog.reason(reasons));
            }
            return new LlamaModel(runtime, file, options, address);
        }
    }

    private static void checkFile(Path file) {
        if (!Files.exists(file)) {
            throw new ModelLoadException("the model file " + file + " must exist, and does not");
        }
        if (!Files.isRegularFile(file)) {
            throw new ModelLoadException("the model " + file + " must be a GGUF file, is "
                    + (Files.isDirectory(file) ? "a directory" : "no regular file"));
        }
        byte[] start;
        try (InputStream in = Files.newInputStream(file)) {
            start = in.readNBytes(MAGIC.length);
        } catch (IOException e) {
            throw new ModelLoadException("the model file " + file + " must be readable, and is not: " + e, e);
        }
        if (!Arrays.equals(start, MAGIC)) {
            throw new ModelLoadException("the model " + file + " must be a GGUF file, which starts with 'GGUF'; it"
                    + " starts with " + (start.length == 0 ? "nothing" : "the bytes " + HEX.formatHex(start)));
        }
    }

    /// The runtime that loaded it.
    public LlamaRuntime runtime() {
        return runtime;
    }

    /// The file that it was loaded from.
    public Path file() {
        return file;
    }

    /// How many tokens it knows, which is how many floats a row of logits holds.
    public int vocabularySize() {
        return vocabularySize;
    }

    /// Its tokenizer, which lives as long as the model.
    ///
    /// @throws LlamaException if the model has none
    public Tokenizer tokenizer() {
        tokenizer.check();
        return tokenizer;
    }

    /// The chat template that the model brings, if it brings one. It outlives the model.
    public Optional<ChatTemplate> chatTemplate() {
        // const char * llama_model_chat_template(const struct llama_model * model, const char * name);
        String source = NativeMemory.string(llama_h.llama_model_chat_template(pointer.get(), MemorySegment.NULL));
        return Optional.ofNullable(source).map(ChatTemplate::new);
    }

    /// The tokens of a user's prompt.
    ///
    /// @param chat whether the prompt is put into the model's chat template, if it brings one, as a user's message
    /// @return often none for an empty text
    public int[] promptTokens(String prompt, boolean chat) {
        String text = !chat ? prompt : chatTemplate()
                .map(template -> template.apply(List.of(new ChatMessage("user", prompt)), true)).orElse(prompt);
        return tokenizer().tokenize(text, true, true);
    }

    /// The context length, in tokens, that it was trained with; 0 if it does not say.
    public int trainedContextLength() {
        return trainedContextLength;
    }

    /// llama.cpp's name for its kind, such as `llama 30M Q4_1`.
    public String description() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(DESCRIPTION_BYTES);
            // int32_t llama_model_desc(const struct llama_model * model, char * buf, size_t buf_size);
            llama_h.llama_model_desc(pointer.get(), buffer, DESCRIPTION_BYTES);
            return NativeMemory.string(buffer);
        }
    }

    /// How many parameters it has.
    public long parameterCount() {
        // uint64_t llama_model_n_params(const struct llama_model * model);
        return llama_h.llama_model_n_params(pointer.get());
    }

    /// Opens a context with [ContextOptions#DEFAULT].
    public LlamaContext newContext() {
        return newContext(ContextOptions.DEFAULT);
    }

    /// Opens a context: a memory of its own for sequences of tokens.
    ///
    /// @throws LlamaException if the model makes no logits, or there is not enough memory
    public synchronized LlamaContext newContext(ContextOptions wanted) {
        MemorySegment model = pointer.get();
        if (options.vocabularyOnly()) {
            throw new LlamaException("a context needs weights, and the model " + file
                    + " was loaded with vocabularyOnly; load it again without");
        }
        // bool llama_model_has_encoder(const struct llama_model * model);
        // bool llama_model_has_decoder(const struct llama_model * model);
        if (llama_h.llama_model_has_encoder(model) || !llama_h.llama_model_has_decoder(model)) {
            throw new LlamaException("a context needs a model that only decodes, and " + file
                    + " has an encoder, which is not supported");
        }
        LlamaContext context = LlamaContext.open(this, model, wanted);
        openContexts++;
        return context;
    }

    synchronized void contextClosed() {
        openContexts--;
    }

    /// Notes that a native chain looks at the vocabulary.
    synchronized void chainOpened() {
        pointer.get();
        openChains++;
    }

    synchronized void chainClosed() {
        openChains--;
    }

    /// Frees the model. Closing it again does nothing.
    ///
    /// @throws IllegalStateException if contexts, or native chains that were made for it, are open, and the model stays
    ///     open too
    @Override
    public synchronized void close() {
        checkNone(openContexts, "contexts");
        checkNone(openChains, "native chains");
        pointer.close();
    }

    private void checkNone(int open, String what) {
        if (open > 0) {
            throw new IllegalStateException("the model " + file + " must be closed after its " + what + ", and " + open
                    + " of them " + (open == 1 ? "is" : "are") + " open; close them first");
        }
    }

    @Override
    public String toString() {
        return pointer.isOpen() ? description() + " (" + file + ')' : "closed model " + file;
    }
}
