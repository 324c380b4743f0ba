package io.github.javasampler;

/// Whether an estimate of the mass is worth its time. After several in a row that were too close to call ever more rows
/// go without: flat ones rarely let an estimate decide. It changes no result, only the time.
final class CloseCalls {
    private static final int MOST_SKIPPED = 63;

    private int skipped;
    private int left;

    boolean mayDecide() {
        if (left > 0) {
            left--;
            return false;
        }
        return true;
    }

    void decided() {
        skipped = 0;
    }

    void tooClose() {
        left = skipped;
        skipped = Math.min(2 * skipped + 1, MOST_SKIPPED);
    }
}
