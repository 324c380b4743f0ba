// The one slider of the page.

import {el} from "./dom.js";

/** How finely a logarithmic slider moves. */
const LOG_STEPS = 1000;

/**
 * A slider with a label, and a field for those who know the number. `log` makes its steps equal in the logarithm,
 * `whole` takes whole numbers only; `name` is what a screen reader calls it. Returns the element and `set(value)`,
 * which does not call `onInput`.
 */
export function slider({id, label, name = label, min, max, step, value, log = false, whole = false, onInput}) {
  const range = el("input", {id, type: "range", min: log ? 0 : min, max: log ? LOG_STEPS : max, step: log ? 1 : step});
  const field = el("input", {id: `${id}-number`, type: "number", min, max, step: "any",
    "aria-label": `${name}, as a number`});
  const round = v => (whole ? Math.round(v) : v);
  const toRange = v => (log ? Math.round(LOG_STEPS * Math.log(v / min) / Math.log(max / min)) : v);
  const ofRange = position =>
    round(log ? Number((min * (max / min) ** (position / LOG_STEPS)).toPrecision(3)) : position);

  function set(v) {
    // What lies below the slider's beginning, as 0 does for a logarithm, is shown there.
    range.value = toRange(Math.max(min, v));
    range.setAttribute("aria-valuetext", String(v));
    if (document.activeElement !== field) {
      field.value = v;
    }
  }

  range.addEventListener("input", () => {
    const v = ofRange(Number(range.value));
    set(v);
    onInput(v);
  });
  field.addEventListener("input", () => {
    if (field.value !== "" && Number.isFinite(field.valueAsNumber)) {
      const v = round(Math.min(max, Math.max(min, field.valueAsNumber)));
      set(v);
      onInput(v);
    }
  });
  field.addEventListener("blur", () => {
    field.value = range.getAttribute("aria-valuetext");
  });
  set(value);
  return {element: el("div", {class: "setting"}, el("label", {for: id, text: label}), range, field), set};
}
