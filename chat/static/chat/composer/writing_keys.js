/** Keys by which one writes wherever the focus is, and those that format what is written. */

import { enterSends, hasTouchKeyboard, letEnterSend } from "../lib/input.js";

/** What takes letters itself, or is in front of where one writes. */
const OTHER = "input, textarea, select, dialog, [popover], [contenteditable]";

/**
 * A letter that is typed anywhere in the page goes where one writes, and so does `/`. The space bar is left to buttons
 * and to what scrolls.
 * @param {HTMLTextAreaElement} input
 */
export function typeAnywhere(input) {
  document.addEventListener("keydown", (event) => {
    const { target, key, ctrlKey, metaKey, altKey } = event;
    const isShortcut = (ctrlKey || metaKey || altKey) && !event.getModifierState("AltGraph");
    // An input method says "Process", and a key that waits for a letter to stand on "Dead".
    const writes = ([...key].length === 1 && key !== " ") || key === "Dead" || key === "Process";
    if (event.defaultPrevented || isShortcut || !writes || input.readOnly) return;
    if (!target.closest(OTHER)) input.focus();
  });
}

const FORMATS = { b: "bold", i: "italic", e: "code" };
const FORMATS_WITH_SHIFT = { x: "strike" };

/**
 * Ctrl+B and its like format what is selected; so does the bar, which a button shows, and on a touch screen a selection.
 * @param {HTMLElement} page
 * @param {Record<string, string>} strings
 */
export function offerFormats(page, strings) {
  const input = page.querySelector("#chat-message-input");
  const bar = page.querySelector("#formatting");
  const opener = page.querySelector("#format-button");
  const load = () => import(page.dataset.formatting).catch(() => null); // There is no connection.
  const show = async (isOn) => {
    if (isOn && !bar.childElementCount) (await load())?.fillBar(bar, input, strings);
    bar.hidden = !isOn || !bar.childElementCount;
    opener.setAttribute("aria-expanded", String(!bar.hidden));
  };
  opener.addEventListener("click", () => show(bar.hidden));
  input.addEventListener("keydown", async (event) => {
    const { ctrlKey, metaKey, altKey, shiftKey } = event;
    if (!(ctrlKey || metaKey) || altKey || input.readOnly) return;
    const format = (shiftKey ? FORMATS_WITH_SHIFT : FORMATS)[letterOf(event)];
    if (!format) return;
    event.preventDefault();
    (await load())?.applyFormat(input, format);
  });
  document.addEventListener("selectionchange", () => {
    const isSelected = input.selectionStart < input.selectionEnd;
    if (document.activeElement === input && isSelected && hasTouchKeyboard()) show(true);
  });
}

/** Of a key that writes no Latin letter, the one that stands at its place. */
function letterOf({ key, code }) {
  return (/^[a-z]$/i.test(key) ? key : code.replace("Key", "")).toLowerCase();
}

/**
 * Where one types on a screen, one says whether Enter sends.
 * @param {HTMLInputElement} box
 * @param {HTMLTextAreaElement} input
 */
export function offerEnter(box, input) {
  const show = () => {
    box.checked = enterSends();
    input.enterKeyHint = hasTouchKeyboard() && box.checked ? "send" : "enter";
  };
  box.addEventListener("change", () => {
    letEnterSend(box.checked);
    show();
  });
  show();
}
