// Nucleus size over temperature.

import {count} from "../dom.js";
import {state} from "../state.js";
import {curveLesson} from "./curve.js";
import {slider} from "../slider.js";
import {number, tokens} from "./parts.js";

let topP = 0.9;

export const nucleusLesson = () => curveLesson({
  id: "lesson-nucleus", title: "4. How many tokens top-p keeps",
  text: [
    "Top-p keeps the fewest best tokens that hold the mass p: the nucleus. If the model is sure the nucleus is small, "
      + "and it grows when the model is in doubt; that is its charm over a fixed top-k.",
    "Heat the row first, and the nucleus explodes: the tail's mass grows with every degree. Mind the axis, it is "
      + "logarithmic. So the order of temperature and top-p in a chain is no detail.",
  ],
  label: "A curve: how many tokens top-p keeps over the temperature from 0.05 to 5, with a point at your temperature",
  name: "tokens in the nucleus",
  yAxis: {type: "logarithmic", min: 1, title: {display: true, text: "tokens kept"}, ticks: {
    callback: value => (Number.isInteger(Math.log10(value)) ? count(value) : null),
  }},
  valueOf: point => point.nucleus,
  format: value => count(value),
  controls: refresh => ({
    elements: [slider({
      id: "nucleus-p", label: "Top-p", min: 0.01, max: 1, step: 0.01, value: topP,
      onInput: value => {
        topP = value;
        refresh();
      },
    }).element],
    topP: () => topP,
  }),
  sentence: ({at, points}) => `After temperature ${number(at.temperature)}, top-p ${topP} keeps ${
    tokens(at.nucleus)} of ${count(state.model?.vocabulary ?? 0)}. After temperature 5 it keeps ${
    count(points.at(-1).nucleus)}.`,
});
