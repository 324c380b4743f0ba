// The lessons, each live on the same engine.

import {el} from "./dom.js";
import {calibrationLesson} from "./lessons/calibration.js";
import {entropyLesson} from "./lessons/entropy.js";
import {fiveLesson} from "./lessons/five.js";
import {limitsLesson} from "./lessons/limits.js";
import {nucleusLesson} from "./lessons/nucleus.js";
import {shiftLesson} from "./lessons/shift.js";
import {softmaxLesson} from "./lessons/softmax.js";

const LESSONS = [softmaxLesson, shiftLesson, entropyLesson, nucleusLesson, fiveLesson, limitsLesson, calibrationLesson];

/** Builds the view. */
export function mount(element) {
  element.append(
    el("p", {class: "hint", text: "Seven short lessons. Every figure is computed by the engine while a slider moves; "
      + "lessons 3 and 4 show the row, and lesson 5 runs the chain, of Explore."}),
    el("div", {class: "lessons"}, ...LESSONS.map(lesson => lesson())));
}
