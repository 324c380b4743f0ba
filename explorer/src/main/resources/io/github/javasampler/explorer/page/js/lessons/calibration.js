// Calibration by temperature scaling.

import {ApiError, stream} from "../api.js";
import {colour} from "../chart.js";
import {bits, count, el, percent} from "../dom.js";
import {figure, figuresTable, frame, number} from "./parts.js";

const TEXT = `The lighthouse keeper's cottage had stood empty for eleven years before the university bought it. Nobody
in the village could say why a department of marine biology needed a house on a rock, and the professor who came to look
at it did not explain. She walked around the building twice, wrote a few words in a small green notebook, and asked
whether the roof leaked in winter. It did, of course. Every roof on that coast leaks in winter, because the wind comes
from the side and carries the rain upwards under the slates.

By the end of the following summer the roof was new, the kitchen had become a laboratory, and four students had moved
into the rooms upstairs. They measured the temperature of the water every six hours, day and night, and counted what
lived in it. At first the people of the village laughed about the lamps that wandered along the shore at midnight. Then
the fishermen began to ask for the numbers, because the numbers told them where the herring would be, and by the second
winter somebody always brought a warm loaf of bread when the weather was too bad for the boat.`
  // Lines end here for the reader of this file only.
  .replace(/([^\n])\n(?!\n)/g, "$1 ");

export function calibrationLesson() {
  const view = frame({
    id: "lesson-calibration", title: "7. Is the model as sure as it says?",
    text: [
      "A model is calibrated if, of all the tokens that it gives 70 %, seven of ten do come. Here it predicts each "
        + "token of a text from those before it. The diagram puts its predictions into bins by their confidence and "
        + "shows how often each bin was right: on the diagonal all is well, below it the model is too sure of itself.",
      "One number can mend much of that: a temperature that divides all logits. It is fitted on the first half of the "
        + "text and judged on the second, so that it is not judged by what it has seen. The best token stays the best, "
        + "so the accuracy stays as it is. With a few hundred tokens the figure is noisy: a bin of five predictions "
        + "says little.",
    ],
  });
  view.article.classList.add("wide-lesson");
  let result = null;
  let running = null;

  const text = el("textarea", {id: "calibration-text", rows: 8, maxlength: 20_000, spellcheck: "false", value: TEXT});
  const start = el("button", {type: "button", class: "primary", text: "Measure", onclick: run});
  const stop = el("button", {type: "button", text: "Stop", disabled: true, onclick: () => running?.abort()});
  const bar = el("progress", {max: 1, value: 0, "aria-label": "How much of the text is predicted"});
  const state = el("span", {class: "hint"});
  const before = diagram("Before", "raw", () => result?.before);
  const after = diagram("After", "after", () => result?.after);
  const figures = el("dl", {class: "figures"});
  const table = figuresTable("Accuracy in each bin of confidence, before and after",
    ["Confidence", "Predictions", "Right", "Predictions after", "Right after"]);
  const shown = el("div", {hidden: true}, figures, el("div", {class: "pair"}, before.element, after.element),
    el("p", {class: "hint", text: "Pale bars stand for fewer than five predictions."}), table.element);
  const progress = el("div", {class: "row", hidden: true}, bar, state);

  async function run() {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    start.disabled = true;
    stop.disabled = false;
    progress.hidden = false;
    show(0, 1);
    view.say("");
    view.ok();
    text.removeAttribute("aria-invalid");
    try {
      await stream("api/lessons/calibration", {text: text.value}, {signal: mine.signal, onEvent: (name, data) => {
        if (name === "progress") {
          show(data.done, data.of);
        } else if (name === "done") {
          result = data;
          showResult();
        }
      }});
    } catch (e) {
      if (mine.signal.aborted) {
        view.say("Stopped.");
      } else {
        view.fail(e);
        text.setAttribute("aria-invalid", "true");
        if (!(e instanceof ApiError)) {
          throw e;
        }
      }
    } finally {
      start.disabled = false;
      stop.disabled = true;
      progress.hidden = true;
    }
  }

  function show(done, of) {
    bar.max = of;
    bar.value = done;
    state.textContent = done === 0 ? "Reading the text \u2026" : `${done} of ${of} tokens predicted`;
  }

  function showResult() {
    shown.hidden = false;
    figures.replaceChildren(
      pair("Calibration error (ECE)", percent(result.before.ece), percent(result.after.ece)),
      pair("Surprise a token (NLL)", bits(result.before.nllBits), bits(result.after.nllBits)),
      pair("Best token right", percent(result.before.accuracy), percent(result.after.accuracy)),
      el("div", {}, el("dt", {text: "Temperature found"}),
        el("dd", {}, el("strong", {text: number(result.temperature)}))));
    before.draw();
    after.draw();
    table.show(result.before.bins.map((bin, i) => {
      const scaled = result.after.bins[i];
      return [`${Math.round(100 * bin.from)}\u2013${Math.round(100 * bin.to)} %`, count(bin.count), share(bin),
        count(scaled.count), share(scaled)];
    }));
    view.say(sentence(result));
  }

  view.body.append(
    el("label", {for: "calibration-text", text: "Text, 64 to 1024 tokens"}), text,
    el("div", {class: "row"}, start, stop), progress, shown);
  return view.article;
}

