// Five logits that two lessons share: one edits them, the other heats them.

const listeners = [];

export const NAMES = ["A", "B", "C", "D", "E"];
export const five = [3, 2, 1, 0.5, -1];

/** Calls `f` when one of them is another. */
export function onFive(f) {
  listeners.push(f);
}

/** Gives one of them another value. */
export function setFive(index, value) {
  five[index] = value;
  for (const f of listeners) {
    f();
  }
}
