// Shift invariance.

import {post} from "../api.js";
import {slider} from "../slider.js";
import {barTable, frame, number, refresher} from "./parts.js";

const LOGITS = [3, 2, 1, 0.5, -1];
const NAMES = ["A", "B", "C", "D", "E"];

export function shiftLesson() {
  const view = frame({
    id: "lesson-shift", title: "2. Only differences count",
    text: [
      "Add one number c to every logit, and every exponential is multiplied by exp(c). The factor stands in the "
        + "numerator and in the sum below it, and cancels. So a logit alone says nothing; how far it lies above "
        + "another says all.",
      "That is why the stable form may subtract the greatest, and why stages can compare logits without a softmax.",
    ],
  });
  let offset = 0;
  let unshifted = null;
  const table = barTable({
    caption: "Five logits with the offset, and their probabilities", head: "Token",
    columns: [{title: "Logit", kind: "text"}, {title: "Stable softmax", kind: "after"}],
  });
  const ask = (value, signal) =>
    post("api/lessons/softmax", {logits: LOGITS, offset: value, temperature: 1}, {signal});
  const refresh = refresher(view.article, view, async signal => {
    unshifted ??= (await ask(0, signal)).stable;
    const {stable, stableShift} = await ask(offset, signal);
    table.show(LOGITS.map((logit, i) => ({head: NAMES[i], values: [number(logit + offset, 5), stable[i]]})));
    const change = Math.max(...stable.map((p, i) => Math.abs(p - unshifted[i])));
    view.say(`With ${number(offset, 5)} added, the greatest logit is ${number(stableShift, 5)}. No bar has moved: the `
      + `greatest difference is ${change < 1e-12 ? "below 1e-12" : change.toExponential(1)}, for exp(${
        number(offset, 5)}) cancels.`);
  });
  const control = slider({
    id: "shift-offset", label: "Offset", min: -50, max: 50, step: 0.5, value: offset,
    onInput: value => {
      offset = value;
      refresh();
    },
  });
  view.body.append(control.element, table.element);
  return view.article;
}
