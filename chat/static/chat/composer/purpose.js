/** What the next text is for, when it is not just said: it answers a message, or takes the place of one. */

import { element } from "lobby/lib/elements";
import { fillNodes } from "lobby/lib/strings";

/** So much of a message is shown to tell which one it is. */
const EXCERPT_MAX = 120;

/** @typedef {{kind: "reply"|"edit", message: import("lobby/state/timeline").Message}} Purpose */

export class PurposeLine {
  #root;
  #words;
  #strings;
  #composer;
  /** @type {Purpose|null} */
  #purpose = null;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {import("lobby/composer/composer").Composer} options.composer
   */
  constructor(root, { strings, composer }) {
    this.#root = root;
    this.#words = root.querySelector(".purpose-words");
    this.#strings = strings;
    this.#composer = composer;
    root.querySelector("button").addEventListener("click", () => this.cancel());
  }

  get isOn() {
    return this.#purpose !== null;
  }

  /** @param {import("lobby/state/timeline").Message} message */
  reply(message) {
    this.cancel();
    this.#begin({ kind: "reply", message });
    const { sequence, author } = message;
    const reply = { sequence, author: { name: author.name }, message: excerpt(message.message) };
    this.#composer.draft.reply = reply;
    const name = element("bdi", "author", message.author.name);
    const text = element("span", "excerpt", excerpt(message.message));
    text.dir = "auto";
    this.#words.replaceChildren(...fillNodes(this.#strings.replying, { name }), " ", text);
  }

  /** @param {import("lobby/state/timeline").Message} message */
  edit(message) {
    this.cancel();
    this.#begin({ kind: "edit", message });
    this.#words.replaceChildren(this.#strings.editing);
    this.#composer.borrow(message.message);
  }

  /** Just say what is written. A text that was being changed makes way for the draft from before. */
  cancel() {
    if (this.#purpose?.kind === "edit") this.#composer.giveBack();
    this.#end();
    this.#composer.focus();
  }

  /** The text is written. @returns {Purpose|null} what it is for; the next one is for nothing special */
  fulfil() {
    const purpose = this.#purpose;
    if (purpose?.kind === "edit") this.#composer.giveBack();
    this.#end();
    return purpose;
  }

  #begin(purpose) {
    this.#purpose = purpose;
    this.#root.hidden = false;
    this.#root.dataset.kind = purpose.kind;
    this.#composer.focus();
  }

  #end() {
    this.#purpose = null;
    this.#composer.draft.reply = undefined;
    this.#root.hidden = true;
  }
}

/** The beginning of a text, on one line. */
export function excerpt(text) {
  const line = text.replace(/\s+/g, " ");
  const points = [...line.slice(0, 2 * EXCERPT_MAX + 2)];
  return points.length > EXCERPT_MAX ? `${points.slice(0, EXCERPT_MAX).join("")}…` : line;
}
