/** How many messages mention the reader, and the way to the first of them. */

import { fill } from "../lib/strings.js";
import { capped } from "../state/unread.js";

export class MentionBar {
  #bar;
  #mentions;
  #strings;

  /**
   * @param {HTMLButtonElement} bar
   * @param {object} options
   * @param {import("../state/mentions.js").UnreadMentions} options.mentions
   * @param {Record<string, string>} options.strings
   * @param {(sequence: number) => void} options.onJump
   */
  constructor(bar, { mentions, strings, onJump }) {
    this.#bar = bar;
    this.#mentions = mentions;
    this.#strings = strings;
    mentions.subscribe(() => this.#draw());
    bar.addEventListener("click", () => {
      const { first } = mentions;
      if (first !== undefined) onJump(first);
    });
  }

  #draw() {
    const { count } = this.#mentions;
    this.#bar.hidden = count === 0;
    const words = count ? fill(this.#strings.mentions_unread, { count: capped(count) }) : "";
    const shown = this.#bar.querySelector(".words");
    if (shown.textContent !== words) shown.textContent = words;
  }
}
