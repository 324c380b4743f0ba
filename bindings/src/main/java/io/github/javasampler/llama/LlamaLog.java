package io.github.javasampler.llama;

import io.github.javasampler.llama.abi.ggml_log_callback;
import io.github.javasampler.llama.abi.llama_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// llama.cpp's log. It is off, by a callback that is native code: an upcall into Java from a thread of llama.cpp would
/// be a danger while the JVM exits. Only while something is loaded, its errors are taken down, to be told if it fails.
///
/// One load at a time, because llama.cpp's log is one global variable.
final class LlamaLog {
    private static final Object LOADING = new Object();
    private static final List<String> LINES = new ArrayList<>();
    private static final int MAX_LINES = 100;

    private static MemorySegment recorder;

    private LlamaLog() {
    }

    /// Turns the log off. The libraries must be loaded.
    static void silence() {
        // void llama_log_set(ggml_log_callback log_callback, void * user_data);
        llama_h.llama_log_set(NativeSymbols.nothing(), MemorySegment.NULL);
    }

    /// Runs a load with the log taken down.
    ///
    /// @param reasons gets the errors
    /// @return what `load` returns
    static MemorySegment record(Load load, List<String> reasons) {
        synchronized (LOADING) {
            if (recorder == null) {
                // Never freed: a thread of llama.cpp may hold the pointer for as long as the process lives.
                recorder = ggml_log_callback.allocate(LlamaLog::line, Arena.global());
            }
            llama_h.llama_log_set(recorder, MemorySegment.NULL);
            try {
                return load.run();
            } finally {
                silence();
                synchronized (LINES) {
                    reasons.addAll(LINES);
                    LINES.clear();
                }
            }
        }
    }

    /// What llama.cpp said, as the end of a message: `; llama.cpp says: ...`, or nothing. Its first error is the one
    /// that led to the others.
    static String reason(List<String> lines) {
        return lines.isEmpty() ? "" : "; llama.cpp says: " + lines.getFirst();
    }

    private static void line(int level, MemorySegment text, MemorySegment userData) {
        try {
            if (level == llama_h.GGML_LOG_LEVEL_ERROR()) {
                String line = NativeMemory.string(text);
                synchronized (LINES) {
                    if (line != null && !line.isBlank() && LINES.size() < MAX_LINES) {
                        LINES.add(line.strip());
                    }
                }
            }
        } catch (Throwable _) {
            // A throwable that left an upcall would end the JVM; a log line is not worth that.
        }
    }

    /// A native load that returns a pointer, null if it failed.
    interface Load {
        MemorySegment run();
    }
}
