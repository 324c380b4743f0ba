package io.github.javasampler.explorer;

import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.llama.ContextOptions;
import io.github.javasampler.llama.LlamaModel;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/// What all endpoints share: a model, its rows, and its tokens. Thread-safe.
final class Engine implements AutoCloseable {
    private final LlamaModel model;
    private final Vocabulary vocabulary;
    private final TokenTexts texts;
    private final Rows rows;

    /// Opens a context.
    ///
    /// @param model stays the caller's, and open as long as this
    Engine(LlamaModel model, ContextOptions options) {
        this.model = model;
        vocabulary = model.tokenizer().vocabulary();
        texts = new TokenTexts(model.tokenizer());
        rows = new Rows(model, options);
    }

    LlamaModel model() {
        return model;
    }

    int vocabularySize() {
        return vocabulary.size();
    }

    TokenTexts texts() {
        return texts;
    }

    Token token(int id) {
        return texts.of(id);
    }

    Rows rows() {
        return rows;
    }

    /// Uses a copy of the row at a place, as [Rows#at].
    <T> T at(Place place, Function<MemorySegment, T> use) {
        return rows.at(place, use);
    }

    /// A session whose stages have taken note of all tokens of a place, as in a generation.
    ///
    /// @throws Refusal as [Rows#check] and [Chain#session]
    /// @throws io.github.javasampler.SamplingException if a grammar does not suit the text
    SamplerSession session(Place place, SamplerChain chain) {
        rows.check(place);
        SamplerSession session = Chain.session(chain, vocabulary);
        for (int token : place.prompt()) {
            session.acceptPrompt(token);
        }
        for (int token : place.text()) {
            session.accept(token);
        }
        return session;
    }

    /// Makes no more rows: what is under way comes to its end.
    void stop() {
        rows.stop();
    }

    /// Waits for a decode that is under way, and frees the context.
    @Override
    public void close() {
        rows.close();
    }
}
