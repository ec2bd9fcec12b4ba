/** The day of what stands at the top of the log, and its author: they stay in sight while they stand further up. */

import { firstVisible } from "./log_scroll.js";

/** Between the top of a line of a day and that of the label, where one takes the place of the other. */
const LABEL_PX = 7;

export class DayAtTop {
  #label;
  #log;

  /**
   * @param {HTMLElement} label stands over the log
   * @param {HTMLElement} log
   */
  constructor(label, log) {
    this.#label = label;
    this.#log = log;
  }

  /** Show the day as the log stands now. The next one pushes it out. */
  show() {
    const top = this.#log.getBoundingClientRect().top + this.#label.offsetTop - LABEL_PX;
    const days = [...this.#log.querySelectorAll(".day")];
    const tops = days.map((day) => day.getBoundingClientRect().top - top);
    const at = tops.findLastIndex((above) => above < 0);
    const words = days[at]?.textContent ?? "";
    if (this.#label.textContent !== words) this.#label.textContent = words;
    const left = (tops[at + 1] ?? Infinity) - this.#label.offsetHeight;
    this.#label.style.setProperty("--pushed", `${Math.min(0, left)}px`);
    const entry = firstVisible(this.#log, this.#log.querySelector(".entries").children);
    const isNamed = !entry?.classList.contains("continues");
    this.#label.dataset.author = isNamed ? "" : entry.querySelector(".author").textContent;
  }
}
