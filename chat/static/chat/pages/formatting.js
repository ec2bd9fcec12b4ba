/** Formats of what one writes, and the bar that offers them. Loaded when one is first wanted. */

import { button } from "../lib/elements.js";
import { inReadingOrder } from "../lib/input.js";

/** Signs of markup that stand on both sides of words. */
const SIGNS = { bold: "**", italic: "*", strike: "~~", code: "`", spoiler: "||" };
const IN_BAR = ["bold", "italic", "strike", "code", "spoiler", "quote", "link"];

/**
 * What is to stand there instead of a part of the text. What has the format already loses it.
 * @param {string} text
 * @param {number} start where the selection begins
 * @param {number} end
 * @param {string} format
 * @returns {{from: number, to: number, words: string, start: number, end: number}} `words` take the place of the text
 *   between `from` and `to`; then the selection is from `start` to `end`
 */
export function formatted(text, start, end, format) {
  if (format === "quote") return quoted(text, start, end);
  const selected = text.slice(start, end);
  const from = start + (selected.length - selected.trimStart().length);
  const to = Math.max(from, end - (selected.length - selected.trimEnd().length));
  const words = text.slice(from, to);
  if (format === "link") return linked(words, from, to);
  if (format === "code" && words.includes("\n")) return wrapped(words, from, to, "```\n", "\n```");
  const sign = SIGNS[format];
  const { length } = sign;
  if (endsWithSign(text.slice(0, from), sign) && startsWithSign(text.slice(to), sign)) {
    const [start, end] = [from - length, to - length];
    return { from: start, to: to + length, words, start, end };
  }
  if (words.length > 2 * length && startsWithSign(words, sign) && endsWithSign(words, sign)) {
    const inner = words.slice(length, -length);
    return { from, to, words: inner, start: from, end: from + inner.length };
  }
  return wrapped(words, from, to, sign, sign);
}

function wrapped(words, from, to, before, after) {
  const start = from + before.length;
  return { from, to, words: before + words + after, start, end: start + words.length };
}

/** `*` stands there by itself, or beside the two of bold. */
function startsWithSign(text, sign) {
  const [run] = text.match(/^\**/);
  return sign === "*" ? run.length % 2 === 1 : text.startsWith(sign);
}

function endsWithSign(text, sign) {
  const [run] = text.match(/\**$/);
  return sign === "*" ? run.length % 2 === 1 : text.endsWith(sign);
}

/** Where the words are an address, the words are wanted, and else the address. */
function linked(words, from, to) {
  const isAddress = /^https?:\/\/\S+$/.test(words);
  const at = isAddress ? from + 1 : from + words.length + 3;
  return { from, to, words: isAddress ? `[](${words})` : `[${words}]()`, start: at, end: at };
}

/** Whole lines. */
function quoted(text, start, end) {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const next = text.indexOf("\n", end);
  const to = next < 0 ? text.length : next;
  const lines = text.slice(from, to).split("\n");
  const isQuote = lines.every((line) => line.startsWith("> "));
  const words = lines.map((line) => (isQuote ? line.slice(2) : `> ${line}`)).join("\n");
  return { from, to, words, start: from + words.length, end: from + words.length };
}

/**
 * Give what is selected a format, or where nothing is selected what is written next. It can be undone by Ctrl+Z.
 * @param {HTMLTextAreaElement} input
 * @param {string} format
 */
export function applyFormat(input, format) {
  const { value, selectionStart, selectionEnd } = input;
  const { from, to, words, start, end } = formatted(value, selectionStart, selectionEnd, format);
  input.focus();
  input.setSelectionRange(from, to);
  // `setRangeText` would empty the browser's list of what can be undone.
  if (!document.execCommand("insertText", false, words)) {
    input.setRangeText(words, from, to);
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  input.setSelectionRange(start, end);
}

/**
 * Fill the bar: one stop of the Tab key, with arrow keys inside.
 * @param {HTMLElement} bar
 * @param {HTMLTextAreaElement} input
 * @param {Record<string, string>} strings
 */
export function fillBar(bar, input, strings) {
  const buttons = IN_BAR.map((format, index) => {
    const words = strings[`format_${format}`];
    const one = button("quiet", words, () => applyFormat(input, format));
    one.dataset.format = format;
    one.tabIndex = index ? -1 : 0;
    return one;
  });
  bar.replaceChildren(...buttons);
  // A press must not take the focus, and with it the selection, away.
  bar.addEventListener("mousedown", (event) => event.preventDefault());
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const key = inReadingOrder(event.key, bar);
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[key];
    if (next === undefined) return;
    event.preventDefault();
    buttons[at].tabIndex = -1;
    const to = buttons.at(next % buttons.length);
    to.tabIndex = 0;
    to.focus();
  });
}
