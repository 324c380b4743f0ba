// Entropy over temperature.

import {bits} from "../dom.js";
import {state} from "../state.js";
import {curveLesson} from "./curve.js";
import {chainTemperature, number, tokens} from "./parts.js";

export const entropyLesson = () => curveLesson({
  id: "lesson-entropy", title: "3. Entropy over temperature",
  text: [
    "Entropy measures in bits how open the next token is: 0 if it is certain, log2 of the vocabulary if all are alike. "
      + "Two to its power is the effective vocabulary: so many equally probable tokens would be as open.",
    "This is the row of your prompt in Explore. Temperature moves it along an S: flat where one token has it all, "
      + "steep where many come in, flat again where all are in.",
  ],
  label: "A curve: the entropy in bits over the temperature from 0.05 to 5, with a point at your temperature",
  name: "entropy in bits",
  yAxis: {beginAtZero: true, title: {display: true, text: "entropy, bits"}},
  valueOf: point => point.entropyBits,
  format: value => bits(value),
  controls: () => ({elements: [], topP: () => 1}),
  sentence: ({at, points}) => {
    const greedy = chainTemperature() === 0
      ? " Your chain's temperature is 0, greedy: no entropy at all; the curve begins at 0.05." : "";
    const most = Math.log2(state.model?.vocabulary ?? 2);
    return `At temperature ${number(at.temperature)} the next token has ${bits(at.entropyBits)} of at most ${
      bits(most)}: as open as a choice among ${effective(at.effectiveVocabulary)}. At temperature 5 it has ${
        bits(points.at(-1).entropyBits)}.${greedy}`;
  },
});

function effective(size) {
  return size < 100 ? `${size.toFixed(1)} equal tokens` : `${tokens(size)} alike`;
}
