package io.github.javasampler.cli;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A file of rows: little-endian float32, either bare or as `.npy` of one or two dimensions. It is mapped, not read.
///
/// @param file the mapped file
/// @param offsetBytes where the first row starts
/// @param vocabularySize how many floats a row holds
/// @param rowCount how many rows there are, at least 1
record LogitsFile(MemorySegment file, long offsetBytes, int vocabularySize, int rowCount) {
    private static final byte[] NPY_MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern NPY_SHAPE = Pattern.compile("'shape': *\\((\\d+), *(\\d+)?,?\\)");
    private static final ValueLayout.OfShort LITTLE_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// @param vocabularySize what the user gave, or 0 to take it from the file
    static LogitsFile open(Path path, int vocabularySize, Arena arena) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new CommandException(path + " must be a file of logits, and there is "
                    + (Files.exists(path) ? "something else" : "none"));
        }
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new CommandException("rows are little-endian and read where they lie; this machine is big-endian");
        }
        try (FileChannel channel = FileChannel.open(path)) {
            MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return isNpy(file) ? npy(path, file, vocabularySize) : bare(path, file, 0, vocabularySize);
        }
    }

    /// Where row `index` starts.
    long rowOffsetBytes(int index) {
        return offsetBytes + (long) index * vocabularySize * Float.BYTES;
    }

    private static boolean isNpy(MemorySegment file) {
        return file.byteSize() > 10
                && file.asSlice(0, NPY_MAGIC.length).mismatch(MemorySegment.ofArray(NPY_MAGIC)) < 0;
    }

    private static LogitsFile npy(Path path, MemorySegment file, int vocabularySize) {
        boolean longHeader = file.get(ValueLayout.JAVA_BYTE, NPY_MAGIC.length) > 1;
        int headerAt = longHeader ? 12 : 10;
        int headerBytes = Short.toUnsignedInt(file.get(LITTLE_SHORT, 8));
        if (headerAt + headerBytes > file.byteSize()) {
            throw new CommandException(path + " must hold its whole .npy header, and ends before");
        }
        byte[] bytes = file.asSlice(headerAt, headerBytes).toArray(ValueLayout.JAVA_BYTE);
        String header = new String(bytes, StandardCharsets.ISO_8859_1);
        Matcher shape = NPY_SHAPE.matcher(header);
        if (!header.contains("'<f4'") || header.contains("'fortran_order': True") || !shape.find()) {
            throw new CommandException(path + " must be a .npy of little-endian float32 in C order with one or two "
                    + "dimensions, got " + header.strip() + "; save it by numpy.save(..., array.astype('<f4'))");
        }
        int width = Integer.parseInt(shape.group(2) == null ? shape.group(1) : shape.group(2));
        if (vocabularySize != 0 && vocabularySize != width) {
            throw new CommandException("--vocab " + vocabularySize + " must be the width of " + path + ", which is "
                    + width + "; it may be left out for a .npy");
        }
        return bare(path, file, headerAt + headerBytes, width);
    }

    private static LogitsFile bare(Path path, MemorySegment file, long offsetBytes, int vocabularySize) {
        if (vocabularySize < 1) {
            throw new CommandException(
                    "--vocab must be given and at least 1: a bare file does not say how wide a row is");
        }
        long rowBytes = (long) vocabularySize * Float.BYTES;
        long dataBytes = file.byteSize() - offsetBytes;
        if (dataBytes == 0 || dataBytes % rowBytes != 0) {
            throw new CommandException(path + " must hold whole rows of " + vocabularySize + " floats (" + rowBytes
                    + " bytes), got " + dataBytes + " bytes");
        }
        return new LogitsFile(file, offsetBytes, vocabularySize, Math.toIntExact(dataBytes / rowBytes));
    }
}
