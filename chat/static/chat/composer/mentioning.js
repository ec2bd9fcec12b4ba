/** `@` and a name, where one writes: who can be meant, and whom a text means. `:` and a name: which emoji. */

import { labelOf, search } from "../lib/emoji_picker.js";
import { folded } from "../lib/input.js";

/** @typedef {{id?: string, name: string}} Named somebody, or everybody who is present, who have no id */

const CHOICES_MAX = 8;
const NAME_MAX = 40;
/** What is written behind an `@` up to the cursor. */
const BEGUN = new RegExp(`(?<![\\p{L}\\p{N}_])@([^\\n@]{0,${NAME_MAX}})$`, "u");

/** The part of a name that stands before the cursor; null: none is being written. */
export function begunName(text, caret = text.length) {
  return text.slice(0, caret).match(BEGUN)?.[1] ?? null;
}

/**
 * @param {string} text all that is written
 * @param {number} caret where the cursor is
 * @param {Named[]} people who can be meant, those first who are most likely
 * @returns {import("./completion.js").Completion[]}
 */
export function mentionCompletions(text, caret, people) {
  const begun = begunName(text, caret);
  if (begun === null) return [];
  const wanted = folded(begun);
  const before = text.slice(0, caret - begun.length);
  const after = text.slice(caret).replace(/^ /, "");
  return people
    .filter(({ name }) => begins(folded(name), wanted))
    .slice(0, CHOICES_MAX)
    .map((person) => {
      const written = `${before}${person.name} `;
      return { label: `@${person.name}`, text: written + after, caret: written.length, person };
    });
}

/**
 * The ids of those whom a text means, for the server, when one was chosen from the list; undefined: it finds them
 * by their names.
 * @param {string} text
 * @param {Named[]} chosen
 * @param {Named[]} people whose names may have been typed
 * @returns {string[]|undefined}
 */
export function mentionedIn(text, chosen, people) {
  const written = folded(text);
  const stands = ({ id, name }) => id && written.includes(`@${folded(name)}`);
  const meant = chosen.filter(stands);
  if (!meant.length) return undefined;
  const isChosen = ({ name }) => meant.some((person) => folded(person.name) === folded(name));
  const isAlone = ({ id, name }) =>
    !people.some((other) => other.id !== id && folded(other.name) === folded(name));
  const typed = people.filter((person) => stands(person) && !isChosen(person) && isAlone(person));
  return [...new Set([...meant, ...typed].map(({ id }) => id))].slice(0, 10);
}

/** Behind a colon that is none of an address, a time or a smiley. */
const BEGUN_EMOJI = /(?<![\p{L}\p{N}:]):([\p{L}\p{N}_+-]{2,30})$/u;

/** The part of an emoji's name that stands before the cursor; null: none is being written. */
export function begunEmoji(text, caret = text.length) {
  return text.slice(0, caret).match(BEGUN_EMOJI)?.[1] ?? null;
}

/**
 * @param {string} text all that is written
 * @param {number} caret where the cursor is
 * @param {import("../lib/emoji_picker.js").Row[]} rows
 * @returns {import("./completion.js").Completion[]}
 */
export function emojiCompletions(text, caret, rows) {
  const begun = begunEmoji(text, caret);
  if (begun === null) return [];
  const before = text.slice(0, caret - begun.length - 1);
  const after = text.slice(caret).replace(/^ /, "");
  return search(rows, begun)
    .slice(0, CHOICES_MAX)
    .map((row) => {
      const written = `${before}${row[0]} `;
      return { label: row[0], about: labelOf(row), text: written + after, caret: written.length };
    });
}

/** Any of its words begins so, or the name itself. */
function begins(name, wanted) {
  return name.startsWith(wanted) || name.includes(` ${wanted}`);
}