function pair(name, before, after) {
  return el("div", {}, el("dt", {text: name}), el("dd", {}, el("span", {text: before, title: "before"}),
    el("span", {class: "arrow", text: "\u2192", "aria-hidden": "true"}),
    el("span", {class: "after-figure", text: after, title: "after"})));
}

function share(bin) {
  return bin.count === 0 ? "\u2013" : percent(bin.accuracy);
}

/** The accuracy of each bin, the diagonal on which it should lie, and the bin's mean confidence as points. */
function diagram(title, colourName, figuresOf) {
  const chart = figure(
    `Reliability diagram, ${title.toLowerCase()}: accuracy of each tenth of confidence, beside the diagonal`, () => {
      const bins = figuresOf()?.bins ?? [];
      return {
        data: {
          labels: bins.map(bin => (bin.from + bin.to) / 2),
          datasets: [
            {
              type: "bar", label: "accuracy", order: 2, barPercentage: 1, categoryPercentage: 0.9, grouped: false,
              pointStyle: "rect",
              data: bins.map(bin => (bin.count === 0 ? null : 100 * bin.accuracy)),
              // A bin of few predictions says little, and is pale.
              backgroundColor: bins.map(bin => colour(colourName) + (bin.count < 5 ? "66" : "")),
            },
            {
              type: "line", label: "calibrated", order: 1, data: bins.map(bin => 50 * (bin.from + bin.to)),
              borderColor: colour("accent"), backgroundColor: colour("accent"), borderDash: [6, 4], borderWidth: 2,
              pointRadius: 0, pointStyle: "line",
            },
          ],
        },
        options: {
          scales: {
            x: {
              title: {display: true, text: "confidence, per cent"}, grid: {display: false},
              ticks: {callback: (_, i) => `${10 * i + 5}`, maxRotation: 0},
            },
            y: {min: 0, max: 100, title: {display: true, text: "right, per cent"}},
          },
          plugins: {
            legend: {labels: {color: colour("ink"), usePointStyle: true}},
            tooltip: {callbacks: {
              title: items => `confidence ${10 * items[0].dataIndex} to ${10 * items[0].dataIndex + 10} %`,
              label: item => `${item.dataset.label}: ${item.parsed.y.toFixed(1)} %`,
              afterLabel: item => (item.datasetIndex === 0
                ? `${figuresOf().bins[item.dataIndex].count} predictions` : ""),
            }},
          },
        },
      };
    });
  return {element: el("div", {}, el("h3", {text: title}), chart.element), draw: chart.draw};
}

function sentence({tokens, fittedOn, judgedOn, temperature, before, after}) {
  const kind = temperature > 1.02 ? "above 1: the model is too sure of itself here"
    : temperature < 0.98 ? "below 1: the model is too timid here"
      : "close to 1: the model is about as sure as it should be";
  const direction = after.ece < before.ece ? "falls" : "rises";
  const honest = after.ece < before.ece
    ? "" : " That happens with so few tokens: what fits one half best need not suit the other.";
  return `The text has ${tokens} tokens. The first ${fittedOn} predictions fitted the temperature ${
    number(temperature)}, ${kind}. On the other ${judgedOn} the calibration error ${direction} from ${
    percent(before.ece)} to ${percent(after.ece)}, and the surprise goes from ${bits(before.nllBits)} to ${
      bits(after.nllBits)} a token.${honest}`;
}
