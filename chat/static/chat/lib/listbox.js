/** Choices at a field that keeps the focus: the field tells which one is chosen, and a press takes one. */

import { element } from "./elements.js";

export class Listbox {
  #list;
  #input;
  /** The place of the choice; -1: there is none. */
  chosen = -1;

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} input the field
   * @param {(index: number) => void} onTake one was pressed
   */
  constructor(list, input, onTake) {
    this.#list = list;
    this.#input = input;
    input.setAttribute("aria-controls", list.id);
    // A press must not take the focus away before it counts.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", ({ target }) => {
      const row = target.closest("[role=option]");
      if (row) onTake([...list.children].indexOf(row));
    });
  }

  /**
   * @param {(Node|string)[][]} rows what is in each
   * @param {string} prefix of their ids
   */
  show(rows, prefix) {
    this.#list.replaceChildren(...rows.map((parts, index) => option(parts, `${prefix}-${index}`)));
    this.#list.hidden = rows.length === 0;
    this.choose(-1);
  }

  choose(index) {
    this.chosen = index;
    for (const [at, row] of [...this.#list.children].entries())
      row.setAttribute("aria-selected", String(at === index));
    const row = this.#list.children[index];
    row?.scrollIntoView({ block: "nearest" });
    if (row) this.#input.setAttribute("aria-activedescendant", row.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  /** From the last one on to the first. */
  chooseNext() {
    this.choose((this.chosen + 1) % this.#list.children.length);
  }

  chooseBefore() {
    const { length } = this.#list.children;
    this.choose((Math.max(this.chosen, 0) + length - 1) % length);
  }
}

function option(parts, id) {
  const row = element("li", "");
  row.id = id;
  row.setAttribute("role", "option");
  row.append(...parts);
  return row;
}
