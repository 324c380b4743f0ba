package io.github.javasampler.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.javasampler.SamplerChain;
import io.github.javasampler.SamplerSession;
import io.github.javasampler.llama.Batch;
import io.github.javasampler.llama.LlamaContext;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/// Laws 1, 2 and 7 on the real model's rows.
class RowIT {
    private static final String[] CHAINS = {
        "greedy", "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=42", "temperature=1.5,seed=1",
        "top_p=0.95,temperature=0.8,seed=2", "min_p=0.05,temperature=0.8,seed=3"
    };

    @Test
    void theRowIsTheLibrarysOwnMemoryAndStaysAsItWas() {
        try (LlamaContext context = RealModel.get().newContext()) {
            context.decode(RealModel.chat("Count from one to ten."));
            MemorySegment row = context.logits(-1);
            assertThat(row.isReadOnly()).isTrue();
            assertThat(row.byteSize()).isEqualTo(4L * RealModel.get().vocabularySize());
            assertThat(row.address()).isEqualTo(RawLlama.addressOfLogits(context, -1));
            byte[] before = row.toArray(ValueLayout.JAVA_BYTE);
            for (String text : CHAINS) {
                SamplerSession session = SamplerChain.parse(text).newSession(RealModel.get().vocabularySize());
                for (int i = 0; i < 20; i++) {
                    session.sample(row);
                }
                session.survivors(-1);
            }
            assertThat(row.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(before);
        }
    }

    @Test
    void aStaleRowThrowsAndTheNextOneWorks() {
        SamplerSession session = SamplerChain.parse(CHAINS[1]).newSession(RealModel.get().vocabularySize());
        MemorySegment last;
        try (LlamaContext context = RealModel.get().newContext()) {
            context.decode(RealModel.chat("Count from one to ten."));
            MemorySegment first = context.logits(-1);
            context.decode(session.sample(first));
            assertThatIllegalStateException().isThrownBy(() -> session.sample(first)).withMessage("Already closed");
            last = context.logits(-1);
            session.sample(last);
        }
        assertThatIllegalStateException().isThrownBy(() -> session.sample(last)).withMessage("Already closed");
    }

    @Test
    void tenThousandTokensAllocateNothing() {
        int count = 16;
        MemorySegment[] rows = new MemorySegment[count];
        try (LlamaContext context = RealModel.get().newContext()) {
            int[] tokens = RealModel.get().tokenizer().tokenize(
                    "The lighthouse keeper climbed the stairs every evening and lit the lamp for ships.", true, true);
            Batch batch = new Batch();
            for (int i = 0; i < tokens.length; i++) {
                batch.add(tokens[i], i, 0, i >= tokens.length - count);
            }
            context.decode(batch);
            for (int i = 0; i < count; i++) {
                rows[i] = context.logits(tokens.length - count + i);
            }
            for (String text : CHAINS) {
                SamplerSession session = SamplerChain.parse(text).newSession(RealModel.get().vocabularySize());
                // Warm is who has spent nothing on 10,000 tokens in a row; compilation comes in waves.
                long bytes = -1;
                for (int attempt = 0; attempt < 20 && bytes != 0; attempt++) {
                    bytes = allocatedBytes(session, rows, 10_000);
                }
                assertThat(bytes).as("bytes allocated over 10,000 tokens of %s", text).isZero();
            }
        }
    }

    private static long allocatedBytes(SamplerSession session, MemorySegment[] rows, int tokens) {
        var meter = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = meter.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < tokens; i++) {
            session.accept(session.sample(rows[i % rows.length]));
        }
        return meter.getCurrentThreadAllocatedBytes() - before;
    }
}
