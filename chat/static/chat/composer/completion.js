/** The words that can follow a slash where one writes, and the list that completes them. */

import { element } from "../lib/elements.js";
import { folded, isComposing } from "../lib/input.js";
import { Listbox } from "../lib/listbox.js";
import { fill } from "../lib/strings.js";
import { mayLeave, moderates, owns } from "../state/permissions.js";

const anyone = () => true;
const isOffered = ({ offered = false }) => offered;

/** @type {{word: string, needs: (permissions: object) => boolean, takesName?: boolean}[]} */
const COMMANDS = [
  { word: "help", needs: anyone },
  { word: "me", needs: anyone },
  { word: "nick", needs: anyone },
  { word: "topic", needs: moderates },
  { word: "slow", needs: moderates },
  { word: "readonly", needs: moderates },
  { word: "pin", needs: moderates },
  { word: "unpin", needs: moderates },
  { word: "mute", needs: moderates, takesName: true },
  { word: "unmute", needs: moderates, takesName: true },
  { word: "kick", needs: moderates, takesName: true },
  { word: "ban", needs: moderates, takesName: true },
  { word: "unban", needs: moderates, takesName: true },
  { word: "purge", needs: moderates, takesName: true },
  { word: "admit", needs: moderates, takesName: true },
  { word: "dismiss", needs: moderates, takesName: true },
  { word: "mod", needs: owns, takesName: true },
  { word: "unmod", needs: owns, takesName: true },
  { word: "handover", needs: owns, takesName: true },
  { word: "accept", needs: isOffered },
  { word: "decline", needs: (permissions) => isOffered(permissions) || owns(permissions) },
  { word: "leave", needs: mayLeave },
];
const CHOICES_MAX = 8;

/** `/word` with or without more is a command, `//word` and `/etc/passwd` are said. */
export function isCommand(text) {
  return /^\/\p{L}+(\s|$)/u.test(text);
}

/**
 * @typedef {{label: string, text: string, about?: string, caret?: number, person?: object}} Completion `text` is what
 *   stands there then, with the cursor at `caret` or its end; `person` is whom it means
 */

/**
 * What can stand there, for what is written so far.
 * @param {string} text all that is written
 * @param {object} situation
 * @param {import("../state/permissions.js").Permissions} situation.permissions
 * @param {string[]} situation.names of those who are here
 * @param {Record<string, string>} situation.strings
 * @returns {Completion[]}
 */
export function completions(text, { permissions, names, strings }) {
  const [, word, rest] = text.match(/^\/([a-z]*)(?: (.*))?$/s) ?? [];
  if (word === undefined) return [];
  const known = COMMANDS.filter(({ needs }) => needs(permissions));
  if (rest === undefined)
    return known.filter((command) => command.word.startsWith(word)).map(wordOf);
  if (!known.find((command) => command.word === word)?.takesName) return [];
  const begun = folded(rest.replace(/^"/, ""));
  return names
    .filter((name) => folded(name).startsWith(begun) && folded(name) !== begun)
    .slice(0, CHOICES_MAX)
    .map((name) => ({ label: name, text: `/${word} ${quoted(name)} ` }));

  function wordOf(command) {
    const about = strings[`slash_${command.word}`];
    return { label: `/${command.word}`, text: `/${command.word} `, about };
  }
}

/** A name of several words, between quotes. */
function quoted(name) {
  return /\s/.test(name) ? `"${name}"` : name;
}

/** The list over the box one writes in: arrows choose, Tab or a press takes, Escape sends it away. */
export class CompletionList {
  #input;
  #listbox;
  #told;
  #words;
  #complete;
  #write;
  /** @type {Completion[]} */
  #choices = [];

  /**
   * @param {HTMLElement} list
   * @param {object} options
   * @param {HTMLTextAreaElement} options.input
   * @param {HTMLElement} options.told where it is read out how many there are
   * @param {string} options.words for that, with `{count}`
   * @param {(text: string, caret: number) => Completion[]} options.complete
   * @param {(choice: Completion) => void} options.write
   */
  constructor(list, { input, told, words, complete, write }) {
    this.#listbox = new Listbox(list, input, (index) => this.#take(index));
    this.#told = told;
    this.#words = words;
    this.#input = input;
    this.#complete = complete;
    this.#write = write;
    input.addEventListener("input", () => this.refresh());
    input.addEventListener("blur", () => this.close());
    // Before the composer takes the key.
    input.addEventListener("keydown", (event) => this.#pressed(event), { capture: true });
  }

  /** There may be other choices. */
  refresh() {
    if (document.activeElement === this.#input)
      this.#show(this.#complete(this.#input.value, this.#input.selectionStart));
  }

  /** What was written is sent: there is nothing to complete. */
  close() {
    this.#show([]);
  }

  #show(choices) {
    this.#choices = choices;
    this.#listbox.show(choices.map(partsOf), "completion");
    const told = choices.length ? fill(this.#words, { count: choices.length }) : "";
    if (this.#told.textContent !== told) this.#told.textContent = told;
  }

  #pressed(event) {
    if (!this.#choices.length || isComposing(event) || event.shiftKey) return;
    const { chosen } = this.#listbox;
    const actions = {
      ArrowDown: () => this.#listbox.chooseNext(),
      ArrowUp: () => this.#listbox.chooseBefore(),
      Escape: () => this.close(),
      Tab: () => this.#take(Math.max(chosen, 0)),
      // Without a choice, Enter sends what is written.
      ...(chosen >= 0 && { Enter: () => this.#take(chosen) }),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    action();
  }

  #take(index) {
    const choice = this.#choices[index];
    this.#write(choice);
    const caret = choice.caret ?? choice.text.length;
    this.#input.setSelectionRange(caret, caret);
    this.refresh();
  }
}

function partsOf({ label, about }) {
  const parts = [element("bdi", "completion", label)];
  return about ? [...parts, " ", element("span", "about", about)] : parts;
}
