package io.github.javasampler;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/// The byte form of a session's state, big endian:
///
/// | bytes | what |
/// | --- | --- |
/// | 4 | the mark `JSAM` |
/// | 4 | the version of the form, 1 |
/// | 4 | how many bytes there are in all |
/// | 4 | the vocabulary's size |
/// | 4 + n | the chain's text in UTF-8, its length first |
/// | 4 + n, for each stage | what [Sampler#save] wrote, its length first |
/// | 4 | CRC-32 of all bytes before |
///
/// The first three fields stay in every version, and what a version has written the later ones read.
final class SavedSession {
    private static final int MARK = 0x4A53_414D;
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 3 * Integer.BYTES;
    private static final int CHECKSUM_BYTES = Integer.BYTES;

    private SavedSession() {}

    static byte[] write(int vocabularySize, SamplerChain chain, Sampler[] stages) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try {
            DataOutputStream out = new DataOutputStream(body);
            out.writeInt(vocabularySize);
            writePart(out, textOf(chain));
            for (Sampler stage : stages) {
                ByteArrayOutputStream state = new ByteArrayOutputStream();
                stage.save(new DataOutputStream(state));
                writePart(out, state.toByteArray());
            }
        } catch (IOException e) {
            // Memory does not fail; this is a stage's own.
            throw new UncheckedIOException(e);
        }
        ByteBuffer saved = ByteBuffer.allocate(HEADER_BYTES + body.size() + CHECKSUM_BYTES);
        saved.putInt(MARK).putInt(VERSION).putInt(saved.capacity()).put(body.toByteArray());
        return saved.putInt(checksum(saved.array())).array();
    }

    /// Gives `stages`, which are in their initial state, the state that was saved.
    ///
    /// @throws InvalidStateException if that can't be; the stages are then good for nothing
    static void read(byte[] saved, int vocabularySize, SamplerChain chain, Sampler[] stages) {
        ByteBuffer body = checkedBody(saved);
        int size = readInt(body, "the vocabulary's size");
        require(size == vocabularySize, "be of this session's vocabulary size, " + vocabularySize + ", got one of "
                + size + "; restore it into a session of that size");
        ByteBuffer text = readPart(body, "the chain's text");
        if (!text.equals(ByteBuffer.wrap(textOf(chain)))) {
            throw invalid("be of this session's chain, \"" + chain + "\", got one of \""
                    + StandardCharsets.UTF_8.decode(text) + "\"; restore it into a session of that chain", null);
        }
        for (int i = 0; i < stages.length; i++) {
            String place = "stage \"%s\" (%d of %d)".formatted(stages[i].name(), i + 1, stages.length);
            restore(stages[i], readPart(body, place), place);
        }
        require(!body.hasRemaining(), "end after the last stage, got " + body.remaining()
                + " bytes more; take another copy");
    }

    /// What lies between the header and the checksum, both of which are right.
    private static ByteBuffer checkedBody(byte[] saved) {
        int least = HEADER_BYTES + CHECKSUM_BYTES;
        require(saved.length >= least, "be at least " + least + " bytes long, got " + saved.length
                + ": it is cut short, or is none; give what SamplerSession.save returned");
        ByteBuffer bytes = ByteBuffer.wrap(saved);
        int mark = bytes.getInt();
        int version = bytes.getInt();
        require(mark == MARK && version >= 1, "be what SamplerSession.save returned, got " + saved.length
                + " bytes that are not a saved session; look where they come from");
        require(version <= VERSION, "be of a version that is known here, got one written by a newer version "
                + version + ", this one reads up to " + VERSION + "; update java-sampler");
        int length = bytes.getInt();
        require(saved.length >= length, "hold all its " + length + " bytes, got " + saved.length
                + ": it is cut short; take another copy");
        require(saved.length == length, "hold its " + length + " bytes and no more, got " + saved.length
                + "; take another copy");
        int checksum = bytes.getInt(length - CHECKSUM_BYTES);
        int actual = checksum(saved);
        require(checksum == actual, "have the checksum that it ends with, %08x, got %08x: it was changed; "
                .formatted(checksum, actual) + "take another copy");
        return bytes.limit(length - CHECKSUM_BYTES);
    }

    private static void restore(Sampler stage, ByteBuffer state, String place) {
        ByteArrayInputStream bytes = new ByteArrayInputStream(state.array(), state.position(), state.remaining());
        String must = "hold what " + place + " can read, got ";
        try {
            stage.restore(new DataInputStream(bytes));
        } catch (EOFException e) {
            throw invalid(must + "a state that ends too early; take another copy", e);
        } catch (IOException | RuntimeException e) {
            throw invalid(must + "a state it refuses: " + (e.getMessage() == null ? e : e.getMessage()), e);
        }
        require(bytes.available() == 0, must + bytes.available() + " bytes too many; take another copy");
    }

    private static byte[] textOf(SamplerChain chain) {
        return chain.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void writePart(DataOutputStream out, byte[] part) throws IOException {
        out.writeInt(part.length);
        out.write(part);
    }

    /// A part where it lies: nothing is allocated by a length that is read.
    private static ByteBuffer readPart(ByteBuffer body, String what) {
        int length = readInt(body, what);
        require(length >= 0 && length <= body.remaining(), "be long enough for " + what + ", got " + length
                + " bytes of it where " + body.remaining() + " are left; take another copy");
        ByteBuffer part = body.duplicate().limit(body.position() + length);
        body.position(body.position() + length);
        return part;
    }

    private static int readInt(ByteBuffer body, String what) {
        require(body.remaining() >= Integer.BYTES, "be long enough for " + what + ", got " + body.remaining()
                + " bytes of it; take another copy");
        return body.getInt();
    }

    /// Of all but the last bytes, where it stands itself.
    private static int checksum(byte[] saved) {
        CRC32 crc = new CRC32();
        crc.update(saved, 0, saved.length - CHECKSUM_BYTES);
        return (int) crc.getValue();
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw invalid(rule, null);
        }
    }

    private static InvalidStateException invalid(String rule, Throwable cause) {
        return new InvalidStateException("a saved session must " + rule, cause);
    }
}
