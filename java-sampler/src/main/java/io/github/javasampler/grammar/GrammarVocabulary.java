package io.github.javasampler.grammar;

import io.github.javasampler.Vocabulary;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;

/// A vocabulary made ready for grammars: its tokens' texts as a trie of bytes. Made once (some 0.1 s for 50,000 tokens)
/// and shared by all grammars and sessions. Immutable, thread-safe.
///
/// A token stands for its piece, a control token for its name, up to the first NUL if there is one, as in llama.cpp.
/// Tokens that end a generation are allowed where the grammar is complete and nowhere else; those without a text never
/// are.
public final class GrammarVocabulary {
    /// Regions of the trie: tokens with characters that are not plain, those of a few plain ones, and of more.
    static final int OTHER = 0;
    static final int PLAIN = 1;
    static final int LONG_PLAIN = 2;
    /// How many characters those of a few have at most.
    static final int FEW_CHARACTERS = 16;

    private static final int REGIONS = 3;
    private static final int KEPT_GRAMMARS = 16;
    private static final List<WeakReference<GrammarVocabulary>> MADE = new ArrayList<>();

    private final Vocabulary vocabulary;
    private final int size;
    private final byte[][] texts;
    private final TokenTrie trie;
    private final long[] ends;
    /// By how many characters at most: those of plain text, the last ones of any length.
    private final long[][] plain = new long[FEW_CHARACTERS + 2][];
    private final TokenMask none;
    private final TokenMask all;
    /// By how many bytes of a character are missing: see [#whole].
    private final long[][] whole = new long[4][];
    /// The last few in use, the last one at the end.
    private final LinkedHashMap<Grammar, CompiledGrammar> compiled = new LinkedHashMap<>(KEPT_GRAMMARS, 0.75f, true);

    private GrammarVocabulary(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        size = vocabulary.size();
        texts = new byte[size][];
        ends = newWords();
        Arrays.setAll(plain, ignored -> newWords());
        IntList[] regions = {new IntList(), new IntList(), new IntList()};
        for (int token = 0; token < size; token++) {
            texts[token] = text(vocabulary, token);
            if (vocabulary.isEndOfGeneration(token)) {
                set(ends, token);
            } else if (texts[token].length > 0) {
                int characters = PlainText.length(texts[token]);
                int region = characters < 0 ? OTHER : characters <= FEW_CHARACTERS ? PLAIN : LONG_PLAIN;
                regions[region].add(token);
                if (region != OTHER) {
                    set(plain(characters), token);
                }
            }
        }
        for (int i = 1; i < plain.length; i++) {
            add(plain[i], plain[i - 1]);
        }
        int[][] tokens = new int[REGIONS][];
        Arrays.setAll(tokens, i -> regions[i].toArray());
        trie = new TokenTrie(texts, tokens);
        none = new TokenMask(size, newWords());
        long[] everything = newWords();
        Arrays.fill(everything, -1L);
        everything[everything.length - 1] >>>= -size;
        all = new TokenMask(size, everything);
    }

    /// The one of a vocabulary; the same object as before while that is in use.
    ///
    /// @throws IllegalArgumentException if the vocabulary knows no texts
    public static GrammarVocabulary of(Vocabulary vocabulary) {
        synchronized (MADE) {
            MADE.removeIf(reference -> reference.refersTo(null));
            for (WeakReference<GrammarVocabulary> reference : MADE) {
                GrammarVocabulary made = reference.get();
                if (made != null && made.vocabulary.equals(vocabulary)) {
                    return made;
                }
            }
            GrammarVocabulary made = new GrammarVocabulary(vocabulary);
            MADE.add(new WeakReference<>(made));
            return made;
        }
    }

    private static byte[] text(Vocabulary vocabulary, int token) {
        byte[] piece = vocabulary.piece(token);
        byte[] text = piece.length > 0 ? piece : vocabulary.text(token);
        for (int i = 0; i < text.length; i++) {
            if (text[i] == 0) {
                return Arrays.copyOf(text, i);
            }
        }
        return text;
    }

    /// How many tokens there are.
    public int size() {
        return size;
    }

    /// A grammar over these tokens; of the last few the same object as before, with what it has learned.
    ///
    /// @throws GrammarException if it refers to a token that is not in the vocabulary
    public CompiledGrammar compile(Grammar grammar) {
        synchronized (compiled) {
            CompiledGrammar known = compiled.get(grammar);
            if (known != null) {
                return known;
            }
            CompiledGrammar made = new CompiledGrammar(grammar, this);
            if (compiled.size() == KEPT_GRAMMARS) {
                compiled.remove(compiled.firstEntry().getKey());
            }
            compiled.put(grammar, made);
            return made;
        }
    }

    /// The token that a grammar names, or -1. A control token by its name, any other if the text is it alone.
    int token(TokenReference reference) {
        if (reference.text() == null) {
            return reference.id() < size ? reference.id() : Vocabulary.NO_TOKEN;
        }
        byte[] name = reference.text().getBytes(StandardCharsets.UTF_8);
        for (int token = 0; token < size; token++) {
            if (vocabulary.piece(token).length == 0 && Arrays.equals(texts[token], name)) {
                return token;
            }
        }
        int[] tokens = vocabulary.tokenize(name);
        return tokens.length == 1 ? tokens[0] : Vocabulary.NO_TOKEN;
    }

    /// The text of a token; empty if it has none. Not to be changed.
    byte[] text(int token) {
        return texts[token];
    }

    TokenTrie trie() {
        return trie;
    }

    boolean isEnd(int token) {
        return isSet(ends, token);
    }

    long[] ends() {
        return ends;
    }

    /// The tokens of plain text with at most so many characters, of any length from more than [#FEW_CHARACTERS] on.
    long[] plain(int characters) {
        return plain[Math.min(characters, FEW_CHARACTERS + 1)];
    }

    TokenMask none() {
        return none;
    }

    TokenMask all() {
        return all;
    }

    /// The tokens that a reference may stand for: those that do not end a generation, and whose texts can be read from
    /// within a character.
    ///
    /// @param remaining how many bytes it lacks, 0 to 3
    synchronized long[] whole(int remaining) {
        if (whole[remaining] == null) {
            long[] words = newWords();
            for (int token = 0; token < size; token++) {
                if (!isEnd(token) && Utf8.isReadable(texts[token], 0, texts[token].length, remaining)) {
                    set(words, token);
                }
            }
            whole[remaining] = words;
        }
        return whole[remaining];
    }

    long[] newWords() {
        return new long[size + Long.SIZE - 1 >> 6];
    }

    static void set(long[] words, int token) {
        words[token >> 6] |= 1L << token;
    }

    static boolean isSet(long[] words, int token) {
        return (words[token >> 6] >>> token & 1) != 0;
    }

    static void add(long[] words, long[] more) {
        for (int i = 0; i < words.length; i++) {
            words[i] |= more[i];
        }
    }
}
