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

    private StdSort() {}

    /// `std::sort`.
    public static void sort(long[] keys, int from, int to) {
        if (to - from > 1) {
            introsort(keys, from, to, depthLimit(to - from));
            if (to - from > INSERTION_LIMIT) {
                insertionSort(keys, from, from + INSERTION_LIMIT);
                for (int i = from + INSERTION_LIMIT; i < to; i++) {
                    insertUnguarded(keys, i);
                }
            } else {
                insertionSort(keys, from, to);
            }
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
    }

    /// Puts what is not below a median of three before what is not above it; returns where the latter starts.
    static int partition(long[] keys, int from, int to) {
        int middle = from + (to - from) / 2;
        medianToFirst(keys, from, from + 1, middle, to - 1);
        return partition(keys, from + 1, to, keys[from]);
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

    /// The pivot is a median of the range, so neither inner loop leaves it.
    private static int partition(long[] keys, int from, int to, long pivot) {
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

    static void insertionSort(long[] keys, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            long key = keys[i];
            if (Keys.isAbove(key, keys[from])) {
                System.arraycopy(keys, from, keys, from + 1, i - from);
                keys[from] = key;
            } else {
                insertUnguarded(keys, i);
            }
        }
    }

    /// Something that stands before `at` is not worse than its key, so the loop ends.
    private static void insertUnguarded(long[] keys, int at) {
        long key = keys[at];
        int i = at;
        for (; Keys.isAbove(key, keys[i - 1]); i--) {
            keys[i] = keys[i - 1];
        }
        keys[i] = key;
    }

    private static void swap(long[] keys, int i, int j) {
        long key = keys[i];
        keys[i] = keys[j];
        keys[j] = key;
    }
}
