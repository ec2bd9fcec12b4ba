/** The list over the box one writes in: arrows choose, Tab or a press takes, Escape sends it away. */

import { element } from "lobby/lib/elements";
import { isComposing } from "lobby/lib/keys";

export class CompletionList {
  #input;
  #list;
  #complete;
  #write;
  /** @type {import("lobby/composer/slash").Completion[]} */
  #choices = [];
  #chosen = -1;

  /**
   * @param {HTMLElement} list
   * @param {object} options
   * @param {HTMLTextAreaElement} options.input
   * @param {(text: string) => import("lobby/composer/slash").Completion[]} options.complete
   * @param {(text: string) => void} options.write
   */
  constructor(list, { input, complete, write }) {
    this.#list = list;
    this.#input = input;
    this.#complete = complete;
    this.#write = write;
    input.setAttribute("aria-controls", list.id);
    input.addEventListener("input", () => this.#show(complete(input.value)));
    input.addEventListener("blur", () => this.close());
    // Before the composer takes the key.
    input.addEventListener("keydown", (event) => this.#pressed(event), { capture: true });
    // A press must not take the focus away before it counts.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", ({ target }) => {
      const row = target.closest("[role=option]");
      if (row) this.#take([...list.children].indexOf(row));
    });
  }

  /** What was written is sent: there is nothing to complete. */
  close() {
    this.#show([]);
  }

  #show(choices) {
    this.#choices = choices;
    this.#list.hidden = choices.length === 0;
    this.#list.replaceChildren(...choices.map(rowOf));
    this.#choose(-1);
  }

  #choose(index) {
    this.#chosen = index;
    for (const [at, row] of [...this.#list.children].entries())
      row.setAttribute("aria-selected", String(at === index));
    const row = this.#list.children[index];
    row?.scrollIntoView({ block: "nearest" });
    if (row) this.#input.setAttribute("aria-activedescendant", row.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #pressed(event) {
    if (this.#list.hidden || isComposing(event) || event.shiftKey) return;
    const { length } = this.#choices;
    const chosen = this.#chosen;
    const deeds = {
      ArrowDown: () => this.#choose((chosen + 1) % length),
      ArrowUp: () => this.#choose((Math.max(chosen, 0) + length - 1) % length),
      Escape: () => this.close(),
      Tab: () => this.#take(Math.max(chosen, 0)),
      // Without a choice, Enter sends what is written.
      ...(chosen >= 0 && { Enter: () => this.#take(chosen) }),
    };
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    deed();
  }

  #take(index) {
    this.#write(this.#choices[index].text);
    this.#show(this.#complete(this.#input.value));
  }
}

function rowOf({ label, about }, index) {
  const row = element("li", "");
  row.id = `completion-${index}`;
  row.setAttribute("role", "option");
  row.append(element("bdi", "completion", label));
  if (about) row.append(" ", element("span", "about", about));
  return row;
}
