package io.github.javasampler.llama;

import java.util.Arrays;

/// The Java side of every native sampler that lives, found by the `ctx` that llama.cpp carries for it. That is a
/// number, not an address: the slot in the low half, and in the high half how often slots were given out, so that a
/// sampler that was freed is not mistaken for the next one in its slot.
///
/// Lookups take no lock; any thread may call.
final class SamplerRegistry {
    private static final int FIRST_CAPACITY = 16;

    private static volatile JavaSampler[] slots = new JavaSampler[FIRST_CAPACITY];
    private static int issued;
    private static int live;

    private SamplerRegistry() {
    }

    /// Gives a sampler its number, which is never 0.
    static synchronized long add(JavaSampler sampler) {
        JavaSampler[] grown = live < slots.length ? slots : Arrays.copyOf(slots, 2 * slots.length);
        int slot = 0;
        while (grown[slot] != null) {
            slot++;
        }
        // Never 0, so that llama.cpp does not take the sampler for one without state.
        issued = issued == Integer.MAX_VALUE ? 1 : issued + 1;
        sampler.number((long) issued << Integer.SIZE | slot);
        grown[slot] = sampler;
        live++;
        // Also lets other threads see what was written into it.
        slots = grown;
        return sampler.number();
    }

    /// The sampler of a number, or null if it was freed, or never was.
    static JavaSampler find(long number) {
        JavaSampler[] all = slots;
        int slot = (int) number;
        JavaSampler sampler = slot >= 0 && slot < all.length ? all[slot] : null;
        return sampler != null && sampler.number() == number ? sampler : null;
    }

    /// Forgets a sampler; null if that was done before.
    static synchronized JavaSampler remove(long number) {
        JavaSampler sampler = find(number);
        if (sampler != null) {
            slots[(int) number] = null;
            live--;
        }
        return sampler;
    }

    /// How many samplers live.
    static synchronized int size() {
        return live;
    }
}
