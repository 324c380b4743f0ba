// The page: its three views, and what they have in common.

import {ApiError, get, post} from "./api.js";
import {chainEditor} from "./chain.js";
import {mount as mountCompare} from "./compare.js";
import {showDistribution} from "./distribution.js";
import {count, latest} from "./dom.js";
import {mountDraw} from "./draw.js";
import {showFunnel} from "./funnel.js";
import {mount as mountLessons} from "./lessons.js";
import {commandLine, javaCode} from "./stages.js";
import {branch, chainText, changed, hasRow, on, place, readAddress, readSeed, state} from "./state.js";
import {goOn, mountText, restoreText} from "./text.js";

/** How many tokens the bars show. */
const TOP = 25;
const FIRST_PROMPT = "The capital of France is";
const VIEWS = ["explore", "lessons", "compare"];

const $ = id => document.getElementById(id);
let look = null;
let chosen = null;
let form = "text";

const app = {
  fail,
  /** The draw at each place of the text has its own seed, so that steps don't share one number. */
  drawSeed: () => (state.seed + state.text.length) % 4294967295,
};

const refresh = latest(async signal => {
  if (!hasRow()) {
    return;
  }
  try {
    look = await post("api/look", {...place(), chain: chainText(), top: TOP, token: chosen}, {signal});
  } catch (e) {
    if (e.name !== "AbortError") {
      fail(e);
    }
    return;
  }
  succeed();
  showDistribution(look, chosen, choose);
  showFunnel(look);
  $("greedy").hidden = !look.greedy;
});

/** Follows a token, or no more. */
function choose(token) {
  chosen = chosen === token.id ? null : token.id;
  refresh();
}

function showView() {
  for (const view of VIEWS) {
    $(`view-${view}`).hidden = view !== state.view;
    if (view === state.view) {
      $(`nav-${view}`).setAttribute("aria-current", "page");
    } else {
      $(`nav-${view}`).removeAttribute("aria-current");
    }
  }
}

function showChainText() {
  const forms = {
    text: () => [chainText(), `seed=${state.seed}`].filter(part => part).join(","),
    cli: () => `./sampler generate -p ${quoted(state.prompt)}${state.chat ? "" : " --raw"} \\\n    ${
      commandLine(state.stages, state.seed)}`,
    java: () => javaCode(state.stages, state.seed),
  };
  $("copy-text").textContent = forms[form]();
  $("copy-text").setAttribute("aria-labelledby", `as-${form}`);
  for (const other of Object.keys(forms)) {
    $(`as-${other}`).setAttribute("aria-selected", String(other === form));
    $(`as-${other}`).tabIndex = other === form ? 0 : -1;
  }
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

async function ask() {
  $("view-explore").setAttribute("aria-busy", "true");
  try {
    state.promptTokens = (await post("api/tokenize", {prompt: state.prompt, chat: state.chat})).tokens;
    return true;
  } catch (e) {
    fail(e);
    return false;
  } finally {
    $("view-explore").removeAttribute("aria-busy");
  }
}

function fail(e) {
  $("error").textContent = e.message;
  $("error").hidden = false;
  $("prompt").setAttribute("aria-invalid", String(e.field === "prompt"));
  if (!(e instanceof ApiError)) {
    throw e;
  }
}

function succeed() {
  $("error").hidden = true;
  $("prompt").removeAttribute("aria-invalid");
}

function wire() {
  for (const view of VIEWS) {
    $(`nav-${view}`).addEventListener("click", event => {
      event.preventDefault();
      state.view = view;
      changed("view");
      $("main").focus();
      scrollTo(0, 0);
    });
  }
  $("prompt-form").addEventListener("submit", async event => {
    event.preventDefault();
    state.prompt = $("prompt").value;
    state.chat = $("chat").checked;
    if (await ask()) {
      branch();
      state.text = [];
      state.branches = [];
      chosen = null;
      succeed();
      changed("place");
    }
  });
  $("prompt").addEventListener("keydown", event => {
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      $("prompt-form").requestSubmit();
    }
  });
  $("seed").addEventListener("input", () => {
    state.seed = readSeed($("seed").value);
    changed("seed");
  });
  const tabs = ["text", "cli", "java"];
  for (const tab of tabs) {
    $(`as-${tab}`).addEventListener("click", () => {
      form = tab;
      showChainText();
    });
    $(`as-${tab}`).addEventListener("keydown", event => {
      const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
      if (by) {
        form = tabs[(tabs.indexOf(form) + by + tabs.length) % tabs.length];
        showChainText();
        $(`as-${form}`).focus();
      }
    });
  }
  $("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText($("copy-text").textContent);
    $("copy").textContent = "Copied";
    setTimeout(() => $("copy").textContent = "Copy", 1500);
  });
  $("accept").addEventListener("click", () => goOn(look.fate.id));
  mountText(app);
  mountDraw(app);
  on("view", showView);
  on("place", () => {
    chosen = null;
    showChainText();
    refresh();
  });
  on("chain", () => {
    showChainText();
    refresh();
  });
  on("seed", () => {
    $("seed").value = state.seed;
    showChainText();
    refresh();
  });
}

/** An address that somebody pasted, or went back to. */
addEventListener("hashchange", () => location.reload());

async function start() {
  const ids = readAddress();
  try {
    state.model = await get("api/model");
  } catch (e) {
    fail(e);
    return;
  }
  const {name, vocabulary, context, chat} = state.model;
  $("model").textContent = `${name}, ${count(vocabulary)} tokens, context ${context}`;
  $("chat").disabled = !chat;
  state.prompt ||= FIRST_PROMPT;
  $("prompt").value = state.prompt;
  $("chat").checked = state.chat;
  $("seed").value = state.seed;
  chainEditor($("chain"), state.stages, () => changed("chain"));
  mountLessons($("view-lessons"));
  mountCompare($("view-compare"));
  wire();
  showView();
  if (await ask()) {
    try {
      await restoreText(ids);
    } catch (e) {
      state.text = [];
      fail(e);
    }
  }
  changed("place");
}

start();
