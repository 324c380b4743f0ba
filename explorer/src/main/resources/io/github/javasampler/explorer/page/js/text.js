// The text so far: each token shaded by its probability, what else could have stood there, and ways back and on.

import {post, stream} from "./api.js";
import {el, percent, visible} from "./dom.js";
import {branch, chainText, changed, hasRow, on, otherBranches, place, state} from "./state.js";

/** How many other tokens are named for each. */
const ALTERNATIVES = 6;
const GENERATED = 40;
/** So that the way from a token to its alternatives does not show those of the tokens in between. */
const HOVER_MILLIS = 150;

const $ = id => document.getElementById(id);
let shown = -1;
let hover = 0;
let running = null;
let page = null;

/** Wires the buttons. `app.fail` shows an error. */
export function mountText(app) {
  page = app;
  $("back").addEventListener("click", () => cut(state.text.length - 1));
  $("generate").addEventListener("click", generate);
  $("stop").addEventListener("click", () => running?.abort());
  on("place", showText);
}

/** Goes on with a token, whoever chose it. */
export async function goOn(id) {
  try {
    const token = await tokenAt(state.text.length, id);
    state.text = [...state.text, token];
  } catch (e) {
    page.fail(e);
  }
  changed("place");
}

/** Asks for the tokens whose ids the address held. */
export async function restoreText(ids) {
  state.text = ids.map(id => ({id, text: "\u2026", alternatives: []}));
  for (let i = 0; i < ids.length; i++) {
    state.text[i] = await tokenAt(i, ids[i]);
  }
}

/** A token of the text: what it says, how probable it was at its place, and what else could have stood there. */
async function tokenAt(index, id) {
  const {fate, token, tokens} =
    await post("api/look", {...place(index), chain: chainText(), top: ALTERNATIVES + 1, token: id});
  return {
    id, text: fate.text, special: tokens.some(other => other.id === id && other.special), raw: token.raw,
    after: token.after,
    alternatives: tokens.filter(other => other.id !== id).slice(0, ALTERNATIVES)
      .map(({id: other, text, raw}) => ({id: other, text, p: raw})),
  };
}

/** Goes back to the first `length` tokens; what was there is kept as a branch. */
function cut(length) {
  branch();
  state.text = state.text.slice(0, length);
  shown = -1;
  changed("place");
}

async function generate() {
  running = new AbortController();
  const isRunning = on => {
    for (const id of ["generate", "step", "back", "show"]) {
      $(id).disabled = on;
    }
    $("stop").disabled = !on;
  };
  isRunning(true);
  $("text-status").textContent = "Generating \u2026";
  let stop = "cancelled";
  try {
    await stream("api/generate", {...place(), chain: chainText(), seed: page.drawSeed(), max: GENERATED,
      alternatives: ALTERNATIVES + 1}, {
      signal: running.signal,
      onEvent: (name, data) => {
        if (name === "done") {
          stop = data.stop;
        } else if (name === "token") {
          state.text = [...state.text, {...data.token, raw: data.raw, after: data.after,
            alternatives: data.alternatives.filter(other => other.id !== data.token.id).slice(0, ALTERNATIVES)}];
          showText();
        }
      },
    });
  } catch (e) {
    if (e.name !== "AbortError") {
      page.fail(e);
    }
  } finally {
    isRunning(false);
    running = null;
  }
  $("text-status").textContent = {
    end_of_generation: "The model ended its text.", context_full: "The context is full.", cancelled: "Stopped.",
  }[stop] ?? "";
  changed("place");
}

/** Shows the text, its branches and the alternatives of the token that was chosen last. */
function showText() {
  const focused = document.activeElement?.dataset?.place;
  $("text").replaceChildren(
    ...state.promptTokens.map(({special, text}) => el("span", {class: special ? "prompt special" : "prompt", text})),
    ...state.text.map((token, i) => tokenButton(token, i)));
  if (focused !== undefined) {
    $("text").querySelector(`[data-place="${focused}"]`)?.focus();
  }
  $("back").disabled = running !== null || state.text.length === 0;
  $("step").disabled = $("generate").disabled = running !== null || !hasRow();
  showBranches();
  showAlternatives(shown);
}

function tokenButton(token, i) {
  // No button element: its text would not flow, and a line's end in it not end the line.
  const button = el("span", {
    class: token.special ? "piece special" : "piece", role: "button", tabindex: 0,
    text: token.text.replaceAll("\n", "\u21b5\n"),
    "aria-label": `${visible(token.text)}, ${percent(token.raw)}`, dataset: {place: i},
  });
  button.style.setProperty("--p", String(token.raw ?? 0));
  button.addEventListener("mouseenter", () => {
    hover = setTimeout(() => showAlternatives(i), HOVER_MILLIS);
  });
  button.addEventListener("mouseleave", () => clearTimeout(hover));
  for (const event of ["focus", "click"]) {
    button.addEventListener(event, () => showAlternatives(i));
  }
  return button;
}

function showAlternatives(i) {
  const token = state.text[i];
  const panel = $("alternatives");
  shown = token ? i : -1;
  panel.hidden = !token;
  for (const other of $("text").querySelectorAll(".piece")) {
    other.classList.toggle("chosen", Number(other.dataset.place) === shown);
  }
  if (!token) {
    return;
  }
  panel.replaceChildren(
    el("p", {}, el("strong", {text: visible(token.text)}), ` was ${percent(token.raw)} to the model, ${
      percent(token.after)} after the chain. Instead:`),
    el("div", {class: "row"}, ...token.alternatives.map(other => el("button", {
      type: "button", text: `${visible(other.text)} ${percent(other.p)}`,
      onclick: () => {
        cut(i);
        goOn(other.id);
      },
    })), el("button", {type: "button", text: "Regenerate from here", onclick: () => {
      cut(i);
      state.seed = (state.seed + 1) % 4294967295;
      changed("seed");
      $("generate").click();
    }}), el("button", {type: "button", text: "Go back to here", onclick: () => cut(i)})));
}

function showBranches() {
  const box = $("branches");
  const others = otherBranches();
  box.hidden = others.length === 0;
  box.replaceChildren(el("h3", {text: "Other branches"}), el("ul", {class: "branches"}, ...others.map(text =>
    el("li", {}, el("button", {type: "button", text: shorten(text.map(token => token.text).join("")), onclick: () => {
      branch();
      state.text = text;
      shown = -1;
      changed("place");
    }})))));
}

function shorten(text) {
  const line = visible(text.trim());
  return line.length > 60 ? `${line.slice(0, 59)}\u2026` : line;
}
