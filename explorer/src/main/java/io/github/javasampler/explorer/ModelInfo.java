package io.github.javasampler.explorer;

import io.github.javasampler.Kernel;

/// `GET /api/model`.
///
/// @param name its file's name
/// @param vocabulary how many tokens it knows
/// @param context how many tokens a prompt and its text may have
/// @param chat whether it has a chat template
/// @param kernels which ones sample, in one sentence
record ModelInfo(String name, String description, int vocabulary, int context, boolean chat, String kernels) {
    static ModelInfo of(Engine engine) {
        return new ModelInfo(engine.model().file().getFileName().toString(), engine.model().description(),
                engine.vocabularySize(), engine.rows().contextLength(), engine.model().chatTemplate().isPresent(),
                Kernel.description());
    }
}
