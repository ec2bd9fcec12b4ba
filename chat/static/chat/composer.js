/** The box one writes in: it grows, sends on Enter, counts near the limit and remembers a draft. */

import { isPlainEnter } from "lobby/keys";
import { fill } from "lobby/strings";
import { codePoints, trimmed, typedEarly } from "lobby/text";

/** The counter appears when this few code points are left. */
const COUNTER_FROM = 200;
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

export class Composer {
  #form;
  #input;
  #button;
  #counter;
  #strings;
  #draftKey;
  #limit = 4000;
  #onSend;

  /**
   * @param {HTMLFormElement} form
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {string} options.room
   * @param {(text: string) => void} options.onSend
   */
  constructor(form, { strings, room, onSend }) {
    this.#form = form;
    this.#input = form.querySelector("textarea");
    this.#button = form.querySelector("button");
    this.#counter = form.querySelector(".counter");
    this.#strings = strings;
    this.#draftKey = `lobby:draft:${room}`;
    this.#onSend = onSend;
    const { sent, rest } = typedEarly(this.#input.value);
    this.#input.value = rest || this.#draft;
    this.#listen();
    this.#changed();
    for (const text of sent) onSend(text);
  }

  /** @param {number} limit code points */
  set limit(limit) {
    this.#limit = limit;
    this.#changed();
  }

  focus() {
    this.#input.focus();
  }

  /** Nothing can be said here any more. What is written stays. */
  close() {
    this.#button.disabled = true;
    this.#input.readOnly = true;
  }

  #listen() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#input.addEventListener("keydown", (event) => {
      if (!isPlainEnter(event)) return;
      event.preventDefault();
      if (!event.repeat) this.#send();
    });
    this.#input.addEventListener("input", () => this.#changed());
    // A tap on the button must not close the phone's keyboard.
    this.#button.addEventListener("mousedown", (event) => event.preventDefault());
  }

  #send() {
    const text = trimmed(this.#input.value);
    if (!text || this.#button.disabled) return;
    if (codePoints(text) > this.#limit) return this.#refuse();
    this.#input.value = "";
    this.#changed();
    this.#onSend(text);
    this.focus();
  }

  #refuse() {
    this.#form.classList.remove("refused");
    // Read a size between the two, so that the animation starts again.
    this.#form.getBoundingClientRect();
    this.#form.classList.add("refused");
    this.focus();
  }

  #changed() {
    this.#draft = this.#input.value;
    this.#count();
    this.#grow();
  }

  #count() {
    const text = trimmed(this.#input.value);
    // A text has at least half as many code points as units: most need not be counted.
    const left =
      text.length < this.#limit - COUNTER_FROM ? this.#limit : this.#limit - codePoints(text);
    const isTooLong = left < 0;
    this.#counter.hidden = left > COUNTER_FROM;
    this.#form.classList.toggle("too-long", isTooLong);
    this.#input.setAttribute("aria-invalid", String(isTooLong));
    const words = isTooLong ? this.#strings.characters_too_many : this.#strings.characters_left;
    this.#counter.textContent = fill(words, { count: Math.abs(left) });
  }

  #grow() {
    if (GROWS_BY_ITSELF) return;
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight}px`;
  }

  get #draft() {
    try {
      return sessionStorage.getItem(this.#draftKey) ?? "";
    } catch {
      return "";
    }
  }

  set #draft(text) {
    try {
      if (text) sessionStorage.setItem(this.#draftKey, text);
      else sessionStorage.removeItem(this.#draftKey);
    } catch {
      // Private mode: a draft lives as long as the page.
    }
  }
}
