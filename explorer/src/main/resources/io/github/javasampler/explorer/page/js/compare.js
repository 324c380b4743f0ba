// Two chains on one row: how far apart they are, and what each writes with the same seed.

import {ApiError, post, stream} from "./api.js";
import {chainEditor} from "./chain.js";
import {bits, count, el, percent, visible} from "./dom.js";
import {barTable, frame, onRowOrChain, promptNeeded, refresher, tokens} from "./lessons/parts.js";
import {chainText, changed, hasRow, on, place, state} from "./state.js";

/** How many of the best tokens of each chain the server names, and how many are shown. */
const TOP = 20;
/** How many tokens a text gets. */
const LENGTH = 40;

/** Builds the view. */
export function mount(element) {
  const chains = el("section", {class: "panel", "aria-labelledby": "chains-title"});
  const chainA = el("code", {id: "compare-chain-a"});
  const editor = el("div", {id: "chain-b-editor"});
  chains.append(
    el("h2", {id: "chains-title", text: "The chains"}),
    el("h3", {text: "Chain A"}),
    el("p", {class: "chain-line"}, chainA),
    el("p", {class: "hint", text: "It is the chain of Explore, and is changed there."}),
    el("h3", {text: "Chain B"}), editor);
  chainEditor(editor, state.stagesB, () => changed("chainB"), "chain-b");
  element.append(el("div", {class: "columns compare"}, chains, el("div", {}, distance(chainA), texts())));
}

/** The figures and the bars. */
function distance(chainA) {
  const view = frame({
    id: "compare-row", title: "On one row",
    text: ["What both chains make of the next token after your prompt, measured over the whole vocabulary."],
  });
  const needed = promptNeeded("Two chains are compared on the row of a prompt.");
  const figures = el("dl", {class: "figures"});
  const table = barTable({
    caption: "The most probable tokens and their probabilities after each chain", head: "Token",
    columns: [{title: "Chain A", kind: "raw"}, {title: "Chain B", kind: "after"}],
  });
  const refresh = refresher(view.article, view, async signal => {
    chainA.textContent = chainText() || "empty: every token as the model has it";
    needed.hidden = hasRow();
    figures.hidden = !hasRow();
    table.element.hidden = !hasRow();
    if (!hasRow()) {
      view.say("");
      return;
    }
    const answer = await post("api/compare",
      {...place(), chains: [chainText(), chainText(state.stagesB)], top: TOP}, {signal});
    showFigures(figures, answer);
    const best = answer.tokens.slice(0, TOP);
    const share = p => (p === 0 ? "cut" : p);
    table.show(best.map(({text, p}) => ({head: visible(text), values: p.map(share)})),
      Math.max(...best.flatMap(token => token.p)));
    view.say(sentence(answer));
  });
  onRowOrChain(refresh);
  on("chainB", refresh);
  view.body.append(needed, figures, table.element);
  return view.article;
}

function showFigures(figures, {totalVariation, klBits, overlap, kept, both}) {
  const entry = (name, value) => el("div", {}, el("dt", {text: name}), el("dd", {text: value}));
  figures.replaceChildren(
    entry("Total variation", percent(totalVariation)), entry("Overlap", percent(overlap)),
    entry("KL from A to B", bits(klBits[0])), entry("KL from B to A", bits(klBits[1])),
    entry("Tokens kept by A", count(kept[0])), entry("Tokens kept by B", count(kept[1])),
    entry("Kept by both", count(both)));
}

function sentence({totalVariation, klBits, kept, both}) {
  const cut = (one, other, n) =>
    ` KL from ${one} to ${other} is infinite, for ${other} cut ${tokens(n)} that ${one} keeps.`;
  return (totalVariation < 1e-9 ? "Both chains leave the same distribution."
    : `The chains differ by a total variation of ${percent(totalVariation)}: no set of tokens is more probable `
      + "after one than after the other by more than that.")
    + (klBits[0] === null ? cut("A", "B", kept[0] - both) : "")
    + (klBits[1] === null ? cut("B", "A", kept[1] - both) : "");
}

