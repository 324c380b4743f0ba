package io.github.javasampler.llama;

/// Why a generation ended.
public enum StopReason {
    /// The model ended it by a token of its own.
    END_OF_GENERATION,
    /// [GenerationOptions#maxTokens] were generated.
    MAX_TOKENS,
    /// A stop string came.
    STOP_STRING,
    /// The context has no room for another token.
    CONTEXT_FULL,
    /// [Generator#cancel] was called.
    CANCELLED
}
