/** The box one writes in: it grows, sends on Enter or by its button, counts near the limit and remembers a draft. */

import { codePoints, isComposing, isSendingKey, trimmed } from "../lib/input.js";
import { fill } from "../lib/strings.js";
import { typeAnywhere } from "./writing_keys.js";

/** The counter appears when this few code points are left. */
const COUNTER_FROM = 200;
/** The counter is read out when it comes to one of these, and when the text becomes too long. */
const ANNOUNCED_AT = [20, 50, COUNTER_FROM];

export class Composer {
  /** What is half written. */
  draft;
  #form;
  #input;
  #button;
  #counter;
  #announcer;
  #strings;
  #attachments;
  #limit = 4000;
  #onSend;
  #onUp;
  #onEscape;
  /** The draft, while another text has its place. */
  #kept = /** @type {string|null} */ (null);
  #isClosed = false;
  #placeholder;
  #sendWord;

  /**
   * @param {HTMLFormElement} form
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {import("./draft.js").Draft} options.draft
   * @param {import("./attachments.js").Attachments} options.attachments they make a message without a text
   * @param {(text: string) => void} options.onSend
   * @param {() => void} options.onUp the up arrow was pressed, and nothing is written
   * @param {() => void} options.onEscape
   */
  constructor(form, { strings, draft, attachments, onSend, onUp, onEscape }) {
    this.#form = form;
    this.#input = form.querySelector("textarea");
    this.#button = form.querySelector(".send");
    this.#counter = form.querySelector(".counter");
    this.#announcer = form.querySelector(".counter-told");
    this.#strings = strings;
    this.draft = draft;
    this.#attachments = attachments;
    this.#onSend = onSend;
    this.#onUp = onUp;
    this.#onEscape = onEscape;
    this.#placeholder = this.#input.placeholder;
    this.#sendWord = this.#button.getAttribute("aria-label");
  }

  /**
   * Send what was sent before this script was here. What was only typed, or is too long, joins the draft.
   * @param {string[]} sentEarly what was in the box each time
   */
  start(sentEarly) {
    this.#listen();
    const texts = sentEarly.map(trimmed).filter(Boolean);
    const isTooLong = (text) => codePoints(text) > this.#limit;
    const parts = new Set([this.draft.text, ...texts.filter(isTooLong), this.#input.value]);
    this.write([...parts].filter(Boolean).join("\n"));
    for (const text of texts) if (!isTooLong(text)) this.#onSend(text);
    this.focus();
  }

  /** @param {number} limit code points */
  set limit(limit) {
    this.#limit = limit;
    this.#changed();
  }

  focus() {
    this.#input.focus();
  }

  get text() {
    return this.#input.value;
  }

  /** Where the cursor is. */
  get caret() {
    return this.#input.selectionStart;
  }

  /** Write another text in the draft's place, until it is sent or `restore` is called. */
  replaceDraft(text) {
    this.#kept ??= this.#input.value;
    this.#edits(true);
    this.write(text);
  }

  restore() {
    const kept = this.#kept ?? "";
    this.#kept = null;
    this.#edits(false);
    this.write(kept);
  }

  /** What is written is saved, or sent. */
  #edits(isOn) {
    this.#form.classList.toggle("editing", isOn);
    const word = isOn ? this.#strings.save : this.#sendWord;
    this.#button.setAttribute("aria-label", word);
    this.#button.querySelector(".words").textContent = word;
  }

  /** Nothing can be said here any more. What is written stays. */
  close() {
    this.#isClosed = true;
    this.silence(true);
  }

  /** Nothing can be said while this holds. */
  silence(isOn) {
    const isSilent = this.#isClosed || isOn;
    for (const button of this.#form.querySelectorAll("button")) button.disabled = isSilent;
    this.#input.readOnly = isSilent;
    this.#input.placeholder = isSilent ? "" : this.#placeholder;
  }

  #listen() {
    typeAnywhere(this.#input);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#input.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || isComposing(event)) return;
      if (event.key === "Escape") this.#onEscape();
      if (event.key === "ArrowUp" && this.#input.value === "" && !this.#input.readOnly) {
        event.preventDefault();
        this.#onUp();
      }
      if (!isSendingKey(event)) return;
      event.preventDefault();
      if (!event.repeat) this.#send();
    });
    this.#input.addEventListener("input", () => this.#changed());
    // A tap on the button must not close the phone's keyboard.
    this.#button.addEventListener("mousedown", (event) => event.preventDefault());
  }

  #send() {
    const text = trimmed(this.#input.value);
    const isEditing = this.#kept !== null;
    const { isEmpty, hasFailed } = this.#attachments;
    if (this.#button.disabled || (!text && (isEmpty || isEditing))) return;
    if (codePoints(text) > this.#limit || (hasFailed && !isEditing)) return this.#refuse();
    this.write("");
    this.#onSend(text);
    this.focus();
  }

  /** Put a text where one writes. */
  write(text) {
    this.#input.value = text;
    this.#changed();
  }

  /** Put something where the cursor is. */
  insert(text) {
    this.focus();
    const { selectionStart, selectionEnd } = this.#input;
    this.#input.setRangeText(text, selectionStart, selectionEnd, "end");
    this.#input.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  #refuse() {
    this.#form.classList.remove("refused");
    // Read a size between the two, so that the animation starts again.
    this.#form.getBoundingClientRect();
    this.#form.classList.add("refused");
    this.focus();
  }

  #changed() {
    this.draft.text = this.#kept ?? this.#input.value;
    if (this.draft.edit) this.draft.edit = { ...this.draft.edit, text: this.#input.value };
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
    this.#announce(isTooLong ? 0 : ANNOUNCED_AT.find((limit) => left <= limit));
  }

  /** @param {number|undefined} mark the last one that was passed */
  #announce(mark) {
    const key = String(mark ?? "");
    if (this.#announcer.dataset.mark === key) return;
    this.#announcer.dataset.mark = key;
    this.#announcer.textContent = key && this.#counter.textContent;
  }

  #grow() {
    if (CSS.supports("field-sizing", "content")) return; // It grows by itself.
    this.#input.style.height = "auto";
    this.#input.style.height = `${this.#input.scrollHeight}px`;
  }
}
