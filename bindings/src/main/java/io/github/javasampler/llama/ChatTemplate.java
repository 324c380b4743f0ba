package io.github.javasampler.llama;

import io.github.javasampler.llama.abi.llama_chat_message;
import io.github.javasampler.llama.abi.llama_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// How a model wants conversations written down. Immutable; any thread may use it, also after its model was closed.
///
/// llama.cpp does not run the template's Jinja: it recognises whose template it is and writes what that family expects.
public final class ChatTemplate {
    private final String source;

    ChatTemplate(String source) {
        this.source = source;
    }

    /// The template as the model brings it.
    public String source() {
        return source;
    }

    /// Writes a conversation as a prompt. Tokenize it with `parseSpecial`, and with `addSpecial` as for any prompt.
    ///
    /// @param messages at least one
    /// @param addAssistant whether the prompt ends with the beginning of the assistant's answer
    /// @throws ChatTemplateException if llama.cpp does not know this template
    public String apply(List<ChatMessage> messages, boolean addAssistant) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a conversation must have at least one message, got none");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment template = arena.allocateFrom(source);
            MemorySegment chat = llama_chat_message.allocateArray(messages.size(), arena);
            for (int i = 0; i < messages.size(); i++) {
                MemorySegment message = llama_chat_message.asSlice(chat, i);
                llama_chat_message.role(message, arena.allocateFrom(messages.get(i).role()));
                llama_chat_message.content(message, arena.allocateFrom(messages.get(i).content()));
            }
            int length = apply(template, chat, messages.size(), addAssistant, MemorySegment.NULL, 0);
            MemorySegment buffer = arena.allocate(length + 1L);
            apply(template, chat, messages.size(), addAssistant, buffer, length + 1);
            return new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    private int apply(MemorySegment template, MemorySegment chat, int count, boolean addAssistant,
            MemorySegment buffer, int capacity) {
        // int32_t llama_chat_apply_template(const char * tmpl, const struct llama_chat_message * chat, size_t n_msg,
        //         bool add_ass, char * buf, int32_t length);
        int length = llama_h.llama_chat_apply_template(template, chat, count, addAssistant, buffer, capacity);
        if (length < 0) {
            throw new ChatTemplateException("llama.cpp must know the model's chat template, and does not know one that"
                    + " begins \"" + source.substring(0, Math.min(source.length(), 60)).replace('\n', ' ')
                    + "\"; write the prompt yourself (--raw on the command line)");
        }
        return length;
    }
}
