package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.javasampler.Numerics;
import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.llama.Batch;
import io.github.javasampler.llama.ContextOptions;
import io.github.javasampler.llama.LlamaContext;
import io.github.javasampler.llama.LlamaModel;
import io.github.javasampler.llama.Tokenizer;
import io.github.javasampler.schema.JsonSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the real model writes under a schema, seen by another's validator. Many texts at once: one sequence for each.
class StructuredOutputIT {
    private static final int SEEDS = 500;
    private static final int AT_ONCE = 50;
    private static final int LONGEST = 110;
    private static final int CONTEXT = 256;
    private static final String PROMPT = "Some JSON:\n";

    private static List<Map.Entry<String, JsonNode>> schemas;

    /// One text as it comes to be.
    private static final class Text {
        private final Map.Entry<String, JsonNode> schema;
        private final int seed;
        private final SamplerSession session;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int output;
        private int token;
        private int length;
        private boolean isComplete;

        Text(int seed, Tokenizer tokenizer) {
            this.seed = seed;
            schema = schemas.get(seed % schemas.size());
            Grammar grammar = Grammar.parse(JsonSchema.parse(schema.getValue().toString()).toGbnf());
            // Both ways in turn.
            SamplerChain.Builder builder = seed / schemas.size() % 2 == 0 ? SamplerChain.builder().grammar(grammar)
                    : SamplerChain.builder().grammarOnMiss(grammar);
            session = builder.topK(40).topP(0.95f).temperature(1).distribution(seed)
                    .newSession(tokenizer.vocabulary(), Numerics.PORTABLE);
        }

        void begin(Batch batch, int sequence, int[] prompt) {
            for (int i = 0; i < prompt.length; i++) {
                output = batch.size();
                batch.add(prompt[i], i, sequence, i == prompt.length - 1);
            }
        }

        void addTo(Batch batch, int sequence, int promptLength) {
            output = batch.size();
            batch.add(token, promptLength + length - 1, sequence, true);
        }

        void sample(LlamaContext context, Tokenizer tokenizer) {
            token = session.sample(context.logits(output));
            isComplete = tokenizer.isEndOfGeneration(token);
            if (!isComplete) {
                bytes.writeBytes(tokenizer.vocabulary().piece(token));
                length++;
            }
        }

        boolean goesOn() {
            return !isComplete && length < LONGEST;
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    @BeforeAll
    static void readTheSchemas() throws IOException {
        try (InputStream file = StructuredOutputIT.class.getResourceAsStream("/schemas.json")) {
            schemas = List.copyOf(JsonMapper.shared().readTree(file).properties());
        }
    }

    @Test
    void everyTextThatIsCompleteSatisfiesItsSchema() {
        LlamaModel model = RealModel.get();
        int complete = 0;
        ContextOptions options = ContextOptions.DEFAULT.withSequences(AT_ONCE).withContextLength(CONTEXT);
        try (LlamaContext context = model.newContext(options)) {
            for (Text text : write(context)) {
                if (text.isComplete) {
                    assertSatisfies(text);
                    complete++;
                }
            }
        }
        System.out.printf("%d of %d texts are complete within %d tokens%n", complete, SEEDS, LONGEST);
        // A string that must end early enough does: only trees and maps may go on and on.
        assertThat(complete).isGreaterThan(SEEDS * 7 / 10);
    }

    /// The example of docs/grammars.md.
    @Test
    void theGuidesExampleWritesJson() {
        String schema = schemas.getFirst().getValue().toString();
        LlamaModel model = RealModel.get();
        try (LlamaContext context = model.newContext(ContextOptions.DEFAULT.withContextLength(CONTEXT))) {
            context.decode(RealModel.chat("Invent a person."));
            Grammar grammar = Grammar.parse(JsonSchema.parse(schema).toGbnf());
            SamplerChain chain = SamplerChain.builder().grammar(grammar).topK(40).temperature(0.8f).distribution(42);
            SamplerSession session = chain.newSession(model.tokenizer().vocabulary(), Numerics.PORTABLE);
            StringBuilder text = new StringBuilder();
            int token = session.sample(context.logits(-1));
            while (!model.tokenizer().isEndOfGeneration(token)) {
                text.append(new String(model.tokenizer().piece(token), StandardCharsets.UTF_8));
                context.decode(token);
                token = session.sample(context.logits(-1));
            }
            assertThat(JsonMapper.shared().readTree(text.toString()).get("age").isIntegralNumber()).isTrue();
        }
    }

    /// Writes all texts, so many at once: where one ends the next begins.
    private static List<Text> write(LlamaContext context) {
        Tokenizer tokenizer = context.model().tokenizer();
        int[] prompt = tokenizer.tokenize(PROMPT, true, true);
        List<Text> texts = new ArrayList<>();
        Text[] slots = new Text[AT_ONCE];
        Batch batch = new Batch();
        do {
            batch.clear();
            for (int sequence = 0; sequence < AT_ONCE; sequence++) {
                if (slots[sequence] != null && slots[sequence].goesOn()) {
                    slots[sequence].addTo(batch, sequence, prompt.length);
                } else if (texts.size() < SEEDS) {
                    slots[sequence] = new Text(texts.size(), tokenizer);
                    texts.add(slots[sequence]);
                    context.rewind(sequence, 0);
                    slots[sequence].begin(batch, sequence, prompt);
                } else {
                    slots[sequence] = null;
                }
            }
            if (batch.size() > 0) {
                context.decode(batch);
            }
            for (Text text : slots) {
                if (text != null) {
                    text.sample(context, tokenizer);
                }
            }
        } while (batch.size() > 0);
        return texts;
    }

    private static void assertSatisfies(Text text) {
        Schema validator = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(text.schema.getValue().toString(), InputFormat.JSON);
        assertThat(validator.validate(text.text(), InputFormat.JSON,
                context -> context.executionConfig(config -> config.formatAssertionsEnabled(true))))
                .as("\"%s\", seed %d: %s", text.schema.getKey(), text.seed, text.text()).isEmpty();
    }
}
