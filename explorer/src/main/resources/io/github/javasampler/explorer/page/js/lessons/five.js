// Five logits to edit, under the chain of Explore.

import {post} from "../api.js";
import {bits, el} from "../dom.js";
import {chainText} from "../state.js";
import {five, NAMES, onFive, setFive} from "./logits.js";
import {barTable, frame, onRowOrChain, refresher} from "./parts.js";

export function fiveLesson() {
  const view = frame({
    id: "lesson-five", title: "5. Five logits of your own",
    text: [
      "A vocabulary of five tokens, small enough to check by hand. The chain is that of Explore, run by the same "
        + "engine with the same settings.",
      "Try to make two logits equal, or one far above the others, and see which stage still has something to cut.",
    ],
  });
  const chain = el("code");
  const table = barTable({
    caption: "Five tokens before and after the chain, and which stage cut them", head: "Token",
    columns: [
      {title: "Softmax", kind: "raw"}, {title: "After the chain", kind: "after"}, {title: "Cut by", kind: "text"},
    ],
  });
  const reasons = el("ul", {class: "reasons"});
  const refresh = refresher(view.article, view, async signal => {
    const answer = await post("api/lessons/five", {logits: five, chain: chainText(), token: null}, {signal});
    chain.textContent = chainText() || "empty";
    const byId = [...answer.tokens].sort((a, b) => a.id - b.id);
    const isCut = id => answer.fates[id].cutBy !== null;
    table.show(byId.map(({id, text, raw, after}) => ({
      head: text, values: [raw, isCut(id) ? "cut" : after, answer.fates[id].cutBy ?? "\u2013"],
    })));
    reasons.replaceChildren(...byId.filter(({id}) => isCut(id))
      .map(({id, text}) => el("li", {text: `${text}: ${answer.fates[id].reason.replace(/^token \d+ was /, "")}`})));
    view.say(sentence(answer, byId));
  });
  const fields = NAMES.map((name, i) => el("label", {class: "inline"}, `${name} `, el("input", {
    id: `five-${name}`, type: "number", min: -100, max: 100, step: 0.1, value: five[i],
    oninput: event => {
      const field = event.target;
      const isRight = field.value !== "" && Math.abs(field.valueAsNumber) <= 100;
      field.setAttribute("aria-invalid", String(!isRight));
      if (isRight) {
        setFive(i, field.valueAsNumber);
      }
    },
  })));
  onFive(refresh);
  onRowOrChain(refresh);
  view.body.append(
    el("fieldset", {class: "five"}, el("legend", {text: "Logits, from -100 to 100"}), ...fields),
    el("p", {class: "chain-line"}, "Chain: ", chain), table.element, reasons);
  return view.article;
}

function sentence({fates, raw, after, greedy}, byId) {
  const cuts = new Map();
  for (const {id, text} of byId) {
    const stage = fates[id].cutBy;
    if (stage) {
      cuts.set(stage, [...(cuts.get(stage) ?? []), text]);
    }
  }
  const who = [...cuts].map(([stage, texts]) => `${stage} cuts ${texts.join(", ")}`).join("; ");
  return `${who === "" ? "No stage cuts a token" : who}. Of ${bits(raw.entropyBits)} the chain leaves ${
    bits(after.entropyBits)}, with ${after.kept} of 5 tokens.${greedy ? " Temperature 0 is greedy." : ""}`;
}
