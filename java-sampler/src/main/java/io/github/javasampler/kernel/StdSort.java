package io.github.javasampler.kernel;

/// `std::sort` and `std::partial_sort` as libstdc++ has them, so that equal logits end up where llama.cpp leaves them:
/// neither is stable, and which of two equals comes first depends on every step.
///
/// Keys are compared by their logits only, the greater first; ids are payload. Ranges are `[from, to)`.
///
/// Source: Musser, "Introspective sorting and selection algorithms" (1997); the C++ headers `stl_algo.h` and
/// `stl_heap.h` of GCC 11 for the order of steps.
public final class StdSort {
    static final int INSERTION_LIMIT = 16;
    /// Keys per mask of a partition, at most the bits of a long.
    private static final int BLOCK = 32;

    private StdSort() {}

    /// `std::sort`.
    public static void sort(long[] keys, int from, int to) {
        if (to - from > 1) {
            introsort(keys, from, to, depthLimit(to - from));
        }
    }

    /// How often a range of so many is partitioned before its rest goes to heap sort.
    static int depthLimit(int size) {
        return 2 * (Integer.SIZE - 1 - Integer.numberOfLeadingZeros(size));
    }

    /// `std::partial_sort`: the best of the range end up sorted in `[from, middle)`.
    public static void partialSort(long[] keys, int from, int middle, int to) {
        makeHeap(keys, from, middle);
        for (int i = middle; i < to; i++) {
            if (Keys.isAbove(keys[i], keys[from])) {
                long key = keys[i];
                keys[i] = keys[from];
                sift(keys, from, 0, middle - from, key);
            }
        }
        sortHeap(keys, from, middle);
    }

    /// `std::make_heap`: the worst comes first.
    public static void makeHeap(long[] keys, int from, int to) {
        int size = to - from;
        for (int parent = (size - 2) / 2; parent >= 0 && size > 1; parent--) {
            sift(keys, from, parent, size, keys[from + parent]);
        }
    }

    /// Puts a better key in the place of the worst of a heap.
    public static void replaceWorst(long[] keys, int from, int to, long key) {
        sift(keys, from, 0, to - from, key);
    }

    /// `std::sort_heap`.
    public static void sortHeap(long[] keys, int from, int to) {
        for (int last = to - 1; last > from; last--) {
            long key = keys[last];
            keys[last] = keys[from];
            sift(keys, from, 0, last - from, key);
        }
    }

    /// `__adjust_heap`: the hole sinks to a leaf, then the key rises from there.
    private static void sift(long[] keys, int from, int top, int size, long key) {
        int hole = top;
        int child = hole;
        while (child < (size - 1) / 2) {
            child = 2 * (child + 1);
            if (Keys.isAbove(keys[from + child], keys[from + child - 1])) {
                child--;
            }
            keys[from + hole] = keys[from + child];
            hole = child;
        }
        if ((size & 1) == 0 && child == (size - 2) / 2) {
            child = 2 * (child + 1);
            keys[from + hole] = keys[from + child - 1];
            hole = child - 1;
        }
        int parent = (hole - 1) / 2;
        while (hole > top && Keys.isAbove(keys[from + parent], key)) {
            keys[from + hole] = keys[from + parent];
            hole = parent;
            parent = (hole - 1) / 2;
        }
        keys[from + hole] = key;
    }

    private static void introsort(long[] keys, int from, int to, int depth) {
        int end = to;
        int left = depth;
        while (end - from > INSERTION_LIMIT) {
            if (left-- == 0) {
                partialSort(keys, from, end, end);
                return;
            }
            int cut = partition(keys, from, end);
            introsort(keys, cut, end, left);
            end = cut;
        }
        insertionSort(keys, from, end);
    }

    /// Puts what is not below a median of three before what is not above it; returns where the latter starts.
    static int partition(long[] keys, int from, int to) {
        medianToFirst(keys, from, to);
        return partition(keys, from + 1, to, keys[from]);
    }

