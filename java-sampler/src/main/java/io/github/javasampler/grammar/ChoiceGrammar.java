package io.github.javasampler.grammar;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/// A fixed list of texts, one of which is to come out, as a grammar.
public final class ChoiceGrammar {
    private ChoiceGrammar() {}

    /// @param choices at least one; what stands there twice counts once
    /// @return the grammar's text in llama.cpp's notation
    /// @throws IllegalArgumentException when there is no choice, or one is empty or holds half a surrogate pair
    public static String toGbnf(List<String> choices) {
        if (choices.isEmpty()) {
            throw new IllegalArgumentException("a list of choices must hold at least one text, got none");
        }
        List<GbnfExpression> texts = new ArrayList<>();
        for (String choice : new LinkedHashSet<>(choices)) {
            if (choice.isEmpty() || choice.codePoints().anyMatch(c -> !CodePoints.ALL.contains(c))) {
                throw new IllegalArgumentException(
                        "a choice must be a text of whole characters, got \"" + choice + "\"");
            }
            texts.add(GbnfExpression.text(choice));
        }
        GbnfRules rules = new GbnfRules();
        rules.put(GbnfRules.ROOT, new GbnfExpression.Choice(texts));
        return rules.toText().orElseThrow();
    }
}
