package io.github.javasampler.explorer;

import io.github.javasampler.Kernel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// `GET /api/model`.
///
/// @param name its file's name
/// @param vocabulary how many tokens it knows
/// @param context how many tokens a prompt and its text may have
/// @param chat whether it has a chat template
/// @param sampleText a text to calibrate on
record ModelInfo(String name, String description, int vocabulary, int context, boolean chat, String kernels,
        String sampleText) {
    private static final String SAMPLE = "sample.txt";

    static ModelInfo of(Engine engine) {
        return new ModelInfo(engine.model().file().getFileName().toString(), engine.model().description(),
                engine.vocabularySize(), engine.rows().contextLength(), engine.model().chatTemplate().isPresent(),
                Kernel.description(), sample());
    }

    private static String sample() {
        try (InputStream in = ModelInfo.class.getResourceAsStream(SAMPLE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