    /// [#partition] by branches: faster where the keys rise and fall in long runs, or are equal.
    static int partitionRuns(long[] keys, int from, int to) {
        medianToFirst(keys, from, to);
        return partitionOneByOne(keys, from + 1, to, keys[from]);
    }

    private static void medianToFirst(long[] keys, int from, int to) {
        medianToFirst(keys, from, from + 1, from + (to - from) / 2, to - 1);
    }

    private static void medianToFirst(long[] keys, int first, int a, int b, int c) {
        int median;
        if (Keys.isAbove(keys[a], keys[b])) {
            median = Keys.isAbove(keys[b], keys[c]) ? b : Keys.isAbove(keys[a], keys[c]) ? c : a;
        } else {
            median = Keys.isAbove(keys[a], keys[c]) ? a : Keys.isAbove(keys[b], keys[c]) ? c : b;
        }
        swap(keys, first, median);
    }

    /// The k-th key from the left that is not above the pivot changes places with the k-th from the right that is not
    /// below it, until these meet. In the middle of a long range no branch depends on a comparison: one in two would be
    /// mispredicted. Each bit of a mask says whether a key of the block is to change places.
    private static int partition(long[] keys, int from, int to, long pivot) {
        int first = from;
        int last = to;
        long left = 0;
        long right = 0;
        while (last - first >= 2 * BLOCK) {
            left = left != 0 ? left : notAbove(keys, first, pivot);
            right = right != 0 ? right : notBelow(keys, last - 1, pivot);
            while (left != 0 && right != 0) {
                swap(keys, first + Long.numberOfTrailingZeros(left), last - 1 - Long.numberOfTrailingZeros(right));
                left &= left - 1;
                right &= right - 1;
            }
            first += left == 0 ? BLOCK : 0;
            last -= right == 0 ? BLOCK : 0;
        }
        first += left == 0 ? 0 : Long.numberOfTrailingZeros(left);
        last -= right == 0 ? 0 : Long.numberOfTrailingZeros(right);
        return partitionOneByOne(keys, first, last, pivot);
    }

    /// Which of a block that starts at `first` are not above the pivot, the first by the lowest bit.
    private static long notAbove(long[] keys, int first, long pivot) {
        long bar = (pivot >> 32) - 1;
        long mask = 0;
        for (int i = 0; i < BLOCK; i++) {
            mask |= (bar - (keys[first + i] >> 32)) >>> 63 << i;
        }
        return mask;
    }

    /// Which of a block that ends with `last` are not below the pivot, the last by the lowest bit.
    private static long notBelow(long[] keys, int last, long pivot) {
        long bar = (pivot >> 32) + 1;
        long mask = 0;
        for (int i = 0; i < BLOCK; i++) {
            mask |= ((keys[last - i] >> 32) - bar) >>> 63 << i;
        }
        return mask;
    }

    /// The pivot is a median of the range, and what has been put aside stops the loops as well, so neither leaves it.
    private static int partitionOneByOne(long[] keys, int from, int to, long pivot) {
        int first = from;
        int last = to;
        while (true) {
            while (Keys.isAbove(keys[first], pivot)) {
                first++;
            }
            last--;
            while (Keys.isAbove(pivot, keys[last])) {
                last--;
            }
            if (first >= last) {
                return first;
            }
            swap(keys, first, last);
            first++;
        }
    }

    /// libstdc++ goes over all parts at the end; but nothing rises above what stands in a part before its own.
    static void insertionSort(long[] keys, int from, int to) {
        for (int at = from + 1; at < to; at++) {
            long key = keys[at];
            int i = at;
            for (; i > from && Keys.isAbove(key, keys[i - 1]); i--) {
                keys[i] = keys[i - 1];
            }
            keys[i] = key;
        }
    }

    private static void swap(long[] keys, int i, int j) {
        long key = keys[i];
        keys[i] = keys[j];
        keys[j] = key;
    }
}
