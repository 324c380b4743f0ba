package io.github.javasampler.grammar;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/// What a lazy grammar keeps until it begins: the text so far, and which tokens it is of.
final class Waiting {
    /// Of the text.
    private static final int MAX_BYTES = 1 << 26;

    private final GrammarTrigger trigger;
    private final TriggerPattern[] patterns;
    private byte[] text = new byte[64];
    private IntList tokens = new IntList();
    /// Where their texts end.
    private IntList ends = new IntList();

    Waiting(GrammarTrigger trigger) {
        this(trigger, new TriggerPattern[trigger.patterns().size()]);
        for (int i = 0; i < patterns.length; i++) {
            patterns[i] = new TriggerPattern(trigger.patterns().get(i));
        }
    }

    private Waiting(GrammarTrigger trigger, TriggerPattern[] patterns) {
        this.trigger = trigger;
        this.patterns = patterns;
    }

    /// The same trigger, and no text yet.
    Waiting begin() {
        return new Waiting(trigger, patterns);
    }

    Waiting copy() {
        Waiting copy = new Waiting(trigger, patterns);
        copy.text = text.clone();
        for (int i = 0; i < tokens.size(); i++) {
            copy.tokens.add(tokens.get(i));
            copy.ends.add(ends.get(i));
        }
        return copy;
    }

    GrammarTrigger trigger() {
        return trigger;
    }

    byte[] text() {
        return text;
    }

    int tokens() {
        return tokens.size();
    }

    int token(int index) {
        return tokens.get(index);
    }

    /// Where the text of a token ends, and that of the next one begins.
    int end(int index) {
        return index < 0 ? 0 : ends.get(index);
    }

    void add(int token, byte[] piece) {
        int length = end(tokens.size() - 1);
        if (length + piece.length > MAX_BYTES) {
            throw new GrammarLimitException("a lazy grammar must begin within " + MAX_BYTES + " bytes");
        }
        if (length + piece.length > text.length) {
            text = Arrays.copyOf(text, Math.max(length + piece.length, 2 * text.length));
        }
        System.arraycopy(piece, 0, text, length, piece.length);
        tokens.add(token);
        ends.add(length + piece.length);
    }

    void removeLast() {
        tokens.removeLast();
        ends.removeLast();
    }

    /// Where the grammar begins in the text, or -1.
    int find() {
        for (TriggerPattern pattern : patterns) {
            int start = pattern.find(text, end(tokens.size() - 1));
            if (start >= 0) {
                return start;
            }
        }
        return -1;
    }

    void save(DataOutput out) throws IOException {
        int length = end(tokens.size() - 1);
        out.writeInt(length);
        out.write(text, 0, length);
        out.writeInt(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
            out.writeInt(tokens.get(i));
            out.writeInt(ends.get(i));
        }
    }

    /// What was saved, with this trigger.
    Waiting restore(DataInput in, int vocabularySize) throws IOException {
        Waiting restored = begin();
        int length = in.readInt();
        if (length < 0 || length > MAX_BYTES) {
            throw new IOException("a lazy grammar's text must have 0 to " + MAX_BYTES + " bytes, got " + length);
        }
        byte[] chunk = new byte[Math.min(length, 1 << 16)];
        restored.text = new byte[0];
        for (int at = 0; at < length;) {
            int count = Math.min(chunk.length, length - at);
            in.readFully(chunk, 0, count);
            restored.text = Arrays.copyOf(restored.text, at + count);
            System.arraycopy(chunk, 0, restored.text, at, count);
            at += count;
        }
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            int token = in.readInt();
            int end = in.readInt();
            if (token < 0 || token >= vocabularySize || end < restored.end(i - 1) || end > length) {
                throw new IOException("a lazy grammar's tokens must be of the vocabulary and in order");
            }
            restored.tokens.add(token);
            restored.ends.add(end);
        }
        if (restored.end(count - 1) != length) {
            throw new IOException("a lazy grammar's tokens must make up its text");
        }
        return restored;
    }
}
