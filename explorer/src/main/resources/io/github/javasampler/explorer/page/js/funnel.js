// The funnel: how many tokens and how much of the model's mass each stage leaves, and where a token fell out.

import {count, el, percent} from "./dom.js";

/** Shows what `look` answered. */
export function showFunnel(look) {
  const vocabulary = look.raw.count;
  const start = {name: "the row", kept: vocabulary, mass: 1, entropyBits: look.raw.entropyBits, cutRaw: null};
  const steps = [start, ...look.stages];
  const table = el("table", {},
    el("thead", {}, el("tr", {}, ...["Stage", "Tokens", "Mass left", "Cut below"].map(
      text => el("th", {scope: "col", text})))),
    // The first is the row, before all stages.
    el("tbody", {}, ...steps.map((step, i) => row(step, steps[i - 1], vocabulary,
      i > 0 && look.fate?.stage === i - 1))));
  document.getElementById("funnel").replaceChildren(table);
  const fate = document.getElementById("fate");
  document.getElementById("followed").hidden = !look.fate;
  if (look.fate) {
    const {text, cutBy, reason} = look.fate;
    const place = look.token?.rank ? `, number ${count(look.token.rank)} of the row with ${
      percent(look.token.raw)},` : "";
    fate.textContent = cutBy ? `"${text}"${place} was cut by ${cutBy}: ${afterColon(reason)}.`
      : `"${text}"${place} came through all stages, and is drawn with ${percent(look.token?.after ?? 0)}.`;
    fate.dataset.cutBy = cutBy ?? "";
  }
}

function row(step, before, vocabulary, isFate) {
  const idle = before && step.kept === before.kept && step.mass === before.mass;
  const width = el("span", {class: "mass"});
  width.style.width = `${100 * step.mass}%`;
  const tokens = el("span", {class: "tokens"});
  // Tokens by their logarithm: a funnel from 49,152 to 12 would otherwise be a line and a point.
  tokens.style.width = `${100 * Math.log2(1 + step.kept) / Math.log2(1 + vocabulary)}%`;
  const item = el("tr", {class: `${idle ? "idle" : ""}${isFate ? " fate" : ""}`},
    el("th", {scope: "row"}, el("span", {text: step.name}), isFate ? el("span", {class: "tag", text: "cut here"}) : ""),
    el("td", {class: "wide"}, el("span", {class: "funnel-bar"}, tokens), el("span", {class: "figure",
      text: count(step.kept)})),
    el("td", {class: "wide"}, el("span", {class: "funnel-bar"}, width), el("span", {class: "figure",
      text: percent(step.mass)})),
    el("td", {class: "figure", text: step.cutRaw === null || idle ? "" : percent(step.cutRaw)}));
  item.dataset.stage = step.name;
  return item;
}

/** The part of the engine's sentence that says why: its beginning names a token's number, which nobody knows. */
function afterColon(reason) {
  return reason.includes(": ") ? reason.slice(reason.indexOf(": ") + 2) : reason;
}
