/** What the next text is for, when it is not a new message by itself: it answers a message, or replaces one. */

import { element } from "lobby/lib/elements";
import { excerpt, fillNodes } from "lobby/lib/strings";

/** @typedef {{kind: "reply"|"edit", message: import("lobby/state/messages").Message}} Aim */

export class Target {
  #root;
  #words;
  #strings;
  #composer;
  /** @type {Aim|null} */
  #aim = null;

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
    return this.#aim !== null;
  }

  /** @param {import("lobby/state/messages").Message} message */
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

  /** @param {import("lobby/state/messages").Message} message */
  edit(message) {
    this.cancel();
    this.#begin({ kind: "edit", message });
    this.#words.replaceChildren(this.#strings.editing);
    this.#composer.replaceDraft(message.message);
  }

  /** Just say what is written. A text that was being changed makes way for the draft from before. */
  cancel() {
    if (this.#aim?.kind === "edit") this.#composer.restore();
    this.#end();
    this.#composer.focus();
  }

  /** The text is written. @returns {Aim|null} what it is for; the next one is for nothing special */
  fulfil() {
    const aim = this.#aim;
    if (aim?.kind === "edit") this.#composer.restore();
    this.#end();
    return aim;
  }

  #begin(aim) {
    this.#aim = aim;
    this.#root.hidden = false;
    this.#root.dataset.kind = aim.kind;
    this.#composer.focus();
  }

  #end() {
    this.#aim = null;
    this.#composer.draft.reply = undefined;
    this.#root.hidden = true;
  }
}
