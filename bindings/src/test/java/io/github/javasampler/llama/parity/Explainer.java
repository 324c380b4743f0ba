package io.github.javasampler.llama.parity;

import io.github.javasampler.Sampler;
import io.github.javasampler.llama.parity.Judge.Span;
import io.github.javasampler.sampler.DynamicTemperature;
import io.github.javasampler.sampler.MinP;
import io.github.javasampler.sampler.Mirostat;
import io.github.javasampler.sampler.MirostatV2;
import io.github.javasampler.sampler.TopK;
import io.github.javasampler.sampler.TopNSigma;
import io.github.javasampler.sampler.TopP;
import io.github.javasampler.sampler.Typical;
import io.github.javasampler.sampler.Xtc;

/// Finds out why the two numerics chose different tokens. The one like llama.cpp's stands in for llama.cpp, whose
/// candidates nobody can look at between two stages; that both choose the same is tested beside this.
///
/// Each side is judged by itself, stage by stage: what a stage left must follow from what it got, by the formula in
/// double precision and within the rounding of that side. llama.cpp is let off where it is known not to follow its
/// formulas. The reason is what first set the two sides apart.
final class Explainer {
    /// From here on `6.4 x + 64` is no int.
    private static final float BEYOND_BUCKETS = 0x1p31f / 6.4f;
    private static final int HEAP_LIMIT = 128;

    private final Recording portable;
    private final Recording llama;
    private final Judge portableJudge;
    private final Judge llamaJudge;
    private Reason reason;
    private String detail;

    Explainer(Recording portable, Judge portableJudge, Recording llama, Judge llamaJudge) {
        this.portable = portable;
        this.portableJudge = portableJudge;
        this.llama = llama;
        this.llamaJudge = llamaJudge;
    }

    /// The reason; if it is [Reason#NONE], [#detail] says more.
    Reason explain(int portableToken, int llamaToken) {
        reason = null;
        detail = "";
        int last = portable.stages().size() - 1;
        for (int i = 0; i < last; i++) {
            Sampler stage = portable.stages().get(i);
            Reason excuse = excuse(stage, llama.before(i));
            if (!portableJudge.follows(stage, portable.before(i), portable.before(i + 1))) {
                return unexplained("portable is wrong at " + stage + sizes(i));
            }
            if (excuse == null && !llamaJudge.follows(stage, llama.before(i), llama.before(i + 1))) {
                return unexplained("llama.cpp is wrong at " + stage + sizes(i));
            }
            if (excuse == null && stage instanceof Xtc && actsApart(i)) {
                return unexplained("only one side acts at " + stage + sizes(i));
            }
            note(excuse, portable.before(i + 1), llama.before(i + 1));
        }
        explainPick(portable.stages().get(last), portableToken, llamaToken);
        return reason;
    }

    String detail() {
        return detail;
    }

    private void explainPick(Sampler picker, int portableToken, int llamaToken) {
        Reason excuse = excuse(picker, llama.beforePicker());
        Span ours = portableJudge.span(picker, portable.beforePicker(), portable.afterPicker(), portableToken);
        Span theirs = llamaJudge.span(picker, llama.beforePicker(), llama.afterPicker(), llamaToken);
        note(excuse, portable.afterPicker(), llama.afterPicker());
        if (ours == null) {
            unexplained("portable's " + picker + " is wrong");
        } else if (excuse == null && reason != Reason.STALE_ORDER && theirs == null) {
            unexplained("llama.cpp's " + picker + " is wrong");
        } else if (theirs != null && excuse == null && !ours.meets(theirs, 2 * Rounding.ofDraw(
                Math.max(portable.beforePicker().size(), llama.beforePicker().size())))) {
            unexplained("no u draws both, " + ours + " and " + theirs);
        } else if (reason == null) {
            // Greedy draws nothing: both tokens have the greatest logit.
            reason = ours == Span.ALL ? Reason.TIES : Reason.DRAW;
        }
    }

    /// Where llama.cpp is known not to follow its formula.
    private static Reason excuse(Sampler stage, State before) {
        if (stage.name().startsWith("?")) {
            return null;
        }
        if (before.saysSorted() && !before.isDescending()) {
            return Reason.STALE_ORDER;
        }
        boolean looksAtTail = stage instanceof Typical || stage instanceof Mirostat || stage instanceof MirostatV2;
        if (looksAtTail && new Softmax(before, true).hasFloatZero()) {
            return Reason.ZERO_PROBABILITY;
        }
        if (stage instanceof TopNSigma && before.size() > 1 && new Deviation(before).overflows()) {
            return Reason.OVERFLOW;
        }
        boolean buckets = sorts(stage, before.size()) && !before.saysSorted() && before.max() >= BEYOND_BUCKETS;
        return buckets ? Reason.OVERFLOW : null;
    }

    /// Whether llama.cpp takes buckets for it.
    private static boolean sorts(Sampler stage, int size) {
        return size > HEAP_LIMIT && switch (stage) {
            case TopK topK -> topK.k() > HEAP_LIMIT;
            case TopP _, MinP _, Typical _, Xtc _, DynamicTemperature _, Mirostat _, MirostatV2 _ -> true;
            default -> false;
        };
    }

    /// Xtc sorts where it acts. The random numbers that decide it are the same on both sides.
    private boolean actsApart(int stage) {
        return !portable.before(stage).saysSorted() && !llama.before(stage).saysSorted()
                && portable.before(stage + 1).saysSorted() != llama.before(stage + 1).saysSorted();
    }

    private void note(Reason excuse, State ours, State theirs) {
        if (reason == null && !(ours.hasOrderOf(theirs) && ours.hasLogitsOf(theirs))) {
            reason = excuse != null ? excuse : ours.hasLogitsOf(theirs) ? Reason.TIES : Reason.ROUNDING;
        }
    }

    private Reason unexplained(String problem) {
        reason = Reason.NONE;
        detail = problem;
        return reason;
    }

    private String sizes(int stage) {
        return " (portable " + portable.before(stage).size() + " -> " + portable.before(stage + 1).size()
                + ", llama.cpp " + llama.before(stage).size() + " -> " + llama.before(stage + 1).size() + ")";
    }
}
