package io.github.javasampler.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/// What the vector kernels share: vectors of the width that the CPU prefers.
final class Vectors {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();
    static final long VECTOR_BYTES = SPECIES.vectorByteSize();
    /// Candidates in a strip; see [Kernels#lanes].
    static final int STRIP = Kernels.GROUP * LANES;
    static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private Vectors() {}

    static FloatVector load(MemorySegment row, long atBytes) {
        return FloatVector.fromMemorySegment(SPECIES, row, atBytes, ORDER);
    }
}
