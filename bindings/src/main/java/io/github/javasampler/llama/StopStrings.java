package io.github.javasampler.llama;

import java.util.List;

/// Watches a stream of text for strings that end it. Text is held back as long as it may be the beginning of one.
final class StopStrings {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean found;

    StopStrings(List<String> stops) {
        for (String stop : stops) {
            if (stop.isEmpty()) {
                throw new IllegalArgumentException("a stop string must not be empty");
            }
        }
        this.stops = List.copyOf(stops);
    }

    /// Takes the next text.
    ///
    /// @return what can be passed on. If a stop string is [#found], that is the text before the first one
    String feed(String text) {
        if (stops.isEmpty()) {
            return text;
        }
        held.append(text);
        int first = -1;
        for (int i = 0; i < stops.size(); i++) {
            int at = held.indexOf(stops.get(i));
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        found = first >= 0;
        return take(found ? first : held.length() - beginning());
    }

    /// Whether a stop string came.
    boolean found() {
        return found;
    }

    /// The text that was held back, when there is no more to come.
    String flush() {
        return take(held.length());
    }

    private String take(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }

    /// The length of the longest end of the held text that begins a stop string.
    private int beginning() {
        int longest = 0;
        for (int i = 0; i < stops.size(); i++) {
            String stop = stops.get(i);
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (endsWithBeginning(stop, length)) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private boolean endsWithBeginning(String stop, int length) {
        int start = held.length() - length;
        for (int i = 0; i < length; i++) {
            if (held.charAt(start + i) != stop.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
