package io.github.javasampler.llama;

/// How a model is loaded.
///
/// @param vocabularyOnly load the tokenizer and the metadata without the weights; such a model opens no context
/// @param gpuLayers how many layers go to a GPU if there is one; negative for all
public record ModelOptions(boolean vocabularyOnly, int gpuLayers) {
    /// llama.cpp's own: the whole model, all layers on a GPU if there is one.
    public static final ModelOptions DEFAULT = new ModelOptions(false, -1);

    /// The same with another [#vocabularyOnly].
    public ModelOptions withVocabularyOnly(boolean value) {
        return new ModelOptions(value, gpuLayers);
    }

    /// The same with another [#gpuLayers].
    public ModelOptions withGpuLayers(int value) {
        return new ModelOptions(vocabularyOnly, value);
    }
}