/** Texts of both with the same seed. */
function texts() {
  const view = frame({
    id: "compare-texts", title: "Texts with the same seed",
    text: [`Both chains go on from the same place for ${LENGTH} tokens, with the same uniform numbers. Where the texts `
      + "part, the chains have put different tokens under the same number."],
  });
  let running = null;
  const start = el("button", {type: "button", class: "primary", text: "Write both", onclick: run});
  const stop = el("button", {type: "button", text: "Stop", disabled: true, onclick: () => running?.abort()});
  const sides = ["A", "B"].map(name => {
    const words = el("div", {
      class: "text written", tabindex: "0", role: "region", "aria-label": `Text of chain ${name}`,
    });
    return {name, words, written: [], element: el("div", {}, el("h3", {text: `Chain ${name}`}), words)};
  });
  const pair = el("div", {class: "pair", hidden: true}, ...sides.map(side => side.element));

  async function run() {
    if (!hasRow()) {
      view.fail({message: "There is no prompt yet; give one in Explore."});
      return;
    }
    running?.abort();
    const mine = new AbortController();
    running = mine;
    start.disabled = true;
    stop.disabled = false;
    pair.hidden = false;
    sides.forEach(side => {
      side.written = [];
      side.words.replaceChildren();
    });
    view.ok();
    view.say("Writing \u2026");
    // One after the other: the model has one context, and both would drag it to and fro.
    const from = place();
    const chains = [chainText(), chainText(state.stagesB)];
    try {
      for (const [i, side] of sides.entries()) {
        await stream("api/generate", {...from, chain: chains[i], seed: state.seed, max: LENGTH, alternatives: 0},
          {signal: mine.signal, onEvent: (name, data) => name === "token" && add(side, data)});
      }
      view.say(parting(sides));
    } catch (e) {
      if (running !== mine) {
        return;
      }
      if (mine.signal.aborted) {
        view.say("Stopped.");
      } else {
        view.say("");
        view.fail(e);
        if (!(e instanceof ApiError)) {
          throw e;
        }
      }
    } finally {
      if (running === mine) {
        start.disabled = false;
        stop.disabled = true;
      }
    }
  }

  function add(side, {token}) {
    const index = side.written.length;
    side.written.push(token);
    const [a, b] = sides.map(other => other.written);
    const isParting = side === sides[1] && index === firstDifference(a, b);
    side.words.append(isParting ? mark(token)
      : el("span", {text: token.text, class: token.special ? "special" : null}));
    if (isParting && sides[0].words.children[index]) {
      sides[0].words.children[index].replaceWith(mark(sides[0].written[index]));
    }
  }

  /** What was written with other settings is of no use. */
  function forget() {
    running?.abort();
    running = null;
    start.disabled = false;
    stop.disabled = true;
    pair.hidden = true;
    view.ok();
    view.say("");
  }

  onRowOrChain(forget);
  on("chainB", forget);
  view.body.append(el("div", {class: "row"}, start, stop), pair);
  return view.article;
}

function mark(token) {
  return el("mark", {title: "Here the texts part", text: token.text.trim() === "" ? visible(token.text) : token.text});
}

/** The first place at which the second text, as far as it goes, is another; -1 if there is none. */
function firstDifference(a, b) {
  return b.findIndex((token, i) => a[i]?.id !== token.id);
}

function parting([{written: a}, {written: b}]) {
  const index = firstDifference(a, b);
  if (index < 0) {
    return a.length === b.length ? `Both chains write the same ${tokens(a.length)}.`
      : `Both write the same ${tokens(b.length)}; then B ends, and A goes on.`;
  }
  const quoted = token => (token ? `"${visible(token.text)}"` : "nothing more");
  return `The texts part at token ${index + 1}: the same number falls on ${quoted(a[index])} in A and on ${
    quoted(b[index])} in B. From there on the rows differ, too.`;
}
