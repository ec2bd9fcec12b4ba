/** What a message says: its HTML, with what one can press in it, and its words alone. */

import { authorName } from "../lib/avatar.js";
import { button, element } from "../lib/elements.js";
import { copyText } from "../lib/environment.js";
import { excerpt } from "../lib/strings.js";
import { markMentions } from "./mention_marks.js";
import { nameOf } from "./message_files.js";

const COPIED_MS = 2000;
/** Their lines stand further apart. */
const CJK = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u;

export class MessageBody {
  #strings;
  #colours;
  /** Spoilers that were opened, by message and words: they stay open when the message is drawn anew. */
  #opened = new Set();
  #me;

  /**
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {import("../lib/code_colours.js").CodeColours} options.colours
   * @param {import("../state/me.js").Me} options.me
   */
  constructor({ strings, colours, me }) {
    this.#me = me;
    this.#strings = strings;
    this.#colours = colours;
  }

  /** @param {HTMLElement} body @param {import("../state/messages.js").Message} message */
  fill(body, { html, message, mentions, author, client_id }) {
    // Rendered by the server, which lets nothing but its own tags through, unless it is not there yet.
    body.classList.toggle("cjk", CJK.test(message));
    if (html === null) body.textContent = message;
    else body.innerHTML = html;
    if (html !== null && mentions) markMentions(body, mentions, this.#me.id);
    const action = body.querySelector(":scope > .action");
    const line = action?.querySelector(":scope > p:first-child") ?? action;
    line?.prepend("* ", authorName(author), " ");
    for (const link of body.querySelectorAll("a"))
      if (link.origin === location.origin) link.removeAttribute("target");
    for (const block of body.querySelectorAll("pre")) this.#code(block);
    for (const spoiler of body.querySelectorAll(".spoiler")) this.#spoiler(spoiler, client_id);
  }

  #code(block) {
    const code = block.querySelector("code");
    const { copy, code_copied } = this.#strings;
    const copying = button("copy-code", copy, async () => {
      if (!(await copyText(code.textContent))) return;
      copying.textContent = code_copied;
      setTimeout(() => {
        copying.textContent = copy;
      }, COPIED_MS);
    });
    const frame = element("div", "code");
    block.replaceWith(frame);
    frame.append(block, copying);
    this.#colours.colour(code);
  }

  #spoiler(spoiler, clientId) {
    const words = spoiler.innerHTML;
    const key = `${clientId} ${words}`;
    const open = () => {
      spoiler.innerHTML = words;
      spoiler.className = "spoiler shown";
    };
    if (this.#opened.has(key)) return open();
    const show = button("spoiler", this.#strings.spoiler, () => {
      this.#opened.add(key);
      open();
      spoiler.closest(".entry")?.querySelector(".more")?.focus();
    });
    spoiler.replaceChildren(show);
    spoiler.className = "";
  }
}

/** It was typed as `/me waves`, and is read as "* Alice waves". @param {{html: string|null}} message */
export function isAction({ html }) {
  return html?.startsWith('<div class="action">') ?? false;
}

/** The beginning of what a message says, on one line. */
export function excerptOf(message) {
  return excerpt(wordsOf(message));
}

/** What a message says, as it is read: without markup, and not what is hidden as a spoiler. */
export function wordsOf({ html, message, author, files = [] }) {
  if (!html) return message || files.map(nameOf).join(", ");
  const page = new DOMParser().parseFromString(html.replaceAll("<br>", "\n"), "text/html");
  for (const spoiler of page.querySelectorAll(".spoiler")) spoiler.textContent = "▒▒▒";
  for (const block of page.querySelectorAll("p, li, td, th, pre, h3, h4, h5")) block.append("\n");
  const words = page.body.textContent.trim();
  return isAction({ html }) ? `* ${author.name} ${words}` : words;
}
