/** What the next text is for. */

import { element } from "../lib/elements.js";
import { hasTouchKeyboard } from "../lib/input.js";
import { fillNodes } from "../lib/strings.js";
import { excerptOf } from "../log/message_body.js";

/**
 * What the next text is for, when it is not a new message by itself: it answers a message, or replaces one.
 * @typedef {{kind: "reply"|"edit", message: import("../state/messages.js").Message}} Aim
 */
export class Target {
  #root;
  #words;
  #strings;
  #composer;
  #timeline;
  /** @type {Aim|null} */
  #aim = null;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {import("./composer.js").Composer} options.composer
   * @param {import("../state/timeline.js").Timeline} options.timeline
   */
  constructor(root, { strings, composer, timeline }) {
    this.#timeline = timeline;
    this.#root = root;
    this.#words = root.querySelector(".purpose-words");
    this.#strings = strings;
    this.#composer = composer;
    root.querySelector("button").addEventListener("click", () => this.cancel());
  }

  get isOn() {
    return this.#aim !== null;
  }

  /** @param {import("../state/messages.js").Message} message */
  reply(message) {
    this.cancel();
    this.#begin({ kind: "reply", message });
    const { sequence, author } = message;
    const reply = { sequence, author: { name: author.name }, message: excerptOf(message) };
    this.#composer.draft.reply = reply;
    const name = element("bdi", "author", message.author.name);
    const text = element("span", "excerpt", reply.message);
    text.dir = "auto";
    this.#words.replaceChildren(...fillNodes(this.#strings.replying, { name }), " ", text);
  }

  /** @param {import("../state/messages.js").Message} message */
  edit(message) {
    this.cancel();
    this.#begin({ kind: "edit", message });
    const { editing, editing_by_touch } = this.#strings;
    this.#words.replaceChildren(hasTouchKeyboard() ? editing_by_touch : editing);
    this.#composer.replaceDraft(message.message);
    const { client_id, sequence, revision, message: text, mentions } = message;
    const { epoch } = this.#timeline.cursor;
    const edit = { client_id, sequence, revision, message: text, mentions, epoch, text };
    this.#composer.draft.edit = edit;
    this.#timeline.mark(client_id);
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
    this.#composer.draft.edit = undefined;
    this.#timeline.mark(undefined);
    this.#root.hidden = true;
  }
}
