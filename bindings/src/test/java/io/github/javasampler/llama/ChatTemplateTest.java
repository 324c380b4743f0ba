package io.github.javasampler.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ChatTemplateTest {
    private static final List<ChatMessage> CHAT =
            List.of(new ChatMessage("system", "Be kind."), new ChatMessage("user", "Gr\u00fc\u00dfe \ud83c\udf89"));

    @BeforeAll
    static void load() {
        LlamaRuntime.load();
    }

    @Test
    void aKnownTemplateIsApplied() {
        assertThat(new ChatTemplate(TinyModel.CHAT_TEMPLATE).apply(CHAT, true)).isEqualTo("""
                <|im_start|>system
                Be kind.<|im_end|>
                <|im_start|>user
                Gr\u00fc\u00dfe \ud83c\udf89<|im_end|>
                <|im_start|>assistant
                """);
    }

    @Test
    void theAssistantIsAddedOnlyWhenAskedFor() {
        assertThat(new ChatTemplate(TinyModel.CHAT_TEMPLATE).apply(CHAT, false)).doesNotContain("assistant");
    }

    @Test
    void longConversationsFit() {
        String content = "x".repeat(1_000_000);
        assertThat(new ChatTemplate(TinyModel.CHAT_TEMPLATE).apply(List.of(new ChatMessage("user", content)), false))
                .contains(content);
    }

    @Test
    void anUnknownTemplateIsATypedError() {
        assertThatThrownBy(() -> new ChatTemplate("{{ something\nelse }}").apply(CHAT, true))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageContaining("does not know one that begins \"{{ something else }}\"");
    }

    @Test
    void anEmptyConversationIsRefused() {
        assertThatThrownBy(() -> new ChatTemplate(TinyModel.CHAT_TEMPLATE).apply(List.of(), true))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("at least one message");
    }

    @Test
    void aNulInAMessageIsRefused() {
        assertThatThrownBy(() -> new ChatMessage("user", "ab\0c")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the content of a chat message must hold no NUL character, and has one at index"
                + " 2");
    }
}
