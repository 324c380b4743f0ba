package io.github.javasampler.grammar;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// A place as bytes: the frames of its stacks, each before those on it, and which of them are the tops.
final class SavedPlace {
    private static final int NONE = -1;

    private SavedPlace() {
    }

    static void save(Place place, DataOutput out) throws IOException {
        Map<Frame, Integer> indexes = new IdentityHashMap<>();
        List<Frame> ordered = new ArrayList<>();
        for (Frame top : place.tops) {
            int start = ordered.size();
            for (Frame frame = top; frame.parent != null && !indexes.containsKey(frame); frame = frame.parent) {
                indexes.put(frame, NONE);
                ordered.add(frame);
            }
            List<Frame> added = ordered.subList(start, ordered.size());
            Collections.reverse(added);
            for (int i = start; i < ordered.size(); i++) {
                indexes.put(ordered.get(i), i);
            }
        }
        out.writeInt(ordered.size());
        for (Frame frame : ordered) {
            out.writeInt(frame.position);
            out.writeInt(indexes.getOrDefault(frame.parent, NONE));
        }
        out.writeInt(place.tops.length);
        for (Frame top : place.tops) {
            out.writeInt(indexes.getOrDefault(top, NONE));
        }
        out.writeInt(place.value);
        out.writeByte(place.remaining);
    }

    static Place restore(Automaton automaton, DataInput in) throws IOException {
        Rules rules = automaton.rules();
        int count = in.readInt();
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int position = in.readInt();
            int parent = in.readInt();
            require(position >= 0 && position < rules.size() && rules.kind(position) != Item.END
                    && parent >= NONE && parent < i);
            frames.add(automaton.frame(position, parent == NONE ? automaton.empty() : frames.get(parent)));
        }
        int topCount = in.readInt();
        require(topCount > 0 && topCount <= count + 1);
        Frame[] tops = new Frame[topCount];
        for (int i = 0; i < topCount; i++) {
            int index = in.readInt();
            require(index >= NONE && index < count);
            tops[i] = index == NONE ? automaton.empty() : frames.get(index);
            require(index == NONE || rules.kind(tops[i].position) != Item.RULE);
        }
        int value = in.readInt();
        int remaining = in.readByte();
        require(remaining >= 0 && remaining <= 3 && value >= 0 && value < 1 << 18 && (remaining > 0 || value == 0));
        Automaton.sort(tops, topCount);
        for (int i = 1; i < topCount; i++) {
            require(tops[i] != tops[i - 1]);
        }
        return automaton.place(tops, topCount, value, remaining);
    }

    private static void require(boolean holds) throws IOException {
        if (!holds) {
            throw new IOException("what was saved must be a place in this grammar");
        }
    }
}
