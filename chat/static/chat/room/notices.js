/** A line above the composer that only you see: what an act did, or why it was not done. It goes with a press, with
 * the next one, and when you say something. */

import { button, element } from "lobby/lib/elements";

export class Notices {
  #root;
  #strings;
  #onDismiss;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {() => void} options.onDismiss
   */
  constructor(root, { strings, onDismiss }) {
    this.#root = root;
    this.#strings = strings;
    this.#onDismiss = onDismiss;
  }

  /** @param {string} words */
  say(words) {
    this.#show("aside", words);
  }

  /** @param {string} words */
  refuse(words) {
    this.#show("aside refusal", words);
  }

  clear() {
    this.#root.replaceChildren();
  }

  #show(className, words) {
    const notice = element("div", className);
    const text = element("p", "aside-words", words);
    text.dir = "auto";
    const dismiss = button("quiet", "×", () => {
      notice.remove();
      this.#onDismiss();
    });
    dismiss.setAttribute("aria-label", this.#strings.dismiss);
    dismiss.title = this.#strings.dismiss;
    notice.append(element("span", "visually-hidden", this.#strings.only_you), text, dismiss);
    this.#root.replaceChildren(notice);
    if (text.scrollHeight > text.clientHeight) text.tabIndex = 0; // It is scrolled with the keyboard, too.
  }
}
