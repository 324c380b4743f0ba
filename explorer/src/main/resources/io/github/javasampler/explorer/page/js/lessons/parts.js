// What the lessons, and Compare, are made of: a frame with a sentence that says what one sees, bars, charts.

import {ApiError} from "../api.js";
import {chart} from "../chart.js";
import {count, el, latest, percent} from "../dom.js";
import {changed, on, state} from "../state.js";

/**
 * The article of a lesson: heading, paragraphs, then what `body` gets, then the sentence of `say` and the error of
 * `fail`. `ok` takes the error away.
 */
export function frame({id, title, text}) {
  const body = el("div", {class: "lesson-body"});
  const now = el("p", {class: "note now", role: "status", "aria-live": "polite"});
  const error = el("p", {class: "error", role: "alert", hidden: true});
  const article = el("article", {class: "panel lesson", id, "aria-labelledby": `${id}-title`},
    el("h2", {id: `${id}-title`, text: title}),
    el("div", {class: "lesson-text"}, ...text.map(paragraph => el("p", {text: paragraph}))),
    body, now, error);
  return {
    article, body,
    say: sentence => {
      // An unchanged sentence is not set again: it would be read out again.
      if (now.textContent !== sentence) {
        now.textContent = sentence;
      }
    },
    fail: e => {
      error.textContent = e.message;
      error.hidden = false;
    },
    ok: () => {
      error.hidden = true;
    },
  };
}

/**
 * A function to call when something has changed that `refresh(signal)` shows. It refreshes at once if the element is
 * on the screen, else when it gets there: what nobody sees costs nothing. Errors go to `view.fail`.
 */
export function refresher(element, view, refresh) {
  let isSeen = false;
  let isStale = true;
  const run = latest(async signal => {
    try {
      await refresh(signal);
      view.ok();
    } catch (e) {
      if (signal.aborted || e.name === "AbortError") {
        return;
      }
      view.fail(e);
      if (!(e instanceof ApiError)) {
        throw e;
      }
    }
  });
  new IntersectionObserver(entries => {
    isSeen = entries.at(-1).isIntersecting;
    if (isSeen && isStale) {
      isStale = false;
      run();
    }
  }, {rootMargin: "200px"}).observe(element);
  return () => {
    if (isSeen) {
      run();
    } else {
      isStale = true;
    }
  };
}

/**
 * A table with a bar in each cell. `columns` are `{title, kind}`; kind is "raw" or "after" for a bar of that colour,
 * "text" for words. Returns the element and `show(rows, scale)`: rows are `{head, values}`, a value a probability, null
 * for NaN, "cut", or the words; a bar is full at `scale`.
 */
export function barTable({caption, head, columns}) {
  const body = el("tbody");
  const element = el("table", {class: "bar-table"},
    el("caption", {class: "visually-hidden", text: caption}),
    el("thead", {}, el("tr", {}, el("th", {scope: "col", text: head}),
      ...columns.map(column => el("th", {scope: "col", text: column.title})))),
    body);

  function newRow() {
    return el("tr", {}, el("th", {scope: "row"}), ...columns.map(({kind}) => (kind === "text"
      ? el("td", {class: "words"})
      : el("td", {}, el("span", {class: "cell"},
        el("span", {class: "track", "aria-hidden": "true"}, el("span", {class: `fill ${kind}`})),
        el("span", {class: "figure"}))))));
  }

  function showCell(cell, kind, value, scale) {
    if (kind === "text") {
      cell.textContent = value;
      return;
    }
    const isNumber = typeof value === "number";
    cell.querySelector(".fill").style.width = `${isNumber ? 100 * Math.min(1, value / scale) : 0}%`;
    const figure = cell.querySelector(".figure");
    figure.textContent = isNumber ? percent(value) : value ?? "NaN";
    figure.classList.toggle("cut", !isNumber);
  }

  return {
    element,
    show: (rows, scale = 1) => {
      while (body.children.length > rows.length) {
        body.lastElementChild.remove();
      }
      while (body.children.length < rows.length) {
        body.append(newRow());
      }
      rows.forEach((row, i) => {
        const [name, ...cells] = body.children[i].children;
        name.textContent = row.head;
        name.title = row.head;
        cells.forEach((cell, j) => showCell(cell, columns[j].kind, row.values[j], scale));
      });
    },
  };
}

/**
 * A chart. `config` is a function that returns Chart.js's configuration; `draw` makes it, and moves its data when it is
 * there. `label` says in words what it shows. Nothing is animated: the figure is to follow the slider.
 */
export function figure(label, config) {
  const canvas = el("canvas", {role: "img", "aria-label": label});
  return {
    element: el("div", {class: "lesson-chart"}, canvas),
    draw: () => {
      const there = Chart.getChart(canvas);
      if (there) {
        there.data = config().data;
        there.update();
      } else {
        chart(canvas, () => {
          const given = config();
          return {...given, options: {...given.options, animation: false}};
        });
      }
    },
  };
}

/** The figures of a chart as a table to unfold. Returns the element and `show(rows)`: rows are lists of texts. */
export function figuresTable(caption, heads) {
  const body = el("tbody");
  return {
    element: el("details", {class: "numbers"}, el("summary", {text: "The figures as a table"}),
      el("table", {}, el("caption", {class: "visually-hidden", text: caption}),
        el("thead", {}, el("tr", {}, ...heads.map(text => el("th", {scope: "col", text})))), body)),
    show: rows => body.replaceChildren(...rows.map(([head, ...cells]) => el("tr", {},
      el("th", {scope: "row", text: head}), ...cells.map(text => el("td", {text}))))),
  };
}

/** Says that a prompt is needed, with a way to it. */
export function promptNeeded(what) {
  return el("div", {class: "needs-prompt"},
    el("p", {text: `${what} There is no prompt yet.`}),
    el("button", {type: "button", text: "Give one in Explore", onclick: () => {
      state.view = "explore";
      changed("view");
      document.getElementById("prompt").focus();
    }}));
}

/** The temperature of the chain of Explore; 1 if it has none. */
export const chainTemperature = () =>
  state.stages.find(stage => stage.key === "temperature" && stage.on)?.values.t ?? 1;

/** Calls `f` when the row or the chain of Explore is another. */
export function onRowOrChain(f) {
  for (const event of ["place", "chain", "seed"]) {
    on(event, f);
  }
}

/** A temperature's axis, logarithmic. */
export const temperatureAxis = {
  type: "logarithmic", min: 0.05, max: 5,
  title: {display: true, text: "temperature"},
  afterBuildTicks: axis => {
    axis.ticks = [0.05, 0.1, 0.2, 0.5, 1, 2, 5].map(value => ({value}));
  },
  ticks: {callback: value => String(value), autoSkip: false, maxRotation: 0},
};

/** So many tokens, in words. */
export const tokens = n => (n === 1 ? "1 token" : `${count(n)} tokens`);

/** A number with as many digits as say something. */
export const number = (x, digits = 3) => String(Number(x.toPrecision(digits)));
