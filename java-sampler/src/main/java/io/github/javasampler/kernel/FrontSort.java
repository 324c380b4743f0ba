package io.github.javasampler.kernel;

/// `std::sort`, as [StdSort] does it, from the front as far as anybody looks.
///
/// A step within one part of a partition touches no other part, not even the insertion sort that comes last: nothing
/// is above what stands in a part before its own. So the parts at the front can be finished while those behind wait.
///
/// Meant for typical's scores, which fall and then rise where logits fall.
public final class FrontSort {
    /// Parts wait only while they are cut off, which the depth limit bounds.
    private static final int MOST_PARTS = 2 * Integer.SIZE;

    private final int[] ends = new int[MOST_PARTS];
    private final int[] depths = new int[MOST_PARTS];
    private int parts;
    private long[] keys;
    private int sorted;

    /// Starts to sort `keys[0, size)`, which nobody else may change until the last call of [#sortTo].
    public void begin(long[] newKeys, int size) {
        keys = newKeys;
        sorted = 0;
        ends[0] = size;
        depths[0] = StdSort.depthLimit(size);
        parts = size > 0 ? 1 : 0;
    }

    /// Lets at least the first `count` keys stand as `std::sort` leaves them; returns how many do.
    ///
    /// @param count at most the size
    public int sortTo(int count) {
        while (sorted < count) {
            sortPart();
        }
        return sorted;
    }

    /// Partitions the part at the front until little is left of it, and sorts that.
    private void sortPart() {
        int last = parts - 1;
        int end = ends[last];
        int depth = depths[last];
        while (end - sorted > StdSort.INSERTION_LIMIT) {
            if (depth-- == 0) {
                StdSort.partialSort(keys, sorted, end, end);
                parts = last;
                sorted = end;
                return;
            }
            int cut = StdSort.partitionRuns(keys, sorted, end);
            depths[last++] = depth;
            ends[last] = cut;
            end = cut;
        }
        StdSort.insertionSort(keys, sorted, end);
        parts = last;
        sorted = end;
    }
}
