// The draw: one uniform number on the cumulative bar, or a thousand of them beside the bars they should follow.

import {post, stream} from "./api.js";
import {chart, colour} from "./chart.js";
import {el, percent, visible} from "./dom.js";
import {goOn} from "./text.js";
import {chainText, on, place, state} from "./state.js";

const MANY = 1000;
/** How many tokens the histogram shows. */
const BINS = 15;

const $ = id => document.getElementById(id);
let drawn = null;
let counting = null;

/** Wires the buttons. */
export function mountDraw(app) {
  $("draw-one").addEventListener("click", () => drawOne(app));
  $("draw-many").addEventListener("click", () => drawMany(app));
  $("draw-accept").addEventListener("click", () => {
    $("draw-accept").disabled = true;
    goOn(drawn.token.id);
  });
  $("step").addEventListener("click", async () => {
    // Two steps at once would be two draws from one row.
    $("step").disabled = true;
    if (await drawOne(app)) {
      await goOn(drawn.token.id);
    } else {
      $("step").disabled = false;
    }
  });
  on("place", forget);
  on("chain", forget);
  on("seed", forget);
}

/** What was drawn from another row or by another chain is of no use. */
function forget() {
  counting?.abort();
  drawn = null;
  $("draw-accept").disabled = true;
  $("drawn").replaceChildren();
  $("drawn-words").textContent = "";
  $("fit").textContent = "";
  $("histogram").hidden = true;
}

async function drawOne(app) {
  try {
    drawn = await post("api/draw", {...place(), chain: chainText(), seed: app.drawSeed()});
  } catch (e) {
    app.fail(e);
    return false;
  }
  const {uniform, token, from, to, bar} = drawn;
  const marker = el("span", {class: "uniform"});
  marker.style.left = `${100 * uniform}%`;
  $("drawn").replaceChildren(el("div", {class: "cumulative", role: "img",
    "aria-label": `All probabilities one after the other, from 0 to 1; the number falls at ${uniform.toFixed(4)}`},
  ...bar.map(piece => {
    const part = el("span", {class: piece.id === token.id ? "part hit" : piece.id < 0 ? "part others" : "part",
      title: `${piece.id < 0 ? "others" : visible(piece.text)}: ${percent(piece.to - piece.from)}`},
    piece.to - piece.from > 0.07 ? (piece.id < 0 ? "others" : visible(piece.text)) : "");
    part.style.left = `${100 * piece.from}%`;
    part.style.width = `${100 * (piece.to - piece.from)}%`;
    return part;
  }), marker), el("div", {class: "axis", "aria-hidden": "true"}, el("span", {text: "0"}), el("span", {text: "1"})));
  $("drawn-words").textContent = `The uniform number ${uniform.toFixed(4)} (seed ${app.drawSeed()}) falls on "${
    visible(token.text)}", which reaches from ${from.toFixed(4)} to ${to.toFixed(4)}.`;
  $("draw-accept").disabled = false;
  return true;
}

async function drawMany(app) {
  counting?.abort();
  counting = new AbortController();
  $("fit").textContent = "";
  try {
    const {signal} = counting;
    const {tokens} = await post("api/look", {...place(), chain: chainText(), top: BINS, token: null}, {signal});
    const bins = tokens.filter(token => token.after > 0).sort((a, b) => b.after - a.after).slice(0, BINS);
    const shares = bins.map(() => 0);
    $("histogram").hidden = false;
    const histogram = showHistogram(bins, shares);
    await stream("api/draws", {...place(), chain: chainText(), seed: app.drawSeed(), count: MANY}, {
      signal,
      onEvent: (name, data) => {
        bins.forEach((token, i) => shares[i] = 100 * (data.counts[token.id] ?? 0) / data.drawn);
        histogram.update();
        $("fit").textContent = name === "done" ? verdict(data) : `${data.drawn} drawn \u2026`;
        $("fit").dataset.p = name === "done" ? data.pValue : "";
      },
    });
  } catch (e) {
    if (e.name !== "AbortError") {
      app.fail(e);
    }
  }
}

function showHistogram(bins, shares) {
  return chart($("histogram-chart"), () => ({
    type: "bar",
    data: {
      labels: bins.map(token => visible(token.text)),
      datasets: [
        {label: "should be", data: bins.map(token => 100 * token.after), backgroundColor: colour("after")},
        {label: "drawn", data: shares, backgroundColor: colour("accent")},
      ],
    },
    options: {
      indexAxis: "y",
      scales: {x: {title: {display: true, text: "per cent"}, beginAtZero: true}, y: {ticks: {autoSkip: false}}},
      plugins: {legend: {labels: {color: colour("ink")}}},
    },
  }));
}

/** What a chi-square says. One honest run in a thousand is called unlikely. */
function verdict({drawn: count, chiSquare, degrees, pValue}) {
  if (degrees === 0) {
    return `All ${count} fell on the one token that is left.`;
  }
  return `${count} drawn: chi-square ${chiSquare.toFixed(1)} at ${degrees} degrees of freedom, p = ${
    pValue.toFixed(3)}. ${pValue < 0.001 ? "Such a difference would be rare by chance: once in a thousand runs."
    : "A difference such as chance makes."}`;
}
