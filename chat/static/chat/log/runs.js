/**
 * Messages that were deleted, or that are of blocked people, one after the other: the first one stands for them all
 * until one wants to see each. Those of another day, and those that are new, are apart.
 */

import { button } from "../lib/elements.js";
import { fillCount } from "../lib/strings.js";

/** So many of a kind stand each for themselves. */
const ALONE_MAX = 2;
/** By the class of their entries: the words on the button, with `{count}`. */
const KINDS = { deleted: "run_deleted", folded: "run_blocked" };

export class Runs {
  #list;
  #strings;
  /** The places of the messages that one wants to see. @type {Set<string>} */
  #opened = new Set();

  /**
   * @param {HTMLElement} list of entries
   * @param {Record<string, string>} strings
   */
  constructor(list, strings) {
    this.#list = list;
    this.#strings = strings;
  }

  /** Find them anew: entries were drawn. */
  update() {
    /** @type {HTMLElement[]} */
    const run = [];
    for (const entry of this.#list.children) {
      const kind = kindOf(entry);
      const goesOn = kind && run.length && kindOf(run[0]) === kind && !beginsAnew(entry);
      if (!goesOn) this.#collapse(run.splice(0));
      if (kind) run.push(entry);
    }
    this.#collapse(run);
  }

  /** Show a message that may stand in one. @param {HTMLElement} entry */
  reveal(entry) {
    this.#opened.add(entry.dataset.sequence);
    this.update();
  }

  #collapse(run) {
    const isOpen = run.some(({ dataset }) => this.#opened.has(dataset.sequence));
    const isCollapsed = run.length > ALONE_MAX && !isOpen;
    for (const entry of run.slice(1)) {
      entry.classList.toggle("collapsed", isCollapsed);
      entry.querySelector(":scope > .run")?.remove();
    }
    run[0]?.classList.remove("collapsed");
    const count = isCollapsed ? run.length - 1 : 0;
    if (run.length) this.#count(run[0], count);
  }

  #count(first, count) {
    const before = first.querySelector(":scope > .run");
    const words = count ? fillCount(this.#strings, KINDS[kindOf(first)], count) : "";
    if ((before?.textContent ?? "") === words) return;
    if (!count) return before.remove();
    const shown = before ?? button("run", "", () => this.#open(first));
    shown.textContent = words;
    shown.dataset.control = "run";
    if (!before) first.append(shown);
  }

  #open(first) {
    this.reveal(first);
    first.querySelector(".more").focus({ preventScroll: true });
  }
}

function kindOf({ classList }) {
  return Object.keys(KINDS).find((kind) => classList.contains(kind));
}

function beginsAnew(entry) {
  return entry.querySelector(":scope > :is(.day, .new-line)") !== null;
}
