// Softmax, naive against stable.

import {post} from "../api.js";
import {el} from "../dom.js";
import {slider} from "../slider.js";
import {barTable, frame, number, refresher} from "./parts.js";

const LOGITS = [3, 2, 1, 0.5, -1];
const NAMES = ["A", "B", "C", "D", "E"];

export function softmaxLesson() {
  const view = frame({
    id: "lesson-softmax", title: "1. Softmax: the naive form and the stable one",
    text: [
      "Softmax makes probabilities of logits: the exponential of each, divided by the sum of all. Written down just "
        + "so, in the 32-bit floats that engines use, it breaks: a float ends at 3.4e38, which is exp(88.72).",
      "The stable form subtracts the greatest logit first. The greatest exponential is then exp(0) = 1, and nothing "
        + "can overflow. Add an offset to all five logits and see which form lives.",
    ],
  });
  let offset = 0;
  let nanFrom = 85.72;
  const table = barTable({
    caption: "Probabilities of five logits by both forms", head: "Logit",
    columns: [{title: "Naive, 32-bit", kind: "raw"}, {title: "Stable", kind: "after"}],
  });
  const refresh = refresher(view.article, view, async signal => {
    const answer = await post("api/lessons/softmax", {logits: LOGITS, offset, temperature: 1}, {signal});
    nanFrom = answer.naiveNanFrom;
    table.show(LOGITS.map((logit, i) => ({
      head: `${NAMES[i]} ${number(logit + offset, 5)}`, values: [answer.naive[i], answer.stable[i]],
    })));
    view.say(sentence(answer, offset));
  });
  const control = slider({
    id: "softmax-offset", label: "Offset", min: 0, max: 120, step: 0.1, value: offset,
    onInput: value => {
      offset = value;
      refresh();
    },
  });
  const turn = el("button", {type: "button", text: "To where it turns", onclick: () => {
    offset = Math.ceil(nanFrom * 100) / 100;
    control.set(offset);
    refresh();
  }});
  view.body.append(control.element, el("div", {class: "row"}, turn), table.element);
  return view.article;
}

/** A sum that may have very many digits. */
const large = x => (x < 1e6 ? number(x, 5) : x.toExponential(2).replace("e+", "e"));

function sentence({naive, naiveSum, naiveZeroFrom, naiveNanFrom, stableShift}, offset) {
  const turns = `The naive form gives nothing but zeros from offset ${naiveZeroFrom.toFixed(2)} on, where the sum `
    + `overflows, and NaN from ${naiveNanFrom.toFixed(2)} on, where the greatest logit passes 88.72.`;
  if (naive.includes(null)) {
    const count = naive.filter(p => p === null).length;
    const which = count === 1 ? "The exponential of the greatest logit is" : `The exponentials of ${count} logits are`;
    return `Offset ${number(offset, 5)}: the naive form has turned. ${which} infinite, and infinite by infinite is `
      + `NaN. The stable form subtracts ${number(stableShift, 5)} and does not notice. ${turns}`;
  }
  if (naiveSum === "Infinity") {
    return `Offset ${number(offset, 5)}: each exponential still is a number, but their sum is infinite, so the naive `
      + `form gives 0 to all. ${turns}`;
  }
  return `Offset ${number(offset, 5)}: both forms agree; the naive form's sum is ${large(Number(naiveSum))}. ${turns}`;
}
