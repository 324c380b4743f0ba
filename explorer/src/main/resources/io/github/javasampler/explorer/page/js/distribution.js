// The next token: figures, and a pair of bars for each of the most probable.

import {bits, count, el, percent, visible} from "./dom.js";

/** Shows what `look` answered. `onChoose` gets the token that was chosen. */
export function showDistribution(look, chosen, onChoose) {
  showFigures(look);
  const bars = document.getElementById("bars");
  const focused = bars.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  const scale = Math.max(...look.tokens.map(token => Math.max(token.raw, token.after)));
  bars.replaceChildren(...look.tokens.map(token => bar(token, scale, chosen, onChoose)), tail(look.tail, scale));
  if (focused) {
    bars.querySelector(`[data-id="${focused}"]`)?.focus();
  }
  document.getElementById("micros").textContent = `Explained in ${(look.micros / 1000).toFixed(1)} ms.`;
}

function showFigures({raw, after}) {
  const figures = [
    ["Entropy", bits(raw.entropyBits), bits(after.entropyBits)],
    ["H / Hmax", percent(raw.entropyBits / raw.maxEntropyBits), percent(after.entropyBits / raw.maxEntropyBits)],
    ["Effective vocabulary", tokens(raw.effectiveVocabulary), tokens(after.effectiveVocabulary)],
    ["Tokens kept", count(raw.count), count(after.kept)],
  ];
  document.getElementById("figures").replaceChildren(...figures.map(([name, before, now]) => el("div", {},
    el("dt", {text: name}),
    el("dd", {}, el("span", {class: "raw-figure", text: before, title: "as the model has it"}),
      el("span", {class: "arrow", text: "\u2192", "aria-hidden": "true"}),
      el("span", {class: "after-figure", text: now, title: "after the chain"})))));
}

function tokens(effective) {
  return effective < 100 ? effective.toFixed(1) : count(effective);
}

function bar(token, scale, chosen, onChoose) {
  const isCut = token.after === 0;
  const row = el("button", {
    class: "bar", type: "button", "aria-pressed": String(token.id === chosen),
    "aria-label": `${visible(token.text)}: ${percent(token.raw)}, after the chain ${
      isCut ? "cut" : percent(token.after)}`,
  },
  el("span", {class: "token", text: visible(token.text)}),
  el("span", {class: "tracks"}, track("raw", token.raw / scale), track("after", token.after / scale)),
  el("span", {class: "share"}, el("span", {text: percent(token.raw)}),
    el("span", {class: isCut ? "cut" : "after-figure", text: isCut ? "cut" : percent(token.after)})));
  row.dataset.id = token.id;
  row.dataset.after = token.after;
  row.classList.toggle("is-cut", isCut);
  row.addEventListener("click", () => onChoose(token));
  return row;
}

function tail({count: others, raw, after}, scale) {
  return el("div", {class: "bar tail", dataset: {after}},
    el("span", {class: "token", text: `${count(others)} others`}),
    el("span", {class: "tracks"}, track("raw", Math.min(1, raw / scale)), track("after", Math.min(1, after / scale))),
    el("span", {class: "share"}, el("span", {text: percent(raw)}), el("span", {text: percent(after)})));
}

function track(kind, part) {
  const fill = el("span", {class: `fill ${kind}`});
  fill.style.width = `${100 * part}%`;
  fill.toggleAttribute("data-none", part === 0);
  return el("span", {class: "track"}, fill);
}
