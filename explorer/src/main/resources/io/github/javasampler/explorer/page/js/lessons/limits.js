// Temperature to 0, and to infinity.

import {post} from "../api.js";
import {bits, el, percent} from "../dom.js";
import {five, NAMES, onFive} from "./logits.js";
import {slider} from "../slider.js";
import {barTable, frame, number, refresher} from "./parts.js";

export function limitsLesson() {
  const view = frame({
    id: "lesson-limits", title: "6. Temperature to 0 and to infinity",
    text: [
      "Temperature divides the logits. Towards 0 their differences grow without bound, and the best token takes all: "
        + "argmax, which is called greedy. Towards infinity the differences vanish, and all tokens are alike: the "
        + "uniform distribution, log2 5 = 2.32 bits for five tokens.",
      "At 0 itself nothing can be divided, so engines take the best token outright. The logits are those of lesson 5.",
    ],
  });
  let temperature = 1;
  const table = barTable({
    caption: "Five tokens at temperature 1 and at yours", head: "Token",
    columns: [{title: "Temperature 1", kind: "raw"}, {title: "Yours", kind: "after"}],
  });
  const refresh = refresher(view.article, view, async signal => {
    const answer = await post("api/lessons/five", {logits: five, chain: `temperature=${temperature}`, token: null},
      {signal});
    const byId = [...answer.tokens].sort((a, b) => a.id - b.id);
    table.show(byId.map(({text, raw, after}) => ({head: text, values: [raw, after]})));
    view.say(sentence(temperature, byId, answer.after.entropyBits));
  });
  const control = slider({
    id: "limits-temperature", label: "Temperature", min: 0.01, max: 100, log: true, value: temperature,
    onInput: value => {
      temperature = value;
      refresh();
    },
  });
  const to = (text, value) => el("button", {type: "button", text, onclick: () => {
    temperature = value;
    control.set(value);
    refresh();
  }});
  onFive(refresh);
  view.body.append(control.element,
    el("div", {class: "row"}, to("0, greedy", 0), to("0.01", 0.01), to("1", 1), to("100", 100)),
    table.element);
  return view.article;
}

function sentence(temperature, tokens, entropyBits) {
  const best = tokens.reduce((a, b) => (b.after > a.after ? b : a));
  const least = Math.min(...tokens.map(token => token.after));
  const most = Math.log2(NAMES.length);
  const figures = `entropy ${bits(entropyBits)} of at most ${bits(most)}`;
  if (temperature === 0) {
    return `Temperature 0: greedy. ${best.text} is the argmax and has all; ${figures}.`;
  }
  const at = `Temperature ${number(temperature)}: `;
  if (entropyBits < 0.01) {
    return `${at}${best.text} has ${percent(best.after)}: as good as the argmax; ${figures}.`;
  }
  if (most - entropyBits < 0.01) {
    return `${at}every token has ${percent(least)} to ${percent(best.after)}: as good as uniform; ${figures}.`;
  }
  return `${at}the best token ${best.text} has ${percent(best.after)}, the least ${percent(least)}; ${figures}.`;
}
