// What both lessons on curves over the temperature have in common: the question, and a point that a slider moves.

import {post} from "../api.js";
import {colour} from "../chart.js";
import {on, hasRow, place} from "../state.js";
import {slider} from "../slider.js";
import {chainTemperature, figure, figuresTable, frame, number, promptNeeded, refresher, temperatureAxis}
  from "./parts.js";

const LEAST = 0.05;
const GREATEST = 5;

/**
 * A lesson with a curve over the temperature of the explore view's row.
 *
 * @param valueOf the height of a point of the server's answer
 * @param controls further ones: a function that gets `refresh` and returns `{elements, topP}`
 * @param sentence what one sees: of the answer, whose `at` is the point
 */
export function curveLesson({id, title, text, label, yAxis, name, valueOf, format, controls, sentence}) {
  const view = frame({id, title, text});
  let temperature = clamped(chainTemperature());
  let answer = {points: [], at: null};
  // Which curve is there: when only the point moves, only the point is asked for.
  let drawn = "";
  const further = controls(() => refresh());
  const needed = promptNeeded("This curve is that of the model's own next token.");
  const curve = figure(label, () => ({
    type: "line",
    data: {
      datasets: [
        {
          label: name, data: answer.points.map(point => ({x: point.temperature, y: valueOf(point)})),
          borderColor: colour("after"), backgroundColor: colour("after"), borderWidth: 2, pointRadius: 0,
          pointStyle: "line", order: 2,
        },
        {
          label: "your temperature",
          data: answer.at ? [{x: clamped(answer.at.temperature), y: valueOf(answer.at)}] : [],
          borderColor: colour("accent"), backgroundColor: colour("accent"), pointRadius: 6, pointHoverRadius: 8,
          pointStyle: "rectRot", showLine: false, order: 1,
        },
      ],
    },
    options: {
      interaction: {mode: "nearest", axis: "x", intersect: false},
      scales: {x: temperatureAxis, y: yAxis},
      plugins: {
        legend: {labels: {color: colour("ink"), usePointStyle: true}},
        tooltip: {callbacks: {
          title: items => `temperature ${number(items[0].parsed.x)}`,
          label: item => `${item.dataset.label}: ${format(item.parsed.y)}`,
        }},
      },
    },
  }));
  const table = figuresTable(title, ["Temperature", name]);
  const control = slider({
    id: `${id}-temperature`, label: "Temperature", min: LEAST, max: GREATEST, log: true, value: temperature,
    onInput: value => {
      temperature = value;
      refresh();
    },
  });
  const live = [control.element, ...further.elements, curve.element, table.element];
  const refresh = refresher(view.article, view, async signal => {
    needed.hidden = hasRow();
    live.forEach(element => {
      element.hidden = !hasRow();
    });
    if (!hasRow()) {
      view.say("");
      return;
    }
    const question = {...place(), topP: further.topP()};
    const isNew = JSON.stringify(question) !== drawn;
    const {points, at} = await post("api/lessons/temperature", {...question, at: temperature, curve: isNew}, {signal});
    answer = {points: points ?? answer.points, at};
    curve.draw();
    if (isNew) {
      drawn = JSON.stringify(question);
      table.show(points.filter((_, i) => i % 5 === 0)
        .map(point => [number(point.temperature), format(valueOf(point))]));
    }
    view.say(sentence(answer));
  });
  on("place", () => refresh());
  let ofChain = temperature;
  on("chain", () => {
    // The point goes along with the chain's temperature, but not because of another stage.
    if (clamped(chainTemperature()) !== ofChain) {
      ofChain = clamped(chainTemperature());
      temperature = ofChain;
      control.set(temperature);
      refresh();
    }
  });
  view.body.append(needed, ...live);
  return view.article;
}

function clamped(temperature) {
  return Math.min(GREATEST, Math.max(LEAST, temperature));
}
