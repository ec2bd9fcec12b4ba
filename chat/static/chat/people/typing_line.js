/** "Bob is typing…", in a line that is there whether somebody types or not. */

import { element } from "lobby/lib/elements";
import { fillNodes } from "lobby/lib/strings";

export class TypingLine {
  #line;
  #strings;

  /**
   * @param {HTMLElement} line hidden from screen readers: it would interrupt what is said
   * @param {Record<string, string>} strings
   */
  constructor(line, strings) {
    this.#line = line;
    this.#strings = strings;
  }

  /** @param {string[]} names */
  show(names) {
    this.#line.classList.toggle("moving", names.length > 0);
    this.#line.replaceChildren(...this.#words(names));
  }

  #words(names) {
    const [name, other] = names.map((text) => element("bdi", "", text));
    if (names.length === 0) return [];
    if (names.length === 1) return fillNodes(this.#strings.typing_one, { name });
    if (names.length === 2) return fillNodes(this.#strings.typing_two, { name, other });
    return [this.#strings.typing_many];
  }
}
