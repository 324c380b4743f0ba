package io.github.javasampler.llama;

import java.util.Objects;

/// A message of a conversation.
///
/// @param role who speaks: `system`, `user` or `assistant` for most models
/// @param content what is said
public record ChatMessage(String role, String content) {
    /// Checks that both can be handed to C.
    public ChatMessage {
        check("role", role);
        check("content", content);
    }

    private static void check(String name, String text) {
        Objects.requireNonNull(text, name);
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the " + name + " of a chat message must hold no NUL character, and"
                    + " has one at index " + text.indexOf('\0') + ": llama.cpp would cut it off there");
        }
    }
}
