package io.github.javasampler.explorer;

import java.util.List;

/// `POST /api/tokenize`: the tokens of a prompt.
final class Tokenize {
    private final Engine engine;

    Tokenize(Engine engine) {
        this.engine = engine;
    }

    /// @param prompt a text
    /// @param chat whether it is put into the chat template, as a user's message
    record Request(String prompt, Boolean chat) {
        Request {
            if (prompt == null || prompt.isEmpty()) {
                throw Refusal.of(Refusal.PROMPT, "the prompt must hold a text, and is empty; type one");
            }
            chat = chat != null && chat;
        }
    }

    record Reply(List<Token> tokens) {}

    Reply answer(Request request) {
        int[] tokens = engine.model().promptTokens(request.prompt, request.chat);
        engine.rows().check(new Place(tokens, new int[0]));
        return new Reply(engine.texts().of(tokens));
    }
}
