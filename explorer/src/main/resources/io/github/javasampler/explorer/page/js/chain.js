// The editor of a chain: a switch and sliders for each stage, in an order that can be changed.

import {el} from "./dom.js";
import {slider} from "./slider.js";
import {kind} from "./stages.js";
import {state} from "./state.js";

/**
 * Builds the editor of `stages` in `element`; it changes them in place and calls `onChange` each time.
 *
 * @param idPrefix begins all ids, so that a page can hold two editors
 */
export function chainEditor(element, stages, onChange, idPrefix = "chain") {
  const said = el("p", {class: "visually-hidden", role: "status"});
  const list = el("ol", {class: "stages"}, ...stages.map(stage => stageItem(stage, onChange, idPrefix, move)));
  element.replaceChildren(list, said);

  function keys() {
    return [...list.children].map(item => item.dataset.key);
  }

  function reordered() {
    stages.sort((a, b) => keys().indexOf(a.key) - keys().indexOf(b.key));
    onChange();
  }

  function move(item, by) {
    const items = [...list.children];
    const to = items.indexOf(item) + by;
    if (to < 0 || to >= items.length) {
      return;
    }
    list.insertBefore(item, by < 0 ? items[to] : items[to].nextSibling);
    item.querySelector(".grip").focus();
    said.textContent = `${item.dataset.key} is now stage ${to + 1} of ${items.length}.`;
    reordered();
  }

  Sortable.create(list, {handle: ".grip", animation: 120, onEnd: reordered});
}

function stageItem(stage, onChange, idPrefix, move) {
  const {title, about, settings} = kind(stage);
  const id = `${idPrefix}-${stage.key}`;
  const box = el("input", {id, type: "checkbox"});
  box.checked = stage.on;
  const grip = el("button", {
    class: "grip", type: "button", title: "Drag, or use the arrow keys",
    "aria-label": `Move ${title}: arrow up or down`,
  });
  const item = el("li", {class: "stage"},
    el("div", {class: "stage-head"}, grip, box, el("label", {for: id, text: title}),
      el("span", {class: "hint", text: about})),
    ...settings.map(setting => settingRow(stage, setting, `${id}-${setting.key}`, () => switched(true))));
  item.dataset.key = stage.key;
  item.classList.toggle("off", !stage.on);

  function switched(on) {
    stage.on = on;
    box.checked = on;
    item.classList.toggle("off", !on);
    onChange();
  }

  box.addEventListener("change", () => switched(box.checked));
  grip.addEventListener("keydown", event => {
    const by = {ArrowUp: -1, ArrowDown: 1}[event.key];
    if (by) {
      event.preventDefault();
      move(item, by);
    }
  });
  return item;
}

/** Touching it switches the stage on. */
function settingRow(stage, setting, id, onChange) {
  return slider({
    ...setting, id, name: `${kind(stage).title}, ${setting.label}`, whole: setting.step === 1,
    max: setting.max === "vocabulary" ? state.model.vocabulary : setting.max, value: stage.values[setting.key],
    onInput: value => {
      stage.values[setting.key] = value;
      onChange();
    },
  }).element;
}
