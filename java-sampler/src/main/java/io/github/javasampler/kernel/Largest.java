package io.github.javasampler.kernel;

/// The k-th largest of many floats, by a heap of the k best so far (Williams 1964).
public final class Largest {
    private Largest() {}

    /// The `k`-th largest of the first `count` of `values`.
    ///
    /// @param k in [1, count]
    /// @param heap room for `k` floats; overwritten
    public static float kth(float[] values, int count, int k, float[] heap) {
        System.arraycopy(values, 0, heap, 0, k);
        for (int i = k / 2 - 1; i >= 0; i--) {
            sink(heap, k, i);
        }
        for (int next = k; next < count; next++) {
            if (values[next] > heap[0]) {
                heap[0] = values[next];
                sink(heap, k, 0);
            }
        }
        return heap[0];
    }

    private static void sink(float[] heap, int size, int start) {
        float value = heap[start];
        int parent = start;
        for (int child = 2 * parent + 1; child < size; child = 2 * parent + 1) {
            if (child + 1 < size && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= value) {
                break;
            }
            heap[parent] = heap[child];
            parent = child;
        }
        heap[parent] = value;
    }
}
