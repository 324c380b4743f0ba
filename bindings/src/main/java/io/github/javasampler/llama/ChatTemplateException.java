package io.github.javasampler.llama;

/// llama.cpp does not know how to apply a model's chat template. It recognises the templates of the common families; it
/// does not run Jinja.
public final class ChatTemplateException extends LlamaException {
    private static final long serialVersionUID = 1L;

    ChatTemplateException(String message) {
        super(message);
    }
}
