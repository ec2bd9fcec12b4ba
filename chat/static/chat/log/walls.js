/**
 * Long texts are folded. All of a text is in the page: it is read out and found, and unfolds when one goes to a place in
 * it.
 */

import { button } from "../lib/elements.js";

/** A text with more characters or lines than this is long. */
const CHARACTERS_MAX = 1500;
const LINES_MAX = 24;

export class Walls {
  #strings;
  /** Those that one has unfolded, by client_id: they stay so when they are drawn anew. @type {Set<string>} */
  #unfolded = new Set();

  /** @param {Record<string, string>} strings */
  constructor(strings) {
    this.#strings = strings;
  }

  /** @param {HTMLElement} entry @param {import("../state/messages.js").Message} message */
  fold(entry, { client_id, message }) {
    const isLong = message.length > CHARACTERS_MAX || message.split("\n").length > LINES_MAX;
    if (!isLong || this.#unfolded.has(client_id)) return;
    const unfold = () => {
      this.#unfolded.add(client_id);
      if (document.activeElement === all)
        entry.querySelector(".more").focus({ preventScroll: true });
      entry.classList.remove("wall");
      all.remove();
      // Who was at the log's end reads on from here.
      entry.closest("[role=log]")?.dispatchEvent(new Event("scroll"));
    };
    const all = button("show-all", this.#strings.show_all, unfold);
    all.dataset.control = "show all";
    entry.classList.add("wall");
    entry.querySelector(".body").addEventListener("scroll", unfold, { once: true });
    entry.querySelector(".line").after(all);
  }
}
