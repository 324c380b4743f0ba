// What every view needs to build its part of the page. Nothing here reads HTML from a string: texts of tokens are
// whatever a model says, and only textContent takes them as text.

/**
 * A new element. Props: `class`, `text`, `dataset` (an object), `on` plus an event's name in any case
 * (`onclick`, `onInput`: a function), and every other attribute by its name; `true` sets it empty, `false`, `null` and
 * `undefined` leave it out. `value`, `checked`, `disabled` and `selected` are set as properties, for that is what the
 * page shows. Children are nodes or strings; `null`, `undefined` and `false` are left out.
 */
export function el(tag, props, ...children) {
  const element = document.createElement(tag);
  // A slider clips its value to the bounds it has at that moment: the value comes after them, whatever the order.
  let value;
  for (const [name, given] of Object.entries(props ?? {})) {
    if (given === null || given === undefined) {
      continue;
    }
    if (name === "class") {
      element.className = given;
    } else if (name === "text") {
      element.textContent = given;
    } else if (name === "dataset") {
      Object.assign(element.dataset, given);
    } else if (name.startsWith("on") && typeof given === "function") {
      element.addEventListener(name.slice(2).toLowerCase(), given);
    } else if (name === "value") {
      value = given;
    } else if (name === "checked" || name === "disabled" || name === "selected") {
      element[name] = given;
    } else if (given !== false) {
      element.setAttribute(name, given === true ? "" : String(given));
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  if (value !== undefined) {
    if (tag === "li" || tag === "button" || tag === "progress" || tag === "meter" || tag === "data") {
      element.setAttribute("value", String(value));
    } else {
      element.value = value;
    }
  }
  return element;
}

/** A probability in per cent: `12.3 %`, `0.45 %`, `0 %`, and `< 0.01 %` for what would round to nothing. */
export function percent(p) {
  if (p === null || p === undefined || Number.isNaN(p)) {
    return "NaN";
  }
  const hundredfold = p * 100;
  if (hundredfold === 0) {
    return "0 %";
  }
  if (hundredfold < 0.01) {
    return "< 0.01 %";
  }
  if (hundredfold >= 99.95 && p < 1) {
    return hundredfold > 99.99 ? "> 99.99 %" : `${hundredfold.toFixed(2)} %`;
  }
  return `${hundredfold.toFixed(hundredfold < 1 ? 2 : 1)} %`;
}

/** A quantity of information: `2.32 bits`; what is not finite is said as such. */
export function bits(x) {
  if (x === null || x === undefined || x === Infinity) {
    return "infinite";
  }
  // Not -0.00: an entropy of a single token may come out a hair below zero.
  const rounded = Math.abs(x) < 0.005 ? (Math.abs(x) < 1e-9 ? "0" : x.toFixed(4)) : x.toFixed(2);
  return `${rounded} bits`;
}

/** A token's text with its white space made visible: a space at an end as a middle dot, line ends as return arrows. */
export function visible(text) {
  if (text === "") {
    return "\u2205";
  }
  return text
    .replace(/\r\n|\n|\r/g, "\u21b5")
    .replace(/\t/g, "\u21e5")
    .replace(/^ +| +$/g, (spaces) => "\u00b7".repeat(spaces.length));
}

/** A whole number with thin groups, the same in every language of the browser: `49 152`. */
export function count(n) {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

/**
 * Calls of an asynchronous `f(signal, ...arguments)` of which only the newest matters. A call waits for the next frame,
 * so a slider that moves many times between two frames asks once; a call still running then is aborted by its signal.
 * Its AbortError is swallowed, other errors are thrown to whoever waits for the promise. The promise of a call that a
 * newer one overtook resolves to undefined.
 */
export function latest(f) {
  let controller = null;
  return async (...args) => {
    controller?.abort();
    const mine = new AbortController();
    controller = mine;
    // A hidden tab gets no frames: there the call does not wait for one.
    await new Promise((resolve) => (document.hidden ? setTimeout(resolve) : requestAnimationFrame(resolve)));
    if (mine.signal.aborted) {
      return undefined;
    }
    try {
      return await f(mine.signal, ...args);
    } catch (error) {
      if (mine.signal.aborted || error.name === "AbortError") {
        return undefined;
      }
      throw error;
    }
  };
}
