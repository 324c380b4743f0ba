package io.github.javasampler.grammar;

import java.util.Arrays;

/// A list of ints that grows.
final class IntList {
    private int[] values;
    private int size;

    IntList() {
        values = new int[8];
    }

    int size() {
        return size;
    }

    int get(int index) {
        return values[index];
    }

    void add(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        values[size++] = value;
    }

    void addAll(int[] more) {
        if (size + more.length > values.length) {
            values = Arrays.copyOf(values, Math.max(size + more.length, 2 * size));
        }
        System.arraycopy(more, 0, values, size, more.length);
        size += more.length;
    }

    int removeLast() {
        return values[--size];
    }

    void truncate(int newSize) {
        size = newSize;
    }

    int[] from(int index) {
        return Arrays.copyOfRange(values, index, size);
    }

    int[] toArray() {
        return Arrays.copyOf(values, size);
    }
}
