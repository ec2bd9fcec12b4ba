/** The field in which one names a room. As one types it offers the rooms that are there, and says whether the name
 * joins one or makes a new one. */

import { element } from "../lib/elements.js";
import { flawOfRoomName, isComposing, trimmed } from "../lib/input.js";
import { fill } from "../lib/strings.js";
import { pathOf } from "./rooms_list.js";

const CHOICES_MAX = 8;
const ASK_MS = 150;

export class RoomField {
  #input;
  #list;
  #hint;
  #strings;
  #names;
  #ask;
  #choosesFirst;
  #askTimer;
  /** What the server found for which text. */
  #found = { query: "", rooms: [] };
  /** @type {string[]} the names that the options lead to */
  #choices = [];
  #chosen = -1;

  /**
   * @param {HTMLFormElement} form
   * @param {object} options
   * @param {Record<string, string>} options.strings
   * @param {() => string[]} options.names the rooms that the page knows
   * @param {(query: string) => void} options.ask ask the server for rooms: the answer goes to `answered`
   * @param {boolean} [options.choosesFirst] Enter takes the first choice, not what is typed
   */
  constructor(form, { strings, names, ask, choosesFirst = false }) {
    this.#input = form.querySelector("input");
    this.#list = form.querySelector("[role=listbox]");
    this.#hint = form.querySelector("[role=status]");
    this.#strings = strings;
    this.#names = names;
    this.#ask = ask;
    this.#choosesFirst = choosesFirst;
    this.#input.setAttribute("role", "combobox");
    this.#input.setAttribute("aria-autocomplete", "list");
    this.#input.setAttribute("aria-controls", this.#list.id);
    this.#show([]);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#go(this.#choices[this.#chosen] ?? trimmed(this.#input.value));
    });
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("blur", () => this.#show([]));
    this.#input.addEventListener("focus", () => this.#refresh());
    this.#input.addEventListener("keydown", (event) => this.#pressed(event));
    // A press must not take the focus away before it counts.
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) => {
      const row = target.closest("[role=option]");
      if (row) this.#go(this.#choices[[...this.#list.children].indexOf(row)]);
    });
    if (this.#input.value && !this.#hint.textContent) this.#typed(); // before this script was here
  }

  /** @param {{query: string, rooms: string[]}} answer */
  answered({ query, rooms }) {
    this.#found = { query, rooms };
    if (document.activeElement === this.#input) this.#refresh();
  }

  /** There is a connection, or there is more to ask: ask for what is typed, unless that is known. */
  askAgain() {
    const query = trimmed(this.#input.value);
    if (query !== this.#found.query && !flawOfRoomName(query)) this.#ask(query);
  }

  #typed() {
    this.#say("");
    this.#refresh();
    clearTimeout(this.#askTimer);
    this.#askTimer = setTimeout(() => this.askAgain(), ASK_MS);
  }

  #refresh() {
    const text = trimmed(this.#input.value);
    const wanted = folded(text);
    if (!text || flawOfRoomName(text)) return this.#show([]);
    const all = [...this.#names(), ...this.#found.rooms];
    const names = [...new Set(all)].filter((name) => folded(name).includes(wanted));
    const nearness = (name) =>
      Number(folded(name) !== wanted) + Number(!folded(name).startsWith(wanted));
    names.sort((one, other) => nearness(one) - nearness(other));
    const isThere = names.length > 0 && nearness(names[0]) === 0;
    const isNew = !isThere && this.#found.query === text;
    if (isThere) this.#say(this.#strings.room_there);
    if (isNew) this.#say(fill(this.#strings.room_new, { name: apart(text) }));
    this.#show(names.slice(0, CHOICES_MAX), isNew ? text : "");
  }

  #show(names, unknown = "") {
    this.#choices = unknown ? [...names, unknown] : names;
    const rows = names.map((name) => element("bdi", "", name));
    if (unknown)
      rows.push(element("span", "", fill(this.#strings.room_new, { name: apart(unknown) })));
    this.#list.replaceChildren(...rows.map(option));
    this.#list.hidden = rows.length === 0;
    this.#input.setAttribute("aria-expanded", String(rows.length > 0));
    this.#choose(this.#choosesFirst && rows.length ? 0 : -1);
  }

  #choose(index) {
    this.#chosen = index;
    for (const [at, row] of [...this.#list.children].entries())
      row.setAttribute("aria-selected", String(at === index));
    const row = this.#list.children[index];
    row?.scrollIntoView({ block: "nearest" });
    if (row) this.#input.setAttribute("aria-activedescendant", row.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #pressed(event) {
    if (isComposing(event)) {
      if (event.key === "Enter") event.preventDefault();
      return;
    }
    const { length } = this.#choices;
    if (!length) return;
    if (event.key === "ArrowDown") this.#choose((this.#chosen + 1) % length);
    else if (event.key === "ArrowUp")
      this.#choose((Math.max(this.#chosen, 0) + length - 1) % length);
    else if (event.key === "Escape") this.#show([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #go(name) {
    const flaw = flawOfRoomName(name);
    if (!flaw) return location.assign(pathOf(name));
    this.#say(this.#strings[flaw], true);
    this.#input.focus();
  }

  #say(words, isFlaw = false) {
    if (this.#hint.textContent !== words) this.#hint.textContent = words;
    this.#input.setAttribute("aria-invalid", String(isFlaw));
  }
}

function option(content, index) {
  const row = element("li", "");
  row.id = `room-option-${index}`;
  row.setAttribute("role", "option");
  row.append(content);
  return row;
}

/** As names are compared, as far as a browser can tell. */
function folded(name) {
  return name.normalize("NFKC").toLowerCase();
}

/** A name in a text, so that its direction stays its own. */
function apart(name) {
  return `\u2068${name}\u2069`;
}
