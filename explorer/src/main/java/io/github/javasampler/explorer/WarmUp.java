package io.github.javasampler.explorer;

import io.github.javasampler.Numerics;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.random.Mt19937;
import java.lang.foreign.MemorySegment;

/// Looks at a made-up row, so that classes are loaded and the JIT compiler has had its turn before the first request.
/// The server's own classes it leaves alone: loading them beside the model gained nothing on two cores.
final class WarmUp {
    private static final int VOCABULARY = 32_768;
    private static final long NANOS = 500_000_000;
    private static final int LOOKS = 50;

    private final MemorySegment row;
    private final Vocabulary vocabulary = Vocabulary.ofSize(VOCABULARY);
    private final Chain chain = Chain.parse("penalties=64:1.1,top_n_sigma=3,top_k=4000,typical=0.99,top_p=0.95,"
            + "min_p=0.05,temperature=0.8");

    private WarmUp() {
        Mt19937 random = new Mt19937(1);
        float[] logits = new float[VOCABULARY];
        for (int i = 0; i < VOCABULARY; i++) {
            logits[i] = 16 * random.nextFloat() * random.nextFloat() - 8;
        }
        row = MemorySegment.ofArray(logits).asReadOnly();
    }

    static void run() {
        WarmUp warmUp = new WarmUp();
        long end = System.nanoTime() + NANOS;
        for (int i = 0; i < LOOKS && System.nanoTime() < end; i++) {
            Json.text(warmUp.look());
        }
    }

    private Look.Reply look() {
        return Look.of(row, chain, it -> it.newSession(vocabulary, Numerics.PORTABLE), 20, 1,
                id -> new Token(id, "word", false));
    }
}
