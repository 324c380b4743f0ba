// What the page knows. It stands in the address, so that a reload, a bookmark and the back button keep it.

import {chainText as textOf, stagesFromText, stagesToText, initialStages} from "./stages.js";

/** The most branches that are kept. */
const BRANCHES = 20;

/**
 * `prompt` and `chat` are what was asked, `promptTokens` what became of it. `text` are the tokens since: `{id, text,
 * special, raw, after, alternatives}`. `stagesB` is the second chain of Compare.
 */
export const state = {
  view: "explore", prompt: "", chat: false, promptTokens: [], text: [], branches: [],
  stages: initialStages(), stagesB: [], seed: 42, model: null,
};

const listeners = new Map();

/** Calls `f` when something changes: "place" (the row), "chain", "chainB", "seed", "view". */
export function on(event, f) {
  listeners.set(event, [...(listeners.get(event) ?? []), f]);
}

/** Tells of a change, and writes it into the address. */
export function changed(event) {
  writeAddress();
  for (const f of listeners.get(event) ?? []) {
    f();
  }
}

/** The chain's text, as the server reads it; of the state's own stages if none are given. */
export const chainText = (stages = state.stages) => textOf(stages, state.seed);

/** Whether there is a row. */
export const hasRow = () => state.promptTokens.length > 0;

/** Where in the text the row is; after `length` tokens of the text. */
export const place = (length = state.text.length) => ({
  prompt: state.promptTokens.map(token => token.id),
  text: state.text.slice(0, length).map(token => token.id),
});

/** Keeps the text as it is now as a branch, before it is cut or changed. */
export function branch() {
  if (state.text.length > 0) {
    state.branches = [state.text, ...otherBranches()].slice(0, BRANCHES);
  }
}

/** The branches that are not the text as it is now. */
export const otherBranches = () => state.branches.filter(text => idsOf(text) !== idsOf(state.text));

/** The ids of a text's tokens, as the address has them. */
const idsOf = text => text.map(token => token.id).join(".");

/** Reads the address. Returns the ids of the text, whose tokens are still to be asked for. */
export function readAddress() {
  const address = new URLSearchParams(location.hash.slice(1));
  state.view = ["explore", "lessons", "compare"].includes(address.get("v")) ? address.get("v") : "explore";
  state.prompt = address.get("p") ?? "";
  state.chat = address.get("chat") === "1";
  state.seed = readSeed(address.get("s"));
  state.stages = stagesFromText(address.get("c"));
  state.stagesB = stagesFromText(address.get("b") ?? "temperature=1.5,min_p=0.1");
  return (address.get("t") ?? "").split(".").filter(id => /^\d+$/.test(id)).map(Number);
}

/** A seed of a text, 42 if it is none. */
export function readSeed(text) {
  return /^\d{1,10}$/.test(text ?? "") && Number(text) < 4294967295 ? Number(text) : 42;
}

function writeAddress() {
  const address = new URLSearchParams({v: state.view});
  if (state.prompt) {
    address.set("p", state.prompt);
    address.set("chat", state.chat ? "1" : "0");
  }
  if (state.text.length > 0) {
    address.set("t", idsOf(state.text));
  }
  address.set("c", stagesToText(state.stages));
  address.set("b", stagesToText(state.stagesB));
  address.set("s", String(state.seed));
  history.replaceState(null, "", `#${address}`);
}
