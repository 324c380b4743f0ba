package io.github.javasampler.sampler;

import io.github.javasampler.Candidates;
import io.github.javasampler.Sampler;
import io.github.javasampler.Vocabulary;
import io.github.javasampler.grammar.CompiledGrammar;
import io.github.javasampler.grammar.Grammar;
import io.github.javasampler.grammar.GrammarMatcher;
import io.github.javasampler.grammar.GrammarTrigger;
import io.github.javasampler.grammar.GrammarVocabulary;
import io.github.javasampler.grammar.NoTokenAllowedException;
import io.github.javasampler.grammar.TokenMask;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A grammar: bans every token that does not fit the text so far. An end of generation fits where the text is complete,
/// and nowhere else. Tokens of the prompt do not count.
///
/// As the first stage it bans before anything else is done, so that the other stages choose among what fits. Further
/// back it bans among what is left, which may be nothing.
///
/// *On a miss* ([#onMiss]) is how llama-cli and llama-server have it: the chain chooses without the grammar, and only
/// if the token does not fit is the row masked and the chain run again. That is sooner where the model keeps to the
/// grammar by itself, and gives other tokens: the grammar then does not change what top-p and the like keep. After a
/// miss whoever draws has drawn twice.
///
/// It needs a vocabulary that knows the tokens' texts. A chain's sessions share what they find out about the grammar.
///
/// **Properties**: bans; nothing moves. Banned candidates stay, so they count where a stage counts candidates.
/// **Source**: `grammar` of llama.cpp; on a miss `common_sampler_sample`. Where there is no way on llama.cpp chooses
/// any token, and ends the process when that is accepted; here it is a [NoTokenAllowedException].
public final class GrammarConstraint extends EqualByText implements Sampler {
    private final Grammar grammar;
    /// Null if it begins at once.
    private final GrammarTrigger trigger;
    private final boolean onMiss;
    /// Null until it is bound to a vocabulary.
    private final GrammarMatcher matcher;
    /// For the next session, which mostly is of the same vocabulary.
    private volatile CompiledGrammar lastBound;

    /// A grammar that holds from the first token on, and bans where the stage stands.
    public GrammarConstraint(Grammar grammar) {
        this(Objects.requireNonNull(grammar, "grammar"), null, false, null);
    }

    private GrammarConstraint(Grammar grammar, GrammarTrigger trigger, boolean onMiss, GrammarMatcher matcher) {
        this.grammar = grammar;
        this.trigger = trigger;
        this.onMiss = onMiss;
        this.matcher = matcher;
    }

    /// The same, but that it begins at a trigger.
    public GrammarConstraint lazy(GrammarTrigger newTrigger) {
        return new GrammarConstraint(grammar, Objects.requireNonNull(newTrigger, "trigger"), onMiss, null);
    }

    /// The same on a miss. It must then be the first stage of a chain with a picker.
    public GrammarConstraint onMiss() {
        return new GrammarConstraint(grammar, trigger, true, null);
    }

    /// What texts must follow.
    public Grammar grammar() {
        return grammar;
    }

    /// When it begins; null if at once.
    public GrammarTrigger trigger() {
        return trigger;
    }

    /// Whether it only acts on a miss.
    public boolean isOnMiss() {
        return onMiss;
    }

    @Override
    public String name() {
        return "grammar";
    }

    /// Compiles the grammar for a vocabulary, unless another session has done so.
    ///
    /// @throws IllegalArgumentException if the vocabulary knows no texts, or has not a token that is referred to
    @Override
    public GrammarConstraint bind(Vocabulary vocabulary) {
        CompiledGrammar compiled = GrammarVocabulary.of(vocabulary).compile(grammar);
        lastBound = compiled;
        return new GrammarConstraint(grammar, trigger, onMiss,
                trigger == null ? compiled.newMatcher() : compiled.newMatcher(trigger));
    }

    @Override
    public void apply(Candidates candidates) {
        if (!onMiss) {
            mask(candidates);
        }
    }

    /// Bans what does not fit, on a miss or not.
    ///
    /// @throws NoTokenAllowedException if then nothing can be drawn
    public void mask(Candidates candidates) {
        if (matcher().isWaiting()) {
            return;
        }
        TokenMask mask = matcher.mask();
        if (!candidates.banAllBut(mask)) {
            throw new NoTokenAllowedException(mask.count() == 0
                    ? "a grammar must have a way on, and no token of the vocabulary fits at " + place()
                            + "; change the grammar, or reset the session"
                    : "a grammar must leave a token, and none of the " + mask.count() + " that fit at " + place()
                            + " can be drawn; put the grammar before the stages that cut");
        }
    }

    /// Whether a token that was chosen without the grammar does not fit, and the grammar is one that acts then.
    public boolean misses(int token) {
        return onMiss && !matcher().accepts(token);
    }

    /// Whether the text so far is complete.
    public boolean isComplete() {
        return matcher().isComplete();
    }

    private GrammarMatcher matcher() {
        Settings.bound(matcher, "grammar");
        return matcher;
    }

    private String place() {
        return '`' + matcher.place() + '`';
    }

    @Override
    public String whyCut(int token) {
        return matcher().accepts(token) ? "" : "the grammar at " + place();
    }

    @Override
    public void check(int token) {
        if (!matcher().accepts(token)) {
            // It knows why not, and changes nothing.
            matcher.accept(token);
        }
    }

    @Override
    public void accept(int token) {
        matcher().accept(token);
    }

    /// Does nothing: a grammar is for what is generated.
    @Override
    public void acceptPrompt(int token) {}

    @Override
    public void reset() {
        matcher().reset();
    }

    @Override
    public GrammarConstraint fork() {
        return new GrammarConstraint(grammar, trigger, onMiss, matcher == null ? null : matcher.copy());
    }

    /// Writes where in the grammar the text is.
    @Override
    public void save(DataOutput out) throws IOException {
        matcher().save(out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        matcher().restore(in);
    }

    /// The texts are percent-encoded; tokens that trigger the grammar stand as `[17]`.
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        parts.add(Settings.encoded(grammar.text()));
        if (trigger != null || !grammar.root().equals(Grammar.DEFAULT_ROOT)) {
            parts.add(Settings.encoded(grammar.root()));
        }
        if (trigger != null) {
            trigger.tokens().forEach(token -> parts.add("[" + token + "]"));
            trigger.patterns().forEach(pattern -> parts.add(Settings.encoded(pattern)));
        }
        return (onMiss ? "grammar_on_miss=" : "grammar=") + String.join(":", parts);
    }
}
